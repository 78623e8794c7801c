"""`POST /v1/traces` as a sender meets it."""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import orjson
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.applications import Starlette
from starlette.routing import Mount

from analytics.db import read_only
from collector.intake import Intake, IntakeFull, IntakeUnavailable
from collector.intake_commit import committing_to
from collector.log import configure
from collector.receiver.otlp_routes import TraceCounters
from collector.secrets import Redactor
from tests.collector.receiver.otlp_examples import (
    NOW,
    SECOND,
    as_json,
    as_protobuf,
    encoded_span,
    request,
)
from tests.collector.receiver.otlp_receiving import Receiving, receiving, traces_app
from tests.collector.scripted import database
from tests.servers.http_loopback import serve

PROTOBUF, JSON = "application/x-protobuf", "application/json"
ENCODERS = {PROTOBUF: as_protobuf, JSON: as_json}
BOTH = pytest.mark.parametrize("media_type", [PROTOBUF, JSON], ids=["protobuf", "json"])
HOSTS = {"api.openai.com": "openai"}


@pytest.fixture
def receiver() -> Iterator[Receiving]:
    with receiving(HOSTS, body_limit=100_000) as running:
        yield running


def post(receiver: Receiving, body: bytes, media_type: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(
        f"{receiver.url}/v1/traces", content=body, headers={"Content-Type": media_type, **named}, verify=False
    )


def status_of(answer: httpx.Response) -> tuple[int, str]:
    """Code and message of a `google.rpc.Status`, in the encoding of the answer."""
    if answer.headers["content-type"] == JSON:
        return answer.json()["code"], answer.json()["message"]
    assert answer.headers["content-type"] == PROTOBUF
    content = answer.content
    assert content[0] == 0x08
    assert content[2] == 0x12
    length, start = content[3], 4
    if length > 127:
        length, start = length & 127 | content[4] << 7, 5
    assert len(content) == start + length
    return content[1], content[start:].decode()


@BOTH
def test_spans_are_stored_and_answered_in_their_own_encoding(receiver, media_type) -> None:
    answer = post(receiver, ENCODERS[media_type](request(encoded_span())), media_type)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.content == (b"{}" if media_type == JSON else b"")
    (row,) = receiver.rows
    assert (row["api_name"], row["endpoint"], row["origin"]) == ("openai", "/v1/orders/{id}", "shop")
    assert receiver.intake.tables == ["api_metrics"]


@BOTH
def test_gzip_and_parameters_of_the_content_type_are_understood(receiver, media_type) -> None:
    body = gzip.compress(ENCODERS[media_type](request(encoded_span())))
    answer = post(receiver, body, media_type.upper() + "; charset=utf-8", Content_Encoding="gzip")
    assert (answer.status_code, len(receiver.rows)) == (200, 1)


@BOTH
def test_a_body_in_chunks_without_a_length_is_understood(receiver, media_type) -> None:
    body = ENCODERS[media_type](request(encoded_span()))
    pieces = (body[place : place + 7] for place in range(0, len(body), 7))
    answer = httpx.post(
        f"{receiver.url}/v1/traces", content=pieces, headers={"Content-Type": media_type}, verify=False
    )
    assert (answer.status_code, len(receiver.rows)) == (200, 1)


@BOTH
def test_what_is_sent_again_is_stored_once(receiver, media_type) -> None:
    body = ENCODERS[media_type](request(encoded_span()))
    assert [post(receiver, body, media_type).status_code for _ in range(3)] == [200] * 3
    assert len(receiver.rows) == 1


def test_both_encodings_of_a_span_are_one_row(receiver) -> None:
    for media_type, encode in ENCODERS.items():
        post(receiver, encode(request(encoded_span())), media_type)
    assert len(receiver.rows) == 1


@BOTH
def test_rejected_spans_are_told_as_a_partial_success(receiver, media_type) -> None:
    late = encoded_span(start_time_unix_nano=5, end_time_unix_nano=6)
    answer = post(receiver, ENCODERS[media_type](request(encoded_span(), late, late)), media_type)
    assert answer.status_code == 200
    said = (
        "2 spans were not taken; the first: span 1 started more than 30 days ago;"
        " are its times in nanoseconds since 1970?"
    )
    if media_type == JSON:
        assert answer.json() == {"partialSuccess": {"rejectedSpans": "2", "errorMessage": said}}
    else:
        partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
        assert (partial.rejected_spans, partial.error_message) == (2, said)
    assert len(receiver.rows) == 1


@BOTH
@pytest.mark.parametrize("body", [b"nonsense", b"{", b"\x0a\xff", b"[1]"])
def test_a_malformed_request_is_refused_for_good(receiver, media_type, body) -> None:
    answer = post(receiver, body, media_type)
    code, message = status_of(answer)
    assert (answer.status_code, code) == (400, 3)
    assert message
    assert "\n" not in message
    assert "retry-after" not in answer.headers


@BOTH
def test_nothing_of_a_request_that_breaks_off_is_stored(receiver, media_type) -> None:
    body = ENCODERS[media_type](request(encoded_span(), encoded_span(span_id=b"other678")))[:-9]
    assert post(receiver, body, media_type).status_code == 400
    assert receiver.rows == []


@BOTH
def test_a_request_that_is_too_large_is_refused_for_good(receiver, media_type) -> None:
    body = gzip.compress(ENCODERS[media_type](request(*[encoded_span()] * 1000)))
    answer = post(receiver, body, media_type, Content_Encoding="gzip")
    assert (answer.status_code, status_of(answer)[0]) == (413, 8)


@BOTH
def test_a_broken_gzip_is_refused_in_the_encoding_of_the_request(receiver, media_type) -> None:
    answer = post(receiver, b"no gzip", media_type, Content_Encoding="gzip")
    assert (answer.status_code, status_of(answer)[0]) == (400, 3)


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-ndjson", "", "application/grpc"])
def test_another_content_type_is_refused(receiver, media_type) -> None:
    answer = post(receiver, b"{}", media_type)
    code, message = status_of(answer)
    assert (answer.status_code, code) == (415, 3)
    assert (
        message
        == "traces come as application/x-protobuf or application/json; set Content-Type to one of them"
    )


@BOTH
@pytest.mark.parametrize(
    ("error", "status", "code", "again"),
    [
        (IntakeFull(2.2), 429, 8, "3"),
        (IntakeUnavailable("the database is busy"), 503, 14, "5"),
    ],
)
def test_a_sender_is_told_to_come_again(receiver, media_type, error, status, code, again) -> None:
    body = ENCODERS[media_type](request(encoded_span()))
    receiver.intake.errors.append(error)
    refused = post(receiver, body, media_type)
    assert (refused.status_code, refused.headers["retry-after"]) == (status, again)
    assert status_of(refused) == (code, str(error))
    assert post(receiver, body, media_type).status_code == 200
    assert (len(receiver.rows), receiver.counters.spans, receiver.counters.refused_requests) == (1, 1, 1)


def test_what_became_of_all_spans_is_counted(receiver) -> None:
    spans = [
        encoded_span(),
        encoded_span(kind=1),
        encoded_span({"http.request.method": "GET", "server.address": "elsewhere.example"}),
        encoded_span({"http.request.method": "GET", "server.address": "api.openai.com"}),
        encoded_span(end_time_unix_nano=1),
    ]
    redirect = {"http.request.method": "GET", "http.response.status_code": 302}
    spans.append(encoded_span(redirect | {"server.address": "api.openai.com"}))
    post(receiver, as_protobuf(request(*spans)), PROTOBUF)
    assert receiver.counters.outcomes() == {
        "call": 1,
        "other": 1,
        "unmapped": 1,
        "intermediate": 1,
        "aborted": 1,
        "rejected": 1,
    }
    assert (receiver.counters.requests, receiver.counters.spans) == (1, 6)


def test_a_request_without_calls_stores_nothing_and_is_fine(receiver) -> None:
    receiver.intake.errors.append(IntakeUnavailable("nobody asks"))
    assert post(receiver, b"", PROTOBUF).status_code == 200
    assert post(receiver, b"{}", JSON).status_code == 200


def test_the_token_comes_as_exporters_send_it() -> None:
    with receiving(HOSTS, token="of this test 123") as receiver:
        body = as_protobuf(request(encoded_span()))
        assert post(receiver, body, PROTOBUF).status_code == 401
        assert post(receiver, body, PROTOBUF, Authorization="Bearer of this test 123").status_code == 200


def test_large_requests_do_not_keep_small_ones_from_being_answered() -> None:
    with receiving(HOSTS) as receiver:
        many = [encoded_span(span_id=number.to_bytes(8, "big"), events=[]) for number in range(1, 5001)]
        large, small = as_json(request(*many)), as_protobuf(request(encoded_span()))

        async def both() -> list[int]:
            async with httpx.AsyncClient(verify=False) as client:
                url = f"{receiver.url}/v1/traces"
                sent = [client.post(url, content=large, headers={"Content-Type": JSON}, timeout=30)]
                sent += [
                    client.post(url, content=small, headers={"Content-Type": PROTOBUF}) for _ in range(20)
                ]
                return [answer.status_code for answer in await asyncio.gather(*sent)]

        assert asyncio.run(both()) == [200] * 21
        assert len(receiver.rows) == 5001


def test_a_span_is_a_row_of_the_database(tmp_path) -> None:
    location = database(tmp_path)
    intake = Intake(configure(Redactor()))

    @asynccontextmanager
    async def working(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(intake.run(committing_to(location)))
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    app = Starlette(routes=[Mount("/", traces_app(intake, HOSTS, TraceCounters()))], lifespan=working)
    with serve(app) as url:
        body = orjson.loads(as_json(request(encoded_span(), encoded_span(span_id=b"other678"))))
        for _ in range(2):
            assert httpx.post(f"{url}/v1/traces", json=body, verify=False).status_code == 200
    with read_only(location) as connection:
        stored = connection.execute(
            """SELECT api_name, endpoint, status_code, response_time_ms, origin, epoch_ns(timestamp)
               FROM api_metrics"""
        ).fetchall()
    started = (NOW - 2 * SECOND) // 1000 * 1000
    assert stored == [("openai", "/v1/orders/{id}", 200, 1000, "shop", started)] * 2
