"""Redirects: followed within the attempt, counted, and never with credentials to somebody else."""

import asyncio

import pytest

from analytics.model import Reason
from collector.probes.http import KIND
from tests.collector.probes.http.ask import attempt
from tests.collector.probes.http.server import Connection, Request, answers, response, routes, serving


def chain(length: int) -> dict[str, bytes]:
    """/0 → /1 → … → /length, which answers 200."""
    table = {f"/{step}": response(302, location=f"/{step + 1}") for step in range(length)}
    return table | {f"/{length}": response(200, "arrived")}


async def test_a_redirect_is_followed_and_counted() -> None:
    async with serving(routes(chain(5))) as server:
        found = await attempt(KIND, {"url": server.url("/0"), "expect_body": "arrived"})
    assert found.finding.ok
    assert found.finding.details["redirects"] == 5
    assert found.finding.details["final_url"] == server.url("/5")
    assert server.connections == 6


@pytest.mark.parametrize("table", [chain(6), {"/0": response(301, location="/0")}], ids=["long", "loop"])
async def test_more_than_five_redirects_end_the_attempt(table: dict[str, bytes]) -> None:
    async with serving(routes(table)) as server:
        finding = (await attempt(KIND, {"url": server.url("/0")})).finding
    assert (finding.reason, finding.message) == (Reason.PROTOCOL, "more than 5 redirects")
    assert server.connections == 6


async def test_a_redirect_is_an_answer_when_it_shall_not_be_followed() -> None:
    async with serving(routes(chain(1))) as server:
        options = {"url": server.url("/0"), "follow_redirects": False}
        unexpected = (await attempt(KIND, options)).finding
        expected = (await attempt(KIND, {**options, "expect_status": 302})).finding
    assert (unexpected.reason, unexpected.message) == (Reason.PROTOCOL, "answered 302 Found, expected 2xx")
    assert expected.ok
    assert "redirects" not in expected.details


async def test_a_post_is_never_sent_on() -> None:
    async with serving(routes(chain(1))) as server:
        finding = (await attempt(KIND, {"url": server.url("/0"), "method": "POST", "body": "x"})).finding
    assert finding.details["http_status"] == 302
    assert [request.path for request in server.requests] == ["/0"]


async def test_credentials_stay_with_the_origin_they_were_meant_for() -> None:
    headers = {"Authorization": "Bearer abc", "apikey": "abc", "X-Token": "abc", "Accept": "text/html"}
    async with serving(answers(200)) as other:
        table = {"/same": response(307, location="/away"), "/away": response(307, location=other.url("/x"))}
        async with serving(routes(table)) as server:
            found = await attempt(KIND, {"url": server.url("/same"), "headers": headers})
    assert found.finding.ok
    assert server.requests[1].headers["apikey"] == "abc"
    (elsewhere,) = other.requests
    assert "abc" not in str(elsewhere.headers)
    assert elsewhere.headers["accept"] == "text/html"
    assert elsewhere.headers["host"] == f"127.0.0.1:{other.port}"


async def test_a_cookie_lives_as_long_as_the_attempt() -> None:
    async def login(connection: Connection, request: Request) -> None:
        if "seen=1" in request.headers.get("cookie", ""):
            await connection.send(response(200))
        else:
            await connection.send(response(302, location="/", set_cookie="seen=1; Path=/"))

    async with serving(login) as server:
        for _ in range(2):
            assert (await attempt(KIND, {"url": server.url()})).finding.details["redirects"] == 1


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("ftp://example.com/file", "redirected to ftp:, which is not HTTP"),
        ("http://[::1", "the server redirected to an address that is no URL"),
    ],
)
async def test_a_redirect_to_nowhere_is_bad_http(location: str, message: str) -> None:
    async with serving(answers(302, location=location)) as server:
        finding = (await attempt(KIND, {"url": server.url()})).finding
    assert (finding.reason, finding.message) == (Reason.PROTOCOL, message)


async def test_the_body_of_a_redirect_is_not_waited_for() -> None:
    arrived = asyncio.Event()

    async def slow_redirect(connection: Connection, request: Request) -> None:
        if request.path == "/end":
            arrived.set()
            await connection.send(response(200))
        else:
            await connection.send(b"HTTP/1.1 302 Found\r\nlocation: /end\r\ncontent-length: 10\r\n\r\n")
            await arrived.wait()

    async with serving(slow_redirect) as server:
        assert (await attempt(KIND, {"url": server.url()})).finding.ok
