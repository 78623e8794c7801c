"""What stands behind a redirect or an authentication may fail; what came before it has been processed."""

from collections.abc import AsyncGenerator, Generator
from typing import Any

import httpx
import pytest

from tests.collector.client.faces import Making, in_turn
from tests.collector.probes.http.server import answers, serving

MOVED = "/receipt"


@pytest.mark.parametrize("arguments", [{}, {"idempotent": False}])
@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_post_is_not_repeated_when_the_next_hop_cannot_be_reached(
    making: Making, refused_port: int, arguments: dict[str, Any], status: int
) -> None:
    moved = answers(status, location=f"http://127.0.0.1:{refused_port}{MOVED}")
    async with serving(moved) as server, making.client(follow_redirects=True) as client:
        with pytest.raises(httpx.ConnectError):
            await client.request("POST", server.url("/payments"), json={"amount": 1}, **arguments)
        assert len(server.requests) == 1
    assert (making.rows.call["endpoint"], making.rows.call["retries"]) == ("/payments", 0)


async def test_a_post_is_not_repeated_when_the_next_hop_answers_429(making: Making) -> None:
    behave = in_turn(answers(303, location=MOVED), answers(429))
    async with serving(behave) as server, making.client(follow_redirects=True) as client:
        assert (await client.request("POST", server.url(), content=b"x")).status_code == 429
        assert [request.method for request in server.requests] == ["POST", "GET"]


async def test_a_hook_that_raises_for_the_429_of_a_later_hop_changes_nothing(making: Making) -> None:
    def refuse(response: httpx.Response) -> None:
        if response.status_code == 429:
            response.raise_for_status()

    async def refuse_later(response: httpx.Response) -> None:
        refuse(response)

    hooks = {"response": [refuse if making.synchronous else refuse_later]}
    behave = in_turn(answers(303, location=MOVED), answers(429))
    async with (
        serving(behave) as server,
        making.client(follow_redirects=True, event_hooks=hooks) as client,
    ):
        with pytest.raises(httpx.HTTPStatusError):
            await client.request("POST", server.url(), content=b"x")
        assert len(server.requests) == 2


async def test_what_may_be_processed_twice_begins_again_at_its_first_hop(making: Making) -> None:
    behave = in_turn(answers(307, location=MOVED), answers(503), answers(200, "fine"))
    async with serving(behave) as server, making.client(follow_redirects=True) as client:
        response = await client.request("POST", server.url("/x"), content=b"x", idempotent=True)
        assert [request.path for request in server.requests] == ["/x", MOVED, "/x"]
    assert response.text == "fine"


class Renewing(httpx.Auth):
    """Asks for a token where nobody listens, after the first answer."""

    def __init__(self, url: str) -> None:
        self._url = url

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        yield request
        yield httpx.Request("POST", self._url)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        yield request
        yield httpx.Request("POST", self._url)


async def test_a_post_is_not_repeated_when_its_authentication_goes_on_and_fails(
    making: Making, refused_port: int
) -> None:
    auth = Renewing(f"http://127.0.0.1:{refused_port}/token")
    async with serving(answers(200)) as server, making.client(auth=auth) as client:
        with pytest.raises(httpx.ConnectError):
            await client.request("POST", server.url(), content=b"x")
        assert len(server.requests) == 1
