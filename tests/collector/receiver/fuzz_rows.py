"""Rows for `/ingest/…`: right ones, wrong ones, and bodies damaged, misencoded or packed strangely."""

import gzip
import random
import uuid
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tests.collector.receiver.fuzz_shots import OK, REFUSED, Promise, Shot, post
from tests.collector.receiver.fuzz_values import damaged, nasty, write

MEBIBYTE = 1024 * 1024
TABLES = {
    "/ingest/api-metrics": "api_metrics",
    "/ingest/webhook-metrics": "webhook_metrics",
    "/ingest/circuit-events": "circuit_events",
}
_TYPES = ("application/json", "application/x-ndjson", "application/json; charset=utf-8", "text/plain", None)
_STRANGE_TYPES = (
    *("", ";", "application/xml", "application/json;charset=utf-16", "application/json; charset="),
    *("x" * 5000, "multipart/form-data; boundary=x", "APPLICATION/JSON", "application/json, text/html"),
    *("a/b/c", "\u00e9/\u00fc", 'application/json; charset="utf-8"; charset=utf-7'),
    *("application/json\t;charset=UTF-8", "*/*", "json"),
)
_STRANGE_CODINGS = (
    *("br", "deflate", "gzip, gzip", "gzip, identity", "GZIP", " gzip ", "x-gzip", "", "identity", "zstd"),
    *(",", "gzip;q=1", "\u00e9", "gzip\t", "compress", "x" * 3000),
)
_STRANGE_BYTES = (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\0", b"\xef\xbb\xbf")


def api_row(rng: random.Random, origin: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": identifier(rng),
        "api_name": rng.choice(("shopify", "openai", "chatwoot")),
        "origin": origin,
        "method": rng.choice(("GET", "post")),
        "endpoint": rng.choice(("/orders/1234?token=abc", "/v1/chat", "/", "/a/{id}")),
        "status_code": rng.choice((200, 404, 500, None)),
        "response_time_ms": rng.choice((12, 12.7, None)),
    }
    more = {
        "timestamp": datetime.now(UTC).isoformat(),
        "error_message": "caf\u00e9 \u2615 said no",
        "retries": 2,
        "reason": "timeout",
        "quota_name": "requests",
        "quota_used": 0.5,
        "quota_limit": 40,
        "quota_reset_at": "2026-11-24T09:30:00+01:00",
    }
    return row | {name: value for name, value in more.items() if rng.random() < 0.4}


def delivery_row(rng: random.Random, origin: str) -> dict[str, Any]:
    row: dict[str, Any] = {"id": identifier(rng), "source": "shopify", "origin": origin}
    more = {"webhook_id": "b54557e4", "event_type": "orders/create", "verified": True, "processed": None}
    return row | {name: value for name, value in more.items() if rng.random() < 0.7}


def circuit_row(rng: random.Random, origin: str) -> dict[str, Any]:
    states = {"old_state": "closed", "new_state": "open"}
    return {"id": identifier(rng), "api_name": "openai", "origin": origin, "message": "5 failures", **states}


_ROWS: dict[str, Callable[[random.Random, str], dict[str, Any]]] = {
    "/ingest/api-metrics": api_row,
    "/ingest/webhook-metrics": delivery_row,
    "/ingest/circuit-events": circuit_row,
}


def identifier(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def some_rows(rng: random.Random, origin: str = "wrong") -> tuple[str, list[dict[str, Any]]]:
    """A path and rows for it; those that must all be found again have an `origin` that no others get."""
    target = rng.choice((*TABLES, "/ingest/api-metrics"))
    rows = [_ROWS[target](rng, origin) for _ in range(rng.choice((1, 1, 2, 5, 30)))]
    return target, rows


def body_of(rows: list[Any], rng: random.Random) -> bytes:
    """`rows` as an array, as NDJSON, or one alone as an object."""
    form = rng.randrange(3)
    if form == 0 or (form == 2 and len(rows) != 1):
        return rng.choice((b"", b"\xef\xbb\xbf", b" \r\n")) + write(rows, rng)
    lines = [write(row, rng).replace(b"\n", b" ") for row in rows]
    return rng.choice((b"\n", b"\r\n", b"\n\n")).join(lines) + rng.choice((b"", b"\n"))


def right_rows(rng: random.Random, number: int) -> Shot:
    target, rows = some_rows(rng, f"right-{number}")
    promise = Promise(TABLES[target], "origin", f"right-{number}", len(rows))
    sent = rows + rows[: rng.choice((0, 0, 1))]
    body, more = body_of(sent, rng), {}
    if rng.random() < 0.3:
        more = {"Content-Encoding": "gzip"}
        cut = rng.choice((0, 50))
        body = gzip.compress(body[:cut]) + gzip.compress(body[cut:])
    # The same rows sent once more are the same rows.
    request, again = post(target, body, rng.choice(_TYPES), more), rng.random() < 0.1
    answers, promises = (2, (promise, promise)) if again else (1, (promise,))
    return Shot("right rows", (request * answers,), OK, answers, False, False, TABLES[target], promises)


def wrong_fields(rng: random.Random, number: int) -> Shot:
    target, rows = some_rows(rng)
    mixed: list[Any] = list(rows)
    for _ in range(rng.randint(1, 3)):
        row = rng.choice(rows)
        change = rng.randrange(5)
        if change == 0:
            row.pop(rng.choice(list(row)), None)
        elif change == 1:
            row["".join(rng.choices("abc_\u00e9\x00 ", k=rng.choice((0, 5, 300))))] = nasty(rng)
        elif change == 2:
            mixed[rng.randrange(len(mixed))] = nasty(rng)
        else:
            row[rng.choice(list(row) or ["id"])] = nasty(rng)
    target += rng.choice(("", "", "?partial=true", "?partial=true&partial=false", "?partial=%ff"))
    return _rows_shot("wrong fields", target, body_of(mixed, rng), rng)


def damaged_rows(rng: random.Random, number: int) -> Shot:
    target, rows = some_rows(rng)
    body = damaged(body_of(rows, rng), rng)
    return _rows_shot("damaged rows", target + rng.choice(("", "?partial=true")), body, rng)


def misencoded_rows(rng: random.Random, number: int) -> Shot:
    target, rows = some_rows(rng)
    body = body_of(rows, rng)
    text = body.decode("utf-8-sig", "replace")
    coding = rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-7", "cp1252", "cp037", "utf-8"))
    body = text.encode(coding, "replace")
    for _ in range(rng.randint(0, 3)):
        at = rng.randint(0, len(body))
        body = body[:at] + rng.choice(_STRANGE_BYTES) + body[at:]
    return _rows_shot("misencoded rows", target, body, rng)


def strange_types(rng: random.Random, number: int) -> Shot:
    target, rows = some_rows(rng)
    more = {"Content-Encoding": rng.choice(_STRANGE_CODINGS)} if rng.random() < 0.6 else {}
    body = body_of(rows, rng)
    if rng.random() < 0.5:
        body = gzip.compress(body)
    request = post(target, body, rng.choice((*_STRANGE_TYPES, None, "application/json")), more)
    return Shot("strange types", (request,), table=TABLES[target])


def strange_gzip(rng: random.Random, number: int) -> Shot:
    target, rows = some_rows(rng)
    body = gzip.compress(body_of(rows, rng))
    kind = rng.randrange(9)
    if kind < 5:
        body = (
            body[: rng.randint(0, len(body))],
            body + rng.randbytes(rng.randint(1, 40)),
            damaged(body, rng),
            gzip.compress(body),
            b"\x1f\x8b\x08\x1c" + b"\0" * 6 + b"\xff\xff" + rng.randbytes(rng.randint(0, 2000)),
        )[kind]
    elif kind == 5:
        body = gzip.compress(b"") * rng.choice((1, 9000, 11_000)) + body
    elif kind == 6:
        body = zlib.compress(body_of(rows, rng))
    else:
        body = bomb(rng.choice((1, 1, 8) if rng.random() < 0.1 else (0,)))
    request = post(target, body, "application/json", {"Content-Encoding": "gzip"})
    allowed = REFUSED if kind > 6 else Shot("", ()).allowed
    return Shot("strange gzip", (request,), allowed, table=TABLES[target])


@lru_cache
def bomb(size: int) -> bytes:
    """gzip of 3 MiB of white space that never becomes rows, or of `size` times 1,250 MiB in 1.3 MB each."""
    if not size:
        return gzip.compress(b" " * (3 * MEBIBYTE) + b"[")
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    begin = packer.compress(b"[" * MEBIBYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush a block stands for itself. Nobody gets as far as the checksum, which is wrong.
    block = packer.compress(b"[" * MEBIBYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    return (begin + block * 1249 + packer.flush()) * size


def _rows_shot(family: str, target: str, body: bytes, rng: random.Random) -> Shot:
    more = {"Content-Encoding": "gzip"} if rng.random() < 0.1 else {}
    request = post(target, gzip.compress(body) if more else body, rng.choice(_TYPES), more)
    return Shot(family, (request,), table=TABLES[target.partition("?")[0]])
