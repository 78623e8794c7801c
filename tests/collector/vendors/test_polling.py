"""Feeds are asked politely, whatever they answer is survived, and little is written."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from analytics.alerting import IncidentEvent
from analytics.db import Location, locate, read_only
from analytics.model import ServiceKey, ServiceType
from analytics.vendor_queries import vendor_notes
from collector.vendors.feed import VendorFeed
from collector.vendors.fetching import BODY_LIMIT, Fetched, fetch_feed
from collector.vendors.polling import VendorPolling
from tests.collector.probes.http import server as web
from tests.collector.receiver.receiving import Events, until
from tests.collector.vendors.pages import NOW, incident, page
from tests.collector.vendors.test_vendor_store import Store

OPENAI = ServiceKey(ServiceType.API, "openai")
PATH = "/api/v2/summary.json"


@dataclass
class Feed:
    """A feed on loopback that answers what `answer` holds, and a polling of it. Time stands still."""

    location: Location
    answer: bytes = b""
    behave: web.Behaviour | None = None
    now: datetime = NOW
    events: Events = field(default_factory=Events)
    slept: list[float] = field(default_factory=list)
    server: web.Server = field(init=False)
    polling: VendorPolling = field(init=False)
    feed: VendorFeed = field(init=False)

    async def serve(self, connection: web.Connection, request: web.Request) -> None:
        if self.behave is not None:
            await self.behave(connection, request)
        else:
            await connection.send(self.answer)

    async def poll(self) -> float:
        return await self.polling.poll(self.feed)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0 if len(self.slept) < 6 else 3600)

    def row(self) -> tuple[Any, ...]:
        with read_only(self.location) as connection:
            sql = "SELECT checked_at, read_at, indicator, error FROM vendor_feeds"
            return connection.execute(sql).fetchone() or ()

    def notes(self) -> dict[ServiceKey, str]:
        with read_only(self.location) as connection:
            return vendor_notes(connection, self.now)

    def logged(self) -> list[str]:
        return [event["event"] for event in self.events]


@asynccontextmanager
async def polled(
    location: Location, chance: Callable[[], float] = lambda: 0.5, **more: Any
) -> AsyncIterator[Feed]:
    feed = Feed(location, **more)
    async with (
        web.serving(feed.serve) as feed.server,
        httpx.AsyncClient(verify=False, trust_env=False) as http,
    ):
        feed.feed = VendorFeed("openai", feed.server.url(PATH), frozenset({OPENAI}))
        log = feed.events.logger()
        feed.polling = VendorPolling(location, [feed.feed], http, log, lambda: feed.now, feed.sleep, chance)
        yield feed


def ok(*incidents: Any, **headers: str) -> bytes:
    return web.response(200, page(*incidents), **headers)


async def test_a_page_is_read_kept_and_asked_for_again_only_if_it_changed(file_database: Location) -> None:
    async with polled(file_database, answer=ok(incident(), etag='W/"1"', last_modified="yesterday")) as feed:
        assert await feed.poll() == 120
        assert feed.row() == (NOW, NOW, "none", None)
        assert feed.notes() == {OPENAI: "OpenAI reports: Elevated errors since 08:41 UTC (investigating)"}
        feed.answer = web.response(304)
        assert await feed.poll() == 120
        first, second = feed.server.requests
        assert "if-none-match" not in first.headers
        assert second.headers["if-none-match"] == 'W/"1"'
        assert second.headers["if-modified-since"] == "yesterday"
        assert second.headers["user-agent"].startswith("integration-health-dashboard/")
        assert feed.polling.up() == {"openai": True}


async def test_an_unchanged_page_is_written_once_in_fifteen_minutes(file_database: Location) -> None:
    async with polled(file_database, answer=ok(incident(), etag="1")) as feed:
        await feed.poll()
        feed.answer = web.response(304)
        for minute in range(2, 15, 2):
            feed.now = NOW + timedelta(minutes=minute)
            await feed.poll()
        assert feed.row()[0] == NOW
        feed.now = NOW + timedelta(minutes=16)
        await feed.poll()
        assert feed.row()[:2] == (feed.now, feed.now)


async def test_what_vanishes_from_the_page_is_over_and_told_in_our_incident(file_database: Location) -> None:
    store = Store(file_database)
    store.open_incident()
    async with polled(file_database, answer=ok(incident())) as feed:
        await feed.poll()
        feed.now, feed.answer = NOW + timedelta(minutes=2), ok()
        await feed.poll()
        feed.now = NOW + timedelta(minutes=4)
        await feed.poll()
    with read_only(file_database) as connection:
        told = connection.execute("SELECT message FROM incident_events ORDER BY timestamp").fetchall()
    assert told == [
        ("OpenAI reports: Elevated errors since 08:41 UTC (investigating)",),
        ("OpenAI reports: Elevated errors since 08:41 UTC (resolved 12:02 UTC)",),
    ]


async def test_what_went_on_before_a_restart_and_is_gone_after_it_is_over(file_database: Location) -> None:
    async with polled(file_database, answer=ok(incident())) as feed:
        await feed.poll()
    async with polled(file_database, answer=ok(), now=NOW + timedelta(minutes=1)) as feed:
        await feed.poll()
        assert "(resolved 12:01 UTC)" in feed.notes()[OPENAI]


async def test_trouble_with_the_feed_is_a_row_and_a_line_and_ends_nothing(file_database: Location) -> None:
    async with polled(file_database, answer=ok(incident(), etag="1")) as feed:
        await feed.poll()
        feed.answer = web.response(500)
        pauses = [await feed.poll() for _ in range(6)]
        assert pauses == [240, 480, 960, 1800, 1800, 1800]
        assert feed.row() == (NOW, NOW, "none", "the feed answers HTTP 500")
        assert feed.notes(), "what was known is not forgotten"
        assert feed.polling.up() == {"openai": False}
        assert feed.logged() == ["vendor_feed_failing"]
        feed.answer = ok(incident())
        assert await feed.poll() == 120
        assert "if-none-match" not in feed.server.requests[-1].headers
        assert feed.row()[3] is None
        assert feed.logged() == ["vendor_feed_failing", "vendor_feed_read_again"]


@pytest.mark.parametrize(("asked", "waits"), [("600", 600), ("5", 240), ("999999", 21600), ("soon", 240)])
async def test_a_vendor_may_ask_for_patience(file_database: Location, asked: str, waits: float) -> None:
    async with polled(file_database, answer=web.response(429, retry_after=asked)) as feed:
        assert await feed.poll() == waits


async def test_pauses_are_spread_and_never_shorter_than_a_minute(file_database: Location) -> None:
    async with polled(file_database, answer=ok(), chance=lambda: 0.0) as feed:
        assert await feed.poll() == pytest.approx(108)
        feed.feed = VendorFeed("openai", feed.feed.url, feed.feed.services, timedelta(seconds=1))
        assert await feed.poll() == 60


def two_megabytes_zipped() -> bytes:
    return gzip.compress(b" " * (BODY_LIMIT + 1))


@pytest.mark.parametrize(
    ("behave", "fault"),
    [
        (web.answers(200, "<html>Sorry</html>"), "the answer is not JSON, but a web page"),
        (web.answers(200, b" " * (BODY_LIMIT + 1)), "the answer is larger than 2 MB"),
        (web.answers(200, two_megabytes_zipped(), content_encoding="gzip"), "the answer is larger than 2 MB"),
        (web.answers(200, b"nonsense", content_encoding="gzip"), "the answer is damaged gzip"),
        (web.answers(200, gzip.compress(page())[:-9], content_encoding="gzip"), "the answer is damaged gzip"),
        (web.answers(200, b"x", content_encoding="br"), "the answer is packed in a way nobody asked for"),
        (web.answers(304), "the feed says that nothing changed, though never read"),
        (
            web.answers(302, location="http://169.254.169.254/"),
            "the feed redirects to an address that is not https",
        ),
        (web.answers(302, location="ftp://127.0.0.1/"), "the feed redirects to an address that is not https"),
        (web.answers(302, location="/again"), "the feed redirects more than 3 times"),
        (web.answers(302, location="http://[::bad"), "the feed cannot be reached (RemoteProtocolError)"),
        (web.says(b"garbage\r\n\r\n"), "the feed cannot be reached (RemoteProtocolError)"),
        (web.says_and_resets(b""), "the feed cannot be reached (ReadError)"),
    ],
)
async def test_whatever_a_feed_answers_is_one_clear_line(
    file_database: Location, behave: web.Behaviour, fault: str
) -> None:
    async with polled(file_database, behave=behave) as feed:
        await feed.poll()
        assert feed.row() == (NOW, None, None, fault)
        assert feed.logged() == ["vendor_feed_failing"]


async def test_a_packed_page_and_one_behind_a_redirect_are_read(file_database: Location) -> None:
    packed = web.response(200, gzip.compress(page(incident())), content_encoding="gzip")
    table = {PATH: web.response(301, location="/new"), "/new": packed}
    async with polled(file_database, behave=web.routes(dict(table))) as feed:
        await feed.poll()
        assert OPENAI in feed.notes()


async def test_cookies_of_a_page_are_not_sent_back(file_database: Location) -> None:
    async with polled(file_database, answer=ok(set_cookie="who=you; Path=/")) as feed:
        await feed.poll()
        await feed.poll()
        assert [request.headers.get("cookie") for request in feed.server.requests] == [None, None]


async def test_a_feed_that_is_silent_is_given_up() -> None:
    async with (
        web.serving(web.says_and_waits(b"")) as server,
        httpx.AsyncClient(verify=False, trust_env=False) as http,
    ):
        assert await fetch_feed(http, server.url(), {}, NOW, 0.2) == Fetched(
            fault="no complete answer within 0.2 s"
        )


async def test_a_feed_that_cannot_be_reached_is_a_fault(unused_tcp_port: int) -> None:
    async with httpx.AsyncClient(verify=False, trust_env=False) as http:
        fetched = await fetch_feed(http, f"http://127.0.0.1:{unused_tcp_port}/", {}, NOW)
    assert fetched.fault.startswith("the feed cannot be reached")


async def test_a_page_out_there_must_not_send_us_to_this_machine() -> None:
    def behave(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "http://127.0.0.1:8600/"}, request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(behave)) as http:
        fetched = await fetch_feed(http, "https://status.example.com/", {}, NOW)
    assert fetched.fault == "the feed redirects to an address that is not https"


async def test_a_database_that_cannot_be_written_is_tried_again_with_the_next_answer(
    file_database: Location,
) -> None:
    async with polled(locate(str(file_database) + ".d/none.duckdb"), answer=ok(incident(), etag="1")) as feed:
        await feed.poll()
        await feed.poll()
        assert feed.logged() == ["vendor_write_failed"]
        feed.polling._location = file_database
        feed.answer = web.response(304)
        await feed.poll()
        feed.location = file_database
        assert OPENAI in feed.notes()


async def test_it_polls_until_it_is_cancelled_and_begins_at_different_moments(
    file_database: Location,
) -> None:
    async with polled(file_database, answer=ok(incident()), chance=lambda: 0.25) as feed:
        task = asyncio.create_task(feed.polling.run())
        await until(lambda: len(feed.slept) == 6)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        assert feed.slept[:2] == [2.5, pytest.approx(114)]
        assert len(feed.server.requests) == 5


async def test_without_feeds_what_is_left_of_them_is_closed(file_database: Location) -> None:
    Store(file_database).read()

    def feeds() -> int:
        with read_only(file_database) as connection:
            return len(connection.execute("SELECT vendor FROM vendor_feeds").fetchall())

    async with httpx.AsyncClient(verify=False) as http:
        polling = VendorPolling(file_database, [], http, Events().logger(), lambda: NOW)
        task = asyncio.create_task(polling.run())
        await until(lambda: feeds() == 0)
        assert not task.done(), "it has no end by itself"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_page_that_was_not_read_for_hours_is_told_once_it_is_read_again(
    file_database: Location,
) -> None:
    store = Store(file_database)
    async with polled(file_database, answer=ok(incident(), etag="1")) as feed:
        await feed.poll()
        feed.answer = web.response(500)
        feed.now += timedelta(hours=3)
        await feed.poll()
        store.open_incident(feed.now)
        assert store.join(feed.now) == []
        feed.answer = ok(incident(), etag="1")
        await feed.poll()
    with read_only(file_database) as connection:
        assert connection.execute("SELECT kind FROM incident_events").fetchall() == [("vendor",)]


async def test_news_and_the_page_are_one_transaction(file_database: Location) -> None:
    ours = Store(file_database).open_incident()
    async with polled(file_database, answer=ok(incident())) as feed:
        await feed.poll()
    with read_only(file_database) as connection:
        (row,) = connection.execute(
            "SELECT incident_id, kind, author, message FROM incident_events"
        ).fetchall()
    text = "OpenAI reports: Elevated errors since 08:41 UTC (investigating)"
    assert row == (ours, "vendor", IncidentEvent(ours, NOW, "vendor", text).author, text)
