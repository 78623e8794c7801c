"""Makes each report when it is due, once, beside the running collector."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from schedule import CancelJob, Job, Scheduler

from analytics.db import DatabaseError, Location, read_only
from analytics.report_queries import monitored_since
from collector.log import Logger
from collector.reports.child import ReportFailed, make_in_child
from collector.reports.due import due
from collector.reports.periods import Period, ReportKind
from collector.reports.recording import record
from collector.reports.settings import ReportSettings
from collector.store_reports import newest_reports

#: How often a report is tried, and the pause before it is tried again.
_TRIES = 3
_AGAIN = timedelta(minutes=10)
#: The longest sleep: the clock of a machine may jump, after a suspension for example.
_LONGEST_SLEEP = 30.0

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Reports:
    """The reports of a running collector. `on_made` is called after each, when its letters are in the outbox.

    `channels` are the names of the email channels that take what is of severity info. `command` is
    `python -m collector report` with the flags of this collector but --db; `now` is the clock, in UTC.
    """

    def __init__(
        self,
        location: Location,
        settings: ReportSettings,
        channels: Sequence[str],
        command: Sequence[str],
        log: Logger,
        now: Callable[[], datetime],
        on_made: Callable[[], None] = lambda: None,
        again: timedelta = _AGAIN,
    ) -> None:
        self.on_made = on_made
        self._location = location
        self._settings = settings
        self._channels = tuple(channels)
        self._command = tuple(command)
        self._log = log
        self._now = now
        self._again = again
        self._failures: Counter[Period] = Counter()
        self._scheduler = Scheduler()
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        """Make what is due now, and from then on at the configured times, until cancelled."""
        self._plan()
        self._wanted.set()
        while True:
            self._scheduler.run_pending()
            if self._wanted.is_set():
                self._wanted.clear()
                await self._make_due()
            await asyncio.sleep(self._seconds_to_sleep())

    def _plan(self) -> None:
        """Tell the schedule when to look; what is due then is decided by `due`, not by the schedule."""
        zone = self._settings.timezone
        if self._settings.daily:
            self._at(self._scheduler.every().day, f"{self._settings.daily:%H:%M:%S}", zone)
        if self._settings.weekly:
            weekday, at = self._settings.weekly
            self._at(getattr(self._scheduler.every(), _WEEKDAYS[weekday]), f"{at:%H:%M:%S}", zone)

    def _at(self, job: Job, at: str, zone: str) -> None:
        job.at(at, zone).do(self._wanted.set)

    def _seconds_to_sleep(self) -> float:
        idle = self._scheduler.idle_seconds
        return _LONGEST_SLEEP if idle is None else min(max(idle, 0.0) + 0.05, _LONGEST_SLEEP)

    async def _make_due(self) -> None:
        try:
            periods = await asyncio.to_thread(self._due)
        except DatabaseError as error:
            self._log.warning("reports_not_looked_up", reason=str(error))
            self._look_again()
            return
        for period in periods:
            if self._failures[period] < _TRIES:
                await self._make(period)

    def _due(self) -> list[Period]:
        with read_only(self._location) as connection:
            made = {ReportKind(kind): end for kind, end in newest_reports(connection).items()}
            return due(self._settings, made, monitored_since(connection), self._now())

    async def _make(self, period: Period) -> None:
        try:
            made = await make_in_child(self._command, period, self._settings.folder, location=self._location)
            await asyncio.to_thread(record, self._location, made, self._channels, self._now())
        except (ReportFailed, DatabaseError) as error:
            self._failures[period] += 1
            tries = self._failures[period]
            again = tries < _TRIES
            self._log.warning(
                "report_failed", report=period.label, reason=str(error), tries=tries, tried_again=again
            )
            if again:
                self._look_again()
            return
        self._log.info("report_made", report=period.label, path=str(made.base), channels=len(self._channels))
        self.on_made()

    def _look_again(self) -> None:
        def once() -> type[CancelJob]:
            self._wanted.set()
            return CancelJob

        self._scheduler.every(max(1, round(self._again.total_seconds()))).seconds.do(once)
