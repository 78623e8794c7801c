"""What the http probe makes of an answer: status, body, redirects, and what it keeps of them."""

import gzip
import zlib
from typing import Any

import pytest
from pydantic import ValidationError

from analytics.model import Reason
from collector.probes.http import KIND, HttpOptions
from collector.probes.http_fetch import BODY_LIMIT
from tests.collector.probes.http.ask import attempt
from tests.collector.probes.http.server import (
    Connection,
    Request,
    answers,
    response,
    routes,
    says,
    serving,
)


@pytest.mark.parametrize(
    ("status", "reason", "message"),
    [
        (200, Reason.OK, "answered 200 OK"),
        (204, Reason.OK, "answered 204 No Content"),
        (299, Reason.OK, "answered 299"),
        (300, Reason.PROTOCOL, "answered 300 Multiple Choices, expected 2xx"),
        (400, Reason.HTTP_4XX, "answered 400 Bad Request"),
        (401, Reason.AUTH, "answered 401 Unauthorized: it answers, but wants other credentials"),
        (403, Reason.AUTH, "answered 403 Forbidden: it answers, but these credentials may not do this"),
        (404, Reason.HTTP_4XX, "answered 404 Not Found"),
        (429, Reason.RATE_LIMITED, "answered 429 Too Many Requests"),
        (500, Reason.HTTP_5XX, "answered 500 Internal Server Error"),
        (503, Reason.HTTP_5XX, "answered 503 Service Unavailable"),
        (540, Reason.HTTP_5XX, "answered 540"),
        (700, Reason.PROTOCOL, "answered 700, expected 2xx"),
    ],
)
async def test_a_status_has_its_reason(status: int, reason: Reason, message: str) -> None:
    async with serving(answers(status)) as server:
        finding = (await attempt(KIND, {"url": server.url()})).finding
    assert (finding.reason, finding.message) == (reason, message)
    assert finding.ok is (reason is Reason.OK)
    assert finding.details["http_status"] == status


@pytest.mark.parametrize(
    ("expected", "status", "ok"),
    [
        (200, 204, False),
        (204, 204, True),
        ("3xx", 301, True),
        ("5XX", 503, True),
        ([200, 404], 404, True),
        ([200, "4xx"], 403, True),
        ([200, "4xx"], 500, False),
        ("401", 401, True),
    ],
)
async def test_an_expected_status_is_good_whatever_it_is(expected: Any, status: int, ok: bool) -> None:
    async with serving(answers(status)) as server:
        found = await attempt(KIND, {"url": server.url(), "expect_status": expected})
    assert found.finding.ok is ok


@pytest.mark.parametrize("wrong", [600, 99, "2x", "200-299", [], [200, "abc"], True, 2.5, None, [None]])
def test_a_wrong_expect_status_says_what_to_write(wrong: Any) -> None:
    with pytest.raises(ValidationError, match=r'write 200, "2xx", or a list of them'):
        HttpOptions(url="http://a.example/", expect_status=wrong)


async def test_the_time_a_rate_limit_names_is_kept() -> None:
    async with serving(answers(429, retry_after="30")) as server:
        finding = (await attempt(KIND, {"url": server.url()})).finding
    assert finding.details["retry_after"] == "30"


async def test_method_headers_and_body_arrive() -> None:
    async with serving(answers(201)) as server:
        options = {
            "url": server.url("/orders?page=1"),
            "method": "POST",
            "headers": {"Authorization": "Bearer ${TOKEN}", "content-type": "application/json"},
            "body": '{"name": "${TOKEN}"}',
        }
        found = await attempt(KIND, options, environment={"TOKEN": "token-of-this-test"})
    assert found.finding.ok
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/orders?page=1")
    assert request.headers["authorization"] == "Bearer token-of-this-test"
    assert request.headers["content-type"] == "application/json"
    assert request.body == b'{"name": "token-of-this-test"}'
    assert request.headers["connection"] == "close"
    assert request.headers["user-agent"] == "integration-health-dashboard"


