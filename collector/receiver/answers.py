"""Answers that say no, all of one form: `{"error": a word, "message": a sentence}`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

#: No answer of the receiver is a page, and none may be kept or taken for something else.
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def json_answer(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    """`content` as JSON."""
    return Response(orjson.dumps(content), status, {**_HEADERS, **(headers or {})}, "application/json")


def refusal(
    status: int, message: str, retry_after: float | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """A refusal; `retry_after` is in seconds and rounded up to whole ones."""
    word = HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")
    more = {} if retry_after is None else {"Retry-After": str(max(1, -int(-retry_after // 1)))}
    return json_answer(status, {"error": word, "message": message}, {**more, **(headers or {})})
