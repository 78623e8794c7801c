"""The heaviest requests anybody may make up: much work or memory for few bytes, or for all there may be."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass

from tests.collector.receiver.fuzz_rows import MEBIBYTE, bomb
from tests.collector.receiver.fuzz_shots import chunked, head, post
from tests.collector.receiver.fuzz_traces import PROTOBUF

_ROWS, _TRACES, _DELIVERIES = "/ingest/api-metrics", "/v1/traces", "/webhooks/standard"
_NDJSON = "application/x-ndjson"
_GZIP = {"Content-Encoding": "gzip"}
_FULL = 20 * MEBIBYTE


@dataclass(frozen=True)
class Heavy:
    """The same request, sent so many `times` at once."""

    what: str
    request: Callable[[], bytes]
    allowed: frozenset[int]
    times: int = 1


def _many_rows() -> bytes:
    return post(_ROWS, b'{"api_name":"heavy"}\n' * 30_000, _NDJSON)


def _long_messages() -> bytes:
    """Texts without any space, which patterns may have to go through again and again."""
    messages = [(f"Aa{number}" * 1000)[:2000] for number in range(1000)]
    rows = [json.dumps({"api_name": "heavy", "error_message": message}) for message in messages]
    return post(_ROWS, "\n".join(rows).encode(), _NDJSON)


def _unknown_columns() -> bytes:
    row = json.dumps({f"response_time_m{number:03}": number for number in range(20)}).encode()
    return post(_ROWS, b"\n".join([row] * 5000), _NDJSON)


def _empty_rows() -> bytes:
    return post(_ROWS, b"[" + b"{}," * (_FULL // 3 - 10) + b"{}]")


def _one_text() -> bytes:
    return post(_ROWS, b'["' + "\u00e9".encode() * (_FULL // 2 - 10) + b'"]')


def _many_keys() -> bytes:
    return post(_TRACES, b"{" + b",".join(b'"%d":{}' % number for number in range(1_490_000)) + b"}")


def _many_fields() -> bytes:
    return post(_TRACES, b"\x0a\x00" * (_FULL // 2), PROTOBUF)


def _many_members() -> bytes:
    return post(_ROWS, gzip.compress(b"") * 9900 + gzip.compress(b"[]"), more=_GZIP)


def _many_chunks() -> bytes:
    return head("POST", _DELIVERIES, [("Transfer-Encoding", "chunked")]) + chunked(
        b"x" * 100_000, [1] * 100_000
    )


HEAVY = (
    Heavy("30,000 rows", _many_rows, frozenset({200})),
    Heavy("20 times 30,000 rows", _many_rows, frozenset({200, 429}), 20),
    Heavy("1,000 messages without a space", _long_messages, frozenset({200})),
    Heavy("100,000 unknown columns", _unknown_columns, frozenset({422})),
    Heavy("7 million empty rows", _empty_rows, frozenset({413})),
    Heavy("one text of 20 MiB", _one_text, frozenset({400})),
    Heavy("1.5 million keys", _many_keys, frozenset({200, 413})),
    Heavy("10 million fields", _many_fields, frozenset({413})),
    Heavy("9,900 gzip members", _many_members, frozenset({200})),
    Heavy("100,000 chunks", _many_chunks, frozenset({401})),
    Heavy("gzip of 1,250 MiB", lambda: post(_ROWS, bomb(1), more=_GZIP), frozenset({413, 429}), 20),
    Heavy("5 MB without signature", lambda: post(_DELIVERIES, b" " * 5_000_000), frozenset({401, 503}), 20),
    Heavy("1 MB without token", lambda: post(_ROWS, b" " * 1_000_000, token=None), frozenset({401}), 100),
)