@pytest.mark.parametrize(
    ("body", "header", "expected", "ok"),
    [
        (b'{"status": "ok"}', "application/json", '"status": "ok"', True),
        (b'{"status": "bad"}', "application/json", '"status": "ok"', False),
        ("größer".encode(), "text/plain", "größer", True),
        ("größer".encode("latin-1"), "text/plain; charset=ISO-8859-1", "größer", True),
        ("größer".encode("utf-16"), 'text/plain; x=1; charset="utf-16"', "größer", True),
        (b"plain", "text/plain; charset=no-such-charset", "plain", True),
        (b"\xff\xfe plain", "text/plain", "plain", True),
    ],
)
async def test_expected_text_is_looked_for_in_the_body(
    body: bytes, header: str, expected: str, ok: bool
) -> None:
    async with serving(answers(200, body, content_type=header)) as server:
        finding = (await attempt(KIND, {"url": server.url(), "expect_body": expected})).finding
    assert finding.ok is ok
    if not ok:
        assert finding.reason is Reason.UNHEALTHY
        assert finding.message == "answered 200 OK, but the expected text is not in the body"


async def test_a_wrong_status_is_told_before_a_wrong_body() -> None:
    async with serving(answers(503, "sorry")) as server:
        finding = (await attempt(KIND, {"url": server.url(), "expect_body": "welcome"})).finding
    assert finding.reason is Reason.HTTP_5XX


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_compressed_without_being_asked_is_read(encoding: str) -> None:
    body = gzip.compress(b"all is well") if encoding == "gzip" else zlib.compress(b"all is well")
    async with serving(answers(200, body, content_encoding=encoding)) as server:
        found = await attempt(KIND, {"url": server.url(), "expect_body": "all is well"})
    assert found.finding.ok
    assert found.finding.details["body_bytes"] == len("all is well")
    assert server.requests[0].headers["accept-encoding"] == "identity"


async def test_a_body_that_lies_about_its_compression_is_bad_http() -> None:
    async with serving(answers(200, "no gzip", content_encoding="gzip")) as server:
        finding = (await attempt(KIND, {"url": server.url()})).finding
    assert (finding.reason, finding.message) == (Reason.PROTOCOL, "the body is not the gzip it says it is")


async def test_a_gzip_bomb_is_read_only_to_the_limit() -> None:
    bomb = gzip.compress(bytes(50 * 1024 * 1024), 9)
    async with serving(answers(200, bomb, content_encoding="gzip")) as server:
        finding = (await attempt(KIND, {"url": server.url()})).finding
    assert finding.ok
    assert finding.details["body_bytes"] == BODY_LIMIT
    assert finding.details["body_truncated"] is True


async def test_an_endless_body_is_read_only_to_the_limit() -> None:
    async def pour(connection: Connection, _request: Request) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await connection.send(b"x" * 65536)

    async with serving(pour) as server:
        finding = (await attempt(KIND, {"url": server.url(), "expect_body": "the end"})).finding
    assert finding.reason is Reason.UNHEALTHY
    assert finding.message.endswith(f"not in the first {BODY_LIMIT} bytes of the body")


async def test_a_body_of_exactly_the_limit_is_whole() -> None:
    async with serving(answers(200, bytes(BODY_LIMIT))) as server:
        details = (await attempt(KIND, {"url": server.url()})).finding.details
    assert details["body_bytes"] == BODY_LIMIT
    assert "body_truncated" not in details


async def test_a_chunked_body_is_put_together() -> None:
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nall \r\n4\r\nwell\r\n0\r\n\r\n"
    async with serving(says(chunked)) as server:
        found = await attempt(KIND, {"url": server.url(), "expect_body": "all well"})
    assert found.finding.ok


async def test_each_check_connects_anew_and_brings_no_cookie() -> None:
    async with serving(answers(200, set_cookie="visit=1; Path=/")) as server:
        for _ in range(3):
            assert (await attempt(KIND, {"url": server.url()})).finding.ok
    assert server.connections == 3
    assert all("cookie" not in request.headers for request in server.requests)


async def test_a_url_never_shows_what_it_carries() -> None:
    table = {"/a": response(302, location="/b?key=very-secret#part"), "/b": response(200)}
    async with serving(routes(table)) as server:
        url = f"http://user:very-secret@127.0.0.1:{server.port}/a?key=very-secret"
        found = await attempt(KIND, {"url": url})
    assert found.finding.details["final_url"] == server.url("/b")
    assert "very-secret" not in str(found)
    options = HttpOptions(url=url, headers={"apikey": "very-secret"}, body="very-secret")
    assert "very-secret" not in repr(options)
    assert options.target() == server.url("/a")
