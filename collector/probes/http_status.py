"""HTTP status codes: which are expected, and what an unexpected one means. Pure functions."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BeforeValidator

from analytics.model import Reason
from collector.secrets import REFERENCE

_PATTERN = re.compile(r"[1-5]([0-9]{2}|xx)")
_WRITE_IT = 'write 200, "2xx", or a list of them like [200, "3xx"]'


def _normal(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else [value]
    if not items:
        raise ValueError(f"is empty; {_WRITE_IT}")
    return tuple(_pattern(item) for item in items)


def _pattern(item: Any) -> str:
    text = str(item).lower() if isinstance(item, int | str) and not isinstance(item, bool) else ""
    if isinstance(item, str) and REFERENCE.search(item):
        return item
    if not _PATTERN.fullmatch(text):
        raise ValueError(f"holds {item!r}, which is no status code; {_WRITE_IT}")
    return text


#: Status codes as they stand in services.toml: 200, "2xx", or a list of both.
StatusCodes = Annotated[tuple[str, ...], BeforeValidator(_normal)]


def is_expected(status: int, expected: Sequence[str]) -> bool:
    """Whether `status` is one of `expected`, which holds codes ("204") and classes ("2xx")."""
    return str(status) in expected or f"{status // 100}xx" in expected


def judge_status(status: int, expected: Sequence[str] = ("2xx",)) -> tuple[Reason, str]:
    """The reason and the sentence for an answer with `status`; `Reason.OK` when it is expected."""
    said = f"answered {status}{_phrase(status)}"
    if is_expected(status, expected):
        return Reason.OK, said
    if status == HTTPStatus.UNAUTHORIZED:
        return Reason.AUTH, f"{said}: it answers, but wants other credentials"
    if status == HTTPStatus.FORBIDDEN:
        return Reason.AUTH, f"{said}: it answers, but these credentials may not do this"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Reason.RATE_LIMITED, said
    if 400 <= status < 500:
        return Reason.HTTP_4XX, said
    if 500 <= status < 600:
        return Reason.HTTP_5XX, said
    return Reason.PROTOCOL, f"{said}, expected {' or '.join(expected)}"


def status_details(status: int, headers: Mapping[str, str]) -> dict[str, Any]:
    """`http_status`, and `retry_after` as the server wrote it when it named a time."""
    details: dict[str, Any] = {"http_status": status}
    if "retry-after" in headers:
        details["retry_after"] = headers["retry-after"][:40]
    return details


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
