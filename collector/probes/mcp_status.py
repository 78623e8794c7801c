"""What an HTTP answer that is no MCP answer means: status, redirect or content type as a reason. Pure."""

import http
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.model import Reason
from collector.probes.base import ProbeFailure
from collector.probes.http_url import shown_url
from collector.probes.mcp_errors import quoted

_JSON_RPC_TYPES = ("application/json", "text/event-stream")
_HINTS = {
    404: "; is the path of the url right?",
    405: '; an older server may need transport = "sse"',
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of one HTTP answer: its status and the headers that explain a refusal."""

    status: int
    content_type: str = ""
    location: str = ""
    wants: str = ""
    retry_after: str = ""

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str]) -> "Answer":
        """Take from an answer what is needed here. `headers` must ignore case."""
        return cls(
            status,
            headers.get("content-type", "").partition(";")[0].strip().lower(),
            headers.get("location", ""),
            headers.get("www-authenticate", ""),
            headers.get("retry-after", ""),
        )

    @property
    def refuses(self) -> bool:
        """Whether another request of the same check would be refused as well."""
        return self.status in (401, 403, 429)


def refused(answer: Answer, step: str, said: str) -> ProbeFailure | None:
    """`answer` to `step` as a failure; None when it may hold a JSON-RPC message.

    `said` is the JSON-RPC error the answer held, empty without one.
    """
    line = f"{answer.status} {_phrase(answer.status)}".strip()
    asked = "" if step == "connect" else f" to {step}"
    message = f"answered {line}{asked}" + (f": {quoted(said)}" if said else "")
    if answer.status in (401, 403):
        wants = f"; wants {quoted(answer.wants, 240)}" if answer.wants else ""
        return ProbeFailure(Reason.AUTH, message + wants, _kept(www_authenticate=answer.wants))
    if answer.status == 429:
        wait = f"; retry after {quoted(answer.retry_after, 40)}" if answer.retry_after else ""
        return ProbeFailure(Reason.RATE_LIMITED, message + wait, _kept(retry_after=answer.retry_after))
    if answer.status >= 500:
        return ProbeFailure(Reason.HTTP_5XX, message)
    if answer.status >= 400:
        return ProbeFailure(Reason.HTTP_4XX, message + ("" if said else _HINTS.get(answer.status, "")))
    if answer.status >= 300:
        where = f" to {quoted(shown_url(answer.location), 200)}" if answer.location else ""
        question = "which is not followed; is that the right url?"
        return ProbeFailure(Reason.PROTOCOL, f"{message}: redirects{where}, {question}")
    if answer.status == 202 or answer.content_type not in _JSON_RPC_TYPES:
        held = quoted(answer.content_type, 60) or "no content"
        return ProbeFailure(Reason.PROTOCOL, f"{message} with {held}, which is not MCP")
    return None


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


def _kept(**values: str) -> dict[str, Any]:
    return {name: quoted(value, 400) for name, value in values.items() if value}
