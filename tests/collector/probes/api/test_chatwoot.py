"""The chatwoot probe against a server that answers as Chatwoot does, and does not."""

from typing import Any

import pytest

from analytics.model import Reason
from collector.probes.chatwoot import KIND, ChatwootOptions
from collector.probes.registry import KINDS
from tests.collector.probes.api.apis import (
    AGENT,
    CHATWOOT_TOKEN,
    PROFILE,
    STATUS,
    WELL,
    ask_chatwoot,
    last,
    silent,
)
from tests.collector.probes.http.ask import attempt
from tests.collector.probes.http.server import json_response, response, routes, serving

HINT = "`url` must be the address of the installation itself"
LOGIN = response(200, "<!DOCTYPE html><title>Login</title>", content_type="text/html; charset=utf-8")


def installation(**changed: Any) -> bytes:
    """What `/api` answers, but for what `changed` says."""
    told = {"version": "4.13.0", "timestamp": "x", "queue_services": "ok", "data_services": "ok"} | changed
    return json_response({name: value for name, value in told.items() if value is not None})


async def test_an_installation_that_is_well() -> None:
    found = await ask_chatwoot()
    assert found.finding.ok
    assert found.finding.message == (
        "Chatwoot 4.13.0 answers, queue and database are ok, and the access token is accepted"
    )
    details = found.finding.details
    assert (details["version"], details["queue_services"], details["data_services"]) == ("4.13.0", "ok", "ok")
    assert {"connect", "first_byte", "transfer"} <= details["steps_ms"].keys()


async def test_nobody_is_named_in_what_is_kept() -> None:
    found = await ask_chatwoot()
    assert "Ada" not in str(found)
    assert "ada@example.com" not in str(found)


async def test_both_calls_are_rows_and_the_slower_one_is_the_latency() -> None:
    found = await ask_chatwoot()
    assert [row["endpoint"] for row in found.calls] == [STATUS, PROFILE]
    assert {(row["api_name"], row["method"], row["status_code"]) for row in found.calls} == {
        ("chatwoot", "GET", 200)
    }
    assert found.finding.latency_ms < found.duration_ms
    assert found.finding.latency_ms >= max(row["response_time_ms"] for row in found.calls) - 1


async def test_the_token_is_sent_to_the_profile_alone() -> None:
    async with serving(routes({STATUS: WELL, PROFILE: AGENT})) as server:
        await attempt(KIND, {"url": server.url("/"), "access_token": CHATWOOT_TOKEN})
    assert [request.headers.get("api_access_token") for request in server.requests] == [None, CHATWOOT_TOKEN]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (
            installation(queue_services="failing"),
            "Chatwoot 4.13.0 answers, but says that the queue (Redis) fails",
        ),
        (installation(data_services="failing"), "Chatwoot 4.13.0 answers, but says that the database fails"),
        (
            installation(queue_services="failing", data_services="failing"),
            "Chatwoot 4.13.0 answers, but says that the queue (Redis) and the database fail",
        ),
    ],
)
async def test_a_part_that_fails_is_named_though_the_status_is_200(status: bytes, message: str) -> None:
    found = await ask_chatwoot(status)
    assert (found.finding.reason, found.finding.message) == (Reason.UNHEALTHY, message)
    assert len(found.calls) == 1
    assert last(found) == {
        "api_name": "chatwoot",
        "endpoint": STATUS,
        "method": "GET",
        "status_code": 200,
        "reason": "unhealthy",
    }


async def test_an_older_installation_tells_its_version_alone() -> None:
    found = await ask_chatwoot(installation(queue_services=None, data_services=None))
    assert found.finding.message == "Chatwoot 4.13.0 answers, and the access token is accepted"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token_is_alive(status: int) -> None:
    found = await ask_chatwoot(profile=json_response({"errors": ["no"]}, status))
    assert (found.finding.reason, found.finding.message) == (
        Reason.AUTH,
        f"Chatwoot answers, but refuses the access token ({status})",
    )
    assert found.finding.details["version"] == "4.13.0"
    assert [row["reason"] for row in found.calls] == [None, "auth"]


@pytest.mark.parametrize(
    ("status", "reason", "message"),
    [
        (
            LOGIN,
            Reason.PROTOCOL,
            f"the answer is not JSON but text/html; {HINT}",
        ),
        (
            json_response({"hello": "world"}),
            Reason.PROTOCOL,
            f"the answer is JSON, but not that of Chatwoot; {HINT}",
        ),
        (
            response(404),
            Reason.HTTP_4XX,
            f"answered 404 Not Found; {HINT}",
        ),
        (
            response(301, location="https://chat.example/api"),
            Reason.PROTOCOL,
            "answered 301: it has moved to https://chat.example/api",
        ),
        (response(502), Reason.HTTP_5XX, "answered 502 Bad Gateway"),
        (response(429), Reason.RATE_LIMITED, "answered 429 Too Many Requests"),
    ],
)
async def test_what_is_no_chatwoot_gets_no_token(status: bytes, reason: Reason, message: str) -> None:
    found = await ask_chatwoot(status)
    assert (found.finding.reason, found.finding.message) == (reason, message)
    assert [row["endpoint"] for row in found.calls] == [STATUS]
    assert last(found)["reason"] == reason


@pytest.mark.parametrize(
    ("profile", "reason", "message"),
    [
        (
            LOGIN,
            Reason.PROTOCOL,
            f"the answer is not JSON but text/html; {HINT}",
        ),
        (
            json_response({}),
            Reason.PROTOCOL,
            f"the answer is JSON, but no profile; {HINT}",
        ),
        (
            json_response({"error": "We are sorry"}, 500),
            Reason.HTTP_5XX,
            "the profile answered 500 Internal Server Error: We are sorry",
        ),
    ],
)
async def test_a_profile_that_is_none(profile: bytes, reason: Reason, message: str) -> None:
    found = await ask_chatwoot(profile=profile)
    assert (found.finding.reason, found.finding.message) == (reason, message)
    assert [row["reason"] for row in found.calls] == [None, reason]


async def test_a_profile_that_hangs_leaves_both_rows() -> None:
    found = await ask_chatwoot(profile=silent, timeout=1.0)
    assert found.finding.reason is Reason.TIMEOUT
    assert [(row["endpoint"], row["reason"]) for row in found.calls] == [(STATUS, None), (PROFILE, "timeout")]


def test_which_host_it_depends_on() -> None:
    options = ChatwootOptions(url="https://chat.example.com/?x=1", access_token="x")
    assert (options.host(), options.target()) == ("chat.example.com", "https://chat.example.com/")


def test_it_is_registered_with_its_limits() -> None:
    kind = KINDS["chatwoot"]
    assert (kind is KIND, kind.basis, kind.healthy_ms, kind.down_ms) == (True, "calls", 800, 2000)
