"""What a fuzzing sender sends, and what may come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

TOKEN = "fuzz-token-0123456789abcdef"
#: Nothing a sender does wrong may be answered with more than this.
_REFUSED = frozenset(range(400, 500))
OK = frozenset({200})
OK_OR_REFUSED = OK | _REFUSED
REFUSED = _REFUSED

BEARER = f"Bearer {TOKEN}"
Headers = Sequence[tuple[str | bytes, str | bytes]]


@dataclass(frozen=True)
class Promise:
    """What an answer of 200 promises: `table` holds `rows` rows whose `column` is `value`."""

    table: str
    column: str
    value: str
    rows: int


@dataclass(frozen=True)
class Shot:
    """Bytes on a connection, and what may come back.

    The parts are written one after another. `answers` is how many answers are waited for; 0 stands for a
    sender that hangs up after its last byte. What has to leave the connection in a strange state is `alone`
    on one. `table` is where rows of an answered shot are, and `promises` are kept by each 200 in turn.
    """

    family: str
    parts: tuple[bytes, ...]
    allowed: frozenset[int] = OK_OR_REFUSED
    answers: int = 1
    alone: bool = False
    is_head: bool = False
    table: str | None = None
    promises: tuple[Promise, ...] = field(default_factory=tuple)


def head(method: str, target: str | bytes, headers: Headers) -> bytes:
    """A request head as it is written, whatever the parts of it are."""
    lines = [b"%s %s HTTP/1.1" % (_bytes(method), _bytes(target)), b"Host: 127.0.0.1"]
    lines += [_bytes(name) + b": " + _bytes(value) for name, value in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def post(
    target: str,
    body: bytes,
    content_type: str | None = "application/json",
    more: Mapping[str, str] | None = None,
    token: str | None = BEARER,
) -> bytes:
    """A complete and honest POST request."""
    headers: list[tuple[str | bytes, str | bytes]] = [("Content-Length", str(len(body)))]
    if token is not None:
        headers.append(("Authorization", token))
    if content_type is not None:
        headers.append(("Content-Type", content_type))
    headers += list((more or {}).items())
    return head("POST", target, headers) + body


def get(target: str | bytes, method: str = "GET", more: Headers = ()) -> bytes:
    """A request without a body, by the bearer of the token."""
    return head(method, target, [("Authorization", BEARER), *more])


def chunked(body: bytes, sizes: Sequence[int]) -> bytes:
    """`body` in the chunked coding, in chunks of `sizes` and one of the rest."""
    chunks, at = [], 0
    for size in [*sizes, len(body)]:
        piece = body[at : at + size]
        at += len(piece)
        if piece:
            chunks.append(b"%x\r\n%s\r\n" % (len(piece), piece))
    return b"".join(chunks) + b"0\r\n\r\n"


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
