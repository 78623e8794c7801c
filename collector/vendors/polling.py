"""Asks the status feeds of vendors, each at its own pace, and keeps what they say.

A feed is context: whatever is wrong with one is said in its row and once in the log, and nothing else
follows. Little is written: a transaction when a page or the trouble with it changes, and otherwise one every
15 minutes a feed, so that a reader can tell how fresh it is.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import duckdb
import httpx

from analytics.db import DatabaseError, Location, transact
from analytics.rules.vendors import VendorPage
from analytics.vendor_queries import join_events
from collector.log import Logger
from collector.store_alerting import insert_events
from collector.store_vendors import forget_other_feeds, store_feed, store_page
from collector.vendors.feed import VendorFeed
from collector.vendors.fetching import Fetched, fetch_feed
from collector.vendors.statuspage import read_page

_SHORTEST_INTERVAL = timedelta(minutes=1)
_LONGEST_BACKOFF = timedelta(minutes=30)
#: A vendor may ask for more patience than that, but not for ever.
_LONGEST_RETRY_AFTER = timedelta(hours=6)
_WRITTEN_EVERY = timedelta(minutes=15)
#: Seconds within which the first requests are spread.
_SPREAD_SECONDS = 10.0
_JITTER = 0.1


@dataclass
class _Known:
    """What is known of one feed. `stored` is what its row was written from last, None before the first."""

    validators: Mapping[str, str] = field(default_factory=dict)
    page: VendorPage | None = None
    fault: str | None = None
    faults: int = 0
    retry_after: float | None = None
    read_at: datetime | None = None
    asked: bool = False
    stored: tuple[VendorPage | None, str | None] | None = None
    stored_at: datetime | None = None


class VendorPolling:
    """Polls `feeds` with `http` and writes to `location`.

    `now` is the wall clock, `sleep` waits seconds, `chance` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        location: Location,
        feeds: Sequence[VendorFeed],
        http: httpx.AsyncClient,
        log: Logger,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._location = location
        self._feeds = feeds
        self._http = http
        self._log = log
        self._now = now
        self._sleep = sleep
        self._chance = chance
        self._known = {feed.name: _Known() for feed in feeds}
        self._write_failed = False
        self._thread = ThreadPoolExecutor(1, "vendors")

    async def run(self) -> None:
        """Poll until cancelled; first, what feeds that are not configured any more reported is closed."""
        names = [feed.name for feed in self._feeds]
        try:
            await self._transact(lambda connection: forget_other_feeds(connection, names, self._now()))
            await asyncio.gather(*map(self._follow, self._feeds))
            await asyncio.Event().wait()  # without feeds there is nothing to follow
        finally:
            self._thread.shutdown(wait=False)

    def up(self) -> dict[str, bool]:
        """Whether the newest request to each feed was answered well; one that was not asked is missing."""
        return {name: known.fault is None for name, known in self._known.items() if known.asked}

    async def poll(self, feed: VendorFeed) -> float:
        """Ask `feed` once and keep what it says; how long to wait until the next time, in seconds."""
        known = self._known[feed.name]
        fetched = await fetch_feed(self._http, feed.url, known.validators, self._now())
        self._take_in(feed, known, fetched)
        await self._keep(feed, known)
        return self._pause(feed, known)

    async def _follow(self, feed: VendorFeed) -> None:
        await self._sleep(_SPREAD_SECONDS * self._chance())
        while True:
            try:
                pause = await self.poll(feed)
            except Exception as error:  # noqa: BLE001  one feed must not end the others
                self._log.error(
                    "vendor_poll_failed", vendor=feed.name, error=f"{type(error).__name__}: {error}"
                )
                pause = _LONGEST_BACKOFF.total_seconds()
            await self._sleep(pause)

    def _take_in(self, feed: VendorFeed, known: _Known, fetched: Fetched) -> None:
        now, before = self._now(), known.fault
        known.asked, known.retry_after = True, fetched.retry_after
        page: VendorPage | str | None = fetched.fault or known.page
        if fetched.body is not None:
            page = read_page(fetched.body, now)
        if isinstance(page, VendorPage):
            known.page, known.fault, known.faults, known.read_at = page, None, 0, now
            known.validators = fetched.validators or known.validators
        else:
            known.fault, known.faults = (
                page or "the feed says that nothing changed, though never read",
                known.faults + 1,
            )
            known.validators = {}
        if known.fault and not before:
            self._log.warning("vendor_feed_failing", vendor=feed.name, reason=known.fault)
        elif before and not known.fault:
            self._log.info("vendor_feed_read_again", vendor=feed.name)

    async def _keep(self, feed: VendorFeed, known: _Known) -> None:
        now, state = self._now(), (known.page, known.fault)
        fresh = known.stored_at is not None and now - known.stored_at < _WRITTEN_EVERY
        if fresh and known.stored == state:
            return
        services = sorted(map(str, feed.services))
        page, new_page = known.page, known.stored is None or known.stored[0] != known.page
        row = {
            "vendor": feed.name,
            "url": feed.url,
            "services": services,
            "checked_at": now,
            "read_at": known.read_at,
            "indicator": page.indicator if page else None,
            "description": page.description if page else None,
            "error": known.fault,
        }

        def work(connection: duckdb.DuckDBPyConnection) -> None:
            store_feed(connection, row)
            if page is not None and new_page:
                store_page(connection, feed.name, services, page, now)
            # Also of a page that is the same: our incidents heard nothing of it while it was not read.
            insert_events(connection, join_events(connection, now))

        if await self._transact(work):
            known.stored, known.stored_at = state, now

    async def _transact(self, work: Callable[[duckdb.DuckDBPyConnection], None]) -> bool:
        """Whether it was committed; one that has begun runs to its end, whoever is in a hurry."""
        loop = asyncio.get_running_loop()
        task = loop.run_in_executor(self._thread, transact, self._location, work)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise
        except Exception as error:  # noqa: BLE001  what cannot be written now is written with the next answer
            if not self._write_failed:
                known = isinstance(error, DatabaseError)
                reason = str(error) if known else f"{type(error).__name__}: {error}"
                self._log.warning("vendor_write_failed", reason=reason)
            self._write_failed = True
            return False
        self._write_failed = False
        return True

    def _pause(self, feed: VendorFeed, known: _Known) -> float:
        interval = max(feed.interval, _SHORTEST_INTERVAL)
        if known.faults:
            # The interval first: a feed that is asked rarely is not asked more often for being broken.
            interval = max(interval, min(interval * 2 ** min(known.faults, 10), _LONGEST_BACKOFF))
        seconds = interval.total_seconds() * (1 + _JITTER * (2 * self._chance() - 1))
        if known.retry_after is not None:
            seconds = max(seconds, min(known.retry_after, _LONGEST_RETRY_AFTER.total_seconds()))
        return max(seconds, _SHORTEST_INTERVAL.total_seconds())
