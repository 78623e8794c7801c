"""One batch of rows over the wire to the collector, and what its answer means."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx

from collector.client.messages import error_message, sentence
from collector.client.retry import retry_after_seconds

Row = Mapping[str, Any]

#: Longer rows are not sent: a batch must stay below what the collector takes in one request.
MAX_ROW_BYTES = 16_000

_HOST = re.compile(r"[\w.:-]+")
_TIMEOUTS = {"connect": 2.0, "read": 10.0, "write": 5.0, "pool": 1.0}
_COME_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOST_OF_AN_ANSWER = 64_000
_RIGHT = "http://127.0.0.1:8600"
_NO_TOKEN = "the collector wants a token: set HEALTH_TOKEN to the collector's"  # noqa: S105  no token itself
_WRONG_TOKEN = "the collector refuses this token: compare HEALTH_TOKEN on both sides"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch.

    `again` says that it may be accepted later, after `retry_after` seconds when the collector named a time;
    `reached` whether there was an answer at all. Otherwise it is settled, and `refused` rows of it are lost.
    `broken`: the collector failed over it; `too_long`: it may take fewer rows. `problem` is one line for the
    log, empty when all went well.
    """

    again: bool = False
    reached: bool = True
    broken: bool = False
    too_long: bool = False
    retry_after: float | None = None
    refused: int = 0
    problem: str = ""


def encoded(row: Row) -> bytes | None:
    """`row` as one line of NDJSON; None for a row that cannot be one, or is too long."""
    try:
        line = json.dumps(row, default=_plain, allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, TypeError, RecursionError):
        return None
    return line if len(line) <= MAX_ROW_BYTES else None


def address(url: str, name: str) -> httpx.URL:
    """`url` as the address of a collector. Raises ValueError, which names `name` and shows no credential."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not _HOST.fullmatch(parsed.host):
        raise ValueError(f"{name} is {_fault(str(url))} would be right")
    return parsed.copy_with(query=None, fragment=None)


def _fault(url: str) -> str:
    """What is wrong with `url`, of which only scheme and host are shown, and what instead."""
    scheme, colon, rest = url.partition("://") if "://" in url else ("", "", url)
    host = re.split(r"[/?#\s]", rest, maxsplit=1)[0].rpartition("@")[2]
    shown = f'"{scheme[:20]}{colon}{host[:100]}"'
    if not colon:
        return f"{shown}, which lacks http://; {'http://' + host if _HOST.fullmatch(host) else _RIGHT}"
    if scheme.lower() not in ("http", "https"):
        return f"{shown}, which begins with neither http:// nor https://; {_RIGHT}"
    return f"{shown}, which is not the address of a collector; {_RIGHT}"


class Wire:
    """One long-lived connection to the collector; below httpx's client, so that nothing logs its requests,
    follows a redirect, or reads proxy settings.
    """

    def __init__(self, url: httpx.URL, token: str | None, origin: str) -> None:
        self._base = str(url).rstrip("/")
        self._headers = {
            "content-type": "application/x-ndjson",
            "user-agent": "integration-health-client",
            "x-health-origin": origin.encode("ascii", "replace").decode(),
            "x-health-process": f"{os.getpid()}-{os.urandom(4).hex()}",
        }
        if url.userinfo:
            self._base = str(url.copy_with(userinfo=b"")).rstrip("/")
        if token:
            self._headers["authorization"] = f"Bearer {token}"
        self._secrets = [token] if token else []
        self._transport = httpx.HTTPTransport(
            verify=url.scheme == "https",
            trust_env=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=60.0),
        )

    def post(self, path: str, lines: Sequence[bytes], dropped: int) -> Outcome:
        """Send `lines` to `/ingest/{path}`; `dropped` tells how many rows were lost so far. Never raises."""
        try:
            request = httpx.Request(
                "POST",
                f"{self._base}/ingest/{path}?partial=true",
                headers={**self._headers, "x-health-dropped": str(dropped)},
                content=b"\n".join(lines),
                extensions={"timeout": _TIMEOUTS},
            )
            response = self._transport.handle_request(request)
            try:
                return self._outcome(response, _beginning(response), len(lines))
            finally:
                response.close()
        except Exception as error:  # noqa: BLE001  whatever breaks here must not end the thread that reports
            problem = f"the collector cannot be reached: {error_message(error, self._secrets)}"
            return Outcome(again=True, reached=False, problem=problem)

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _outcome(self, response: httpx.Response, body: bytes, sent: int) -> Outcome:
        status = response.status_code
        if 200 <= status < 300:
            refused, why = _refused(body, sent)
            problem = f"the collector refused {refused} rows: {why}" if refused else ""
            return Outcome(refused=refused, problem=sentence(problem, self._secrets))
        if status == 401:
            return Outcome(refused=sent, problem=_WRONG_TOKEN if self._secrets else _NO_TOKEN)
        said = sentence(f"the collector answered {status}: {_text(body)}".rstrip(": "), self._secrets)
        if status in _COME_AGAIN:
            after = retry_after_seconds(response.headers, datetime.now(UTC))
            return Outcome(again=True, broken=status == 500, retry_after=after, problem=said)
        return Outcome(refused=sent, too_long=status == 413, problem=said)


def _beginning(response: httpx.Response) -> bytes:
    body = b""
    assert isinstance(response.stream, httpx.SyncByteStream)
    for part in response.stream:
        body += part
        if len(body) > _MOST_OF_AN_ANSWER:
            break
    return body[:_MOST_OF_AN_ANSWER]


def _refused(body: bytes, sent: int) -> tuple[int, str]:
    """How many rows the collector did not take, and why the first of them."""
    answer = _json(body)
    count = answer.get("refused")
    if not isinstance(count, int) or isinstance(count, bool) or count <= 0:
        return 0, ""
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return min(count, sent), f"{first.get('field', 'row')}: {first.get('reason', 'no reason given')}"


def _text(body: bytes) -> str:
    answer = _json(body)
    for name in ("message", "detail", "error"):
        if isinstance(answer.get(name), str):
            return str(answer[name])
    return ""


def _json(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)
