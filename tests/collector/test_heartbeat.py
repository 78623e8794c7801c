"""The heartbeat: what is sent where, that it never holds anything up, and that its address stays secret."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from collector.heartbeat import Heartbeat, HeartbeatSettings, HeartbeatState, fail_address
from tests.collector.probes.http import server as web
from tests.collector.receiver.receiving import Events, until

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
UUID = "0d338dcc-a054-11ec-b909-0242ac120002"


@dataclass
class Beating:
    """A heartbeat to a server on loopback."""

    heartbeat: Heartbeat
    server: web.Server
    events: Events


@asynccontextmanager
async def beating(behave: web.Behaviour, timeout: float = 5.0) -> AsyncIterator[Beating]:
    events = Events()
    async with web.serving(behave) as server, httpx.AsyncClient(verify=False, trust_env=False) as http:
        environment = {"PING": server.url(f"/{UUID}?create=1")}
        settings = HeartbeatSettings("${PING}", timedelta(seconds=timeout))
        heartbeat = Heartbeat(settings, environment, http, events.logger(), lambda: NOW)
        yield Beating(heartbeat, server, events)
        await heartbeat.close()


def events_of(beat: Beating) -> list[str]:
    return [event["event"] for event in beat.events]


async def test_a_good_cycle_is_a_post_to_the_address() -> None:
    async with beating(web.answers(200, "OK")) as beat:
        await beat.heartbeat.beat(True, "16 services, 2 down")
        await beat.heartbeat.settle()
        (request,) = beat.server.requests
        assert (request.method, request.path) == ("POST", f"/{UUID}?create=1")
        assert request.body.decode().startswith("16 services, 2 down\nversion ")
        assert beat.heartbeat.state() == HeartbeatState(True, NOW)
        assert beat.events == []


async def test_a_cycle_that_could_not_be_written_goes_to_fail_before_the_query() -> None:
    async with beating(web.answers(200, "OK")) as beat:
        await beat.heartbeat.beat(False, "the database cannot be written")
        await beat.heartbeat.settle()
        assert [request.path for request in beat.server.requests] == [f"/{UUID}/fail?create=1"]


@pytest.mark.parametrize(
    ("address", "failing"),
    [
        ("https://hc-ping.com/uuid", "https://hc-ping.com/uuid/fail"),
        ("https://hc-ping.com/uuid/", "https://hc-ping.com/uuid/fail"),
        ("https://h.example/key/slug?create=1&x=%2F", "https://h.example/key/slug/fail?create=1&x=%2F"),
        ("https://h.example/a%2Fb", "https://h.example/a%2Fb/fail"),
        ("https://h.example", "https://h.example/fail"),
    ],
)
def test_fail_stands_behind_the_path(address: str, failing: str) -> None:
    assert str(fail_address(httpx.URL(address))) == failing


async def test_failures_are_told_once_when_they_begin_and_once_when_they_end() -> None:
    answers = [200, 500, 503, 200, 200]

    async def behave(connection: web.Connection, _: web.Request) -> None:
        await connection.send(web.response(answers.pop(0), "hunter2"))

    async with beating(behave) as beat:
        for _ in range(5):
            await beat.heartbeat.beat(True, "well")
            await beat.heartbeat.settle()
        assert events_of(beat) == ["heartbeat_failing", "heartbeat_taken_again"]
        assert beat.events[0]["reason"] == "it answers HTTP 500"


async def test_an_address_that_nobody_has_is_a_failure_though_the_answer_is_200() -> None:
    async with beating(web.answers(200, "OK (not found)")) as beat:
        await beat.heartbeat.beat(True, "well")
        await beat.heartbeat.settle()
        assert beat.events[0]["reason"] == "it answers that there is no such check"
        assert beat.heartbeat.state() == HeartbeatState(False, None)


async def test_a_redirect_is_not_followed() -> None:
    async with beating(web.answers(302, location="http://127.0.0.1:1/")) as beat:
        await beat.heartbeat.beat(True, "well")
        await beat.heartbeat.settle()
        assert beat.events[0]["reason"] == "it answers HTTP 302"


async def test_a_silent_other_side_holds_up_nothing_and_gets_one_beat_at_a_time() -> None:
    async with beating(web.says_and_waits(b""), timeout=0.3) as beat:
        for number in range(5):
            await beat.heartbeat.beat(number % 2 == 0, f"beat {number}")
        await until(lambda: len(beat.server.requests) == 1)
        await beat.heartbeat.settle()
        # None was under way yet when all of them came.
        assert [request.body.split(b"\n")[0] for request in beat.server.requests] == [b"beat 4"]
        assert beat.events[0]["reason"] == "no answer within 0.3 s"


async def test_of_beats_that_come_while_one_is_under_way_the_newest_is_sent_after_it() -> None:
    may_answer = asyncio.Event()

    async def behave(connection: web.Connection, _: web.Request) -> None:
        await may_answer.wait()
        await connection.send(web.response(200, "OK"))

    async with beating(behave) as beat:
        await beat.heartbeat.beat(True, "one")
        await until(lambda: len(beat.server.requests) == 1)
        await beat.heartbeat.beat(True, "two")
        await beat.heartbeat.beat(False, "three")
        may_answer.set()
        await beat.heartbeat.settle()
        bodies = [request.body.split(b"\n")[0] for request in beat.server.requests]
        assert bodies == [b"one", b"three"]


@pytest.mark.parametrize(
    "behave",
    [
        web.says_and_resets(b""),
        web.says(b"garbage\r\n\r\n"),
        web.says(b""),
        web.answers(404, "not found"),
        web.answers(429, "slow down"),
    ],
)
async def test_whatever_goes_wrong_the_address_is_in_no_log(behave: web.Behaviour) -> None:
    async with beating(behave) as beat:
        await beat.heartbeat.beat(True, "well")
        await beat.heartbeat.settle()
        assert events_of(beat) == ["heartbeat_failing"]
        assert UUID not in repr(beat.events)
        assert UUID not in repr(HeartbeatSettings(f"https://hc-ping.com/{UUID}"))


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    async def behave(connection: web.Connection, _: web.Request) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            await connection.send(b"400\r\n" + b"x" * 1024 + b"\r\n")

    async with beating(behave) as beat:
        await beat.heartbeat.beat(True, "well")
        await beat.heartbeat.settle()
        assert beat.heartbeat.state() == HeartbeatState(True, NOW)


@pytest.mark.parametrize("settings", [None, HeartbeatSettings("${NOT_SET}"), HeartbeatSettings("no address")])
async def test_it_is_off_without_an_address(settings: HeartbeatSettings | None) -> None:
    events = Events()
    async with httpx.AsyncClient(verify=False, trust_env=False) as http:
        heartbeat = Heartbeat(settings, {}, http, events.logger(), lambda: NOW)
        await heartbeat.beat(True, "well")
        await heartbeat.settle()
        await heartbeat.close()
    assert (heartbeat.on, heartbeat.state()) == (False, None)
    assert [event["event"] for event in events] == ([] if settings is None else ["heartbeat_off"])


async def test_closing_gives_up_what_is_under_way() -> None:
    async with beating(web.says_and_waits(b""), timeout=60) as beat:
        await beat.heartbeat.beat(True, "well")
        await until(lambda: len(beat.server.requests) == 1)
        async with asyncio.timeout(2):
            await beat.heartbeat.close()
