"""HTTP that no client speaks: framing that lies, heads that are none, tokens that are wrong."""

import random

from tests.collector.receiver.fuzz_rows import TABLES, body_of, right_rows, some_rows
from tests.collector.receiver.fuzz_shots import (
    BEARER,
    OK,
    REFUSED,
    TOKEN,
    Headers,
    Promise,
    Shot,
    chunked,
    get,
    head,
    post,
)

_BEARER = ("Authorization", BEARER)
_JSON = ("Content-Type", "application/json")
_UNAUTHORIZED = frozenset({401})
_WRONG_LENGTHS = (*("-1", "+5", "1e3", "0x10", "9" * 20, "1" * 400, "", "5, 5", "5, 6", "\u0665", " "),)
_WRONG_CHUNKS = (
    *(b"xyz\r\n", b"-1\r\nabc\r\n", b"ffffffffffffffffffff\r\n", b"5\r\nabcdefgh\r\n0\r\n\r\n", b"\r\n\r\n"),
    *(b"5;" + b"x" * 70_000, b"3\nabc\n0\n\n", b"0x3\r\nabc\r\n0\r\n\r\n", b" 3\r\nabc\r\n0\r\n\r\n"),
    b"\0\r\n",
)
_NO_HEADS = (
    *(b"\r\n" * 10 + b"x", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    *(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"GET /metrics\r\n\r\n"),
    *(b"GET / HTTP/9.9\r\n\r\n", b"GET / http/1.1\r\n\r\n", b"\0" * 300, b"GET / HTTP/1.1\r\n\r\n"),
    *(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET  /  HTTP/1.1\r\n\r\n"),
    *(b"GET / HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n", b"GET / HTTP/1.1\r\nHo st: a\r\n\r\n"),
    *(b"\xff" * 99, b"GET / HTTP/1.1\nHost: a\n\n", b"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"),
    *(b"A" * 100_000, b"GET /" * 20_000, b"GET / HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n"),
    *(b"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", b"{}\r\n\r\n"),
)
_METHODS = (
    *("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "M-SEARCH"),
    "X" * 40,
)
_PATHS: tuple[str | bytes, ...] = (
    *("/healthz", "/metrics", "/", "/ingest", "/ingest/api-metrics/", "/ingest/nothing", "/v1/traces"),
    *("/v1/metrics", "//", "/../../etc/passwd", "/%2e%2e/%2e%2e", "/%00", "/%ff%fe", "/%", "/%zz", "*"),
    *("/metrics?" + "a=b&" * 500, "http://127.0.0.1/healthz", "http://evil.example/metrics"),
    *("/ingest/api-metrics%2f", "/healthz#x", "/healthz;x", b"/\xff\xfe", b"/\xc3\xa9", "/" + "a" * 30_000),
    *("/incidents/1/acknowledge", "/alert-rules", "/metrics/", "?"),
)
_ACCEPTS = (
    *("", "*/*", "application/openmetrics-text; version=1.0.0", "text/plain;q=0", "a" * 3000, ";;;,,,;q=x"),
    *("\u00e9", "application/openmetrics-text;version=99;escaping=dots", "text/plain; escaping=%01"),
    *(
        "text/plain;version=x",
        "application/openmetrics-text; version=1.x",
        "text/plain; version=x; escaping=y",
    ),
)
_TOKENS = (
    *("", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x"),
    *(f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN.upper()}", "Bearer " + "x" * 40_000, "Bearer \u00e9\u00fc"),
    *(f"Bearer {TOKEN}\u00e9", "Digest a=b", f"Bearer {TOKEN}, Bearer {TOKEN}", f"Bearer\u00a0{TOKEN}"),
    *(f'Bearer "{TOKEN}"', f"Bearer {TOKEN} {TOKEN}"),
)


def strange_framing(rng: random.Random, number: int) -> Shot:
    """Lengths that lie, chunks that are none. Where the receiver has to wait, the sender hangs up."""
    target, rows = some_rows(rng)
    body = body_of(rows, rng)
    length = [("Content-Length", str(len(body))), _BEARER, _JSON]
    kind = rng.randrange(8)
    if kind == 0:
        return _alone(
            TABLES[target], [head("POST", target, length), body[: rng.randint(0, len(body) - 1)]], answers=0
        )
    if kind == 1:
        wrong = [("Content-Length", rng.choice(_WRONG_LENGTHS)), _BEARER]
        return _alone(TABLES[target], [head("POST", target, wrong), body])
    if kind == 2:
        coding = rng.choice(("chunked", "identity", "gzip, chunked", "chunked, x"))
        both = [*length, ("Transfer-Encoding", coding)]
        return _alone(TABLES[target], [head("POST", target, both), b"0\r\n\r\n", body])
    if kind == 3:
        return _alone(TABLES[target], [_chunked_head(target), rng.choice(_WRONG_CHUNKS)], answers=0)
    if kind == 4:
        cut = chunked(body, [rng.randint(1, 50)])
        return _alone(TABLES[target], [_chunked_head(target), cut[: rng.randint(0, len(cut) - 1)]], answers=0)
    if kind == 5:
        twice = [("Content-Length", str(len(body))), ("Content-Length", str(len(body) + 1)), _BEARER]
        return _alone(TABLES[target], [head("POST", target, twice), body])
    if kind == 6:
        too_long = head("POST", target, [("Content-Length", str(2**40)), _BEARER, _JSON])
        return _alone(TABLES[target], [too_long, body], allowed=frozenset({413}))
    return _alone(TABLES[target], [head("POST", target, length), body, b"\r\n\r\n" + rng.randbytes(30)])


def strange_chunks(rng: random.Random, number: int) -> Shot:
    """Right rows in chunks of odd sizes, with extensions and trailers, as 1.0, or after `Expect`."""
    target, rows = some_rows(rng, f"right-{number}")
    body = body_of(rows, rng)
    promise = Promise(TABLES[target], "origin", f"right-{number}", len(rows))
    content = chunked(body, [rng.choice((1, 1, 2, 7, 100)) for _ in range(rng.randint(0, 40))])
    if rng.random() < 0.3:
        content = content.replace(b"\r\n", b";name=value\r\n", 1)
    if rng.random() < 0.3:
        content = content[:-2] + b"X-Trailer: yes\r\n\r\n"
    more: Headers = (("Expect", "100-continue"),) if rng.random() < 0.2 else ()
    pieces = (_chunked_head(target, more), *(content[at : at + 50] for at in range(0, len(content), 50)))
    return Shot("strange chunks", pieces, OK, table=TABLES[target], promises=(promise,))


def strange_heads(rng: random.Random, number: int) -> Shot:
    kind = rng.randrange(4)
    if kind == 0:
        return _alone(None, [rng.choice(_NO_HEADS)], answers=0)
    if kind == 1:
        return _alone(
            None, [get("/metrics", more=[(f"X-{n}", "y" * 80) for n in range(rng.choice((900, 5000)))])]
        )
    if kind == 2:
        junk = bytes(rng.randrange(33, 256) for _ in range(rng.randint(1, 60)))
        return _alone(None, [get(rng.choice(_PATHS), more=[(junk, junk), ("X-Health-Dropped", "9" * 30)])])
    upgrade = [("Connection", "Upgrade"), ("Upgrade", rng.choice(("websocket", "h2c", "TLS/1.0"))), _JSON]
    return _alone(None, [get(rng.choice(("/healthz", "/ingest/api-metrics")), "GET", upgrade)])


def strange_addresses(rng: random.Random, number: int) -> Shot:
    method, target = rng.choice(_METHODS), rng.choice(_PATHS)
    told = ("X-Health-Dropped", rng.choice(("7", "-1", "\u00b2", "x"))), ("X-Health-Origin", "p\u00e9" * 60)
    request = get(target, method, [("Accept", rng.choice(_ACCEPTS)), *told])
    return _alone(None, [request], is_head=method == "HEAD")


def readings(rng: random.Random, number: int) -> Shot:
    target = rng.choice(("/healthz", "/metrics"))
    return Shot("readings", (get(target, more=[("Accept", rng.choice(_ACCEPTS))]),), OK)


def strange_tokens(rng: random.Random, number: int) -> Shot:
    target = rng.choice((*TABLES, "/v1/traces", "/nothing"))
    token = rng.choice((*_TOKENS, None))
    return Shot("strange tokens", (post(target, b"[]", token=token),), _UNAUTHORIZED | {400, 431})


def pipelined(rng: random.Random, number: int) -> Shot:
    """Several requests at once; each is answered, in its order."""
    rows = right_rows(rng, number)
    requests = b"".join((get("/healthz"), *rows.parts, post("/nothing", b"x")))
    return Shot("pipelined", (requests,), OK | REFUSED, rows.answers + 2, table=rows.table)


def _chunked_head(target: str, more: Headers = ()) -> bytes:
    return head("POST", target, [("Transfer-Encoding", "chunked"), _BEARER, _JSON, *more])


def _alone(
    table: str | None,
    parts: list[bytes],
    answers: int = 1,
    allowed: frozenset[int] = OK | REFUSED,
    is_head: bool = False,
) -> Shot:
    return Shot("strange HTTP", tuple(parts), allowed, answers, alone=True, is_head=is_head, table=table)
