"""What a running collector does beside its cycles: it delivers, asks vendors, reports, beats and keeps."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any

import httpx

from analytics.alerting import ChannelHealth
from analytics.model import Severity, Status
from collector.alerting import Alerting
from collector.config import off_notes
from collector.cycle import Cycle, Summary
from collector.heartbeat import Heartbeat
from collector.keeping import Keeping
from collector.log import Logger
from collector.notify.deliver import Delivery
from collector.notify.registry import open_channels
from collector.probes.http_transport import probe_client
from collector.receiver.live_state import AlertFigures, DeliveryHealth
from collector.reports.scheduling import Reports
from collector.vendors.polling import VendorPolling
from collector.wiring import Setting, utc_now

#: The delivery looks at its outbox twice a minute at least.
_LONGEST_WITHOUT_ROUND = timedelta(minutes=2)
_NOT_SENT = "alerts cannot be sent"


@dataclass
class Duties:
    """The duties as the cycle and the receiver's routes see them."""

    cycle: Cycle
    delivery: Delivery
    vendors: VendorPolling
    heartbeat: Heartbeat
    reports: Reports | None
    keeping: Keeping
    log: Logger
    now: Callable[[], datetime] = utc_now
    _delivering_since: datetime | None = field(default=None, init=False)
    _failing_since: datetime | None = field(default=None, init=False)

    @asynccontextmanager
    async def lasting(self) -> AsyncIterator[None]:
        """Do what has no end for as long as the body runs; what is being sent then may still be sent."""
        loops = {
            "delivery": self.delivery.run,
            "vendors": self.vendors.run,
            "keeping": self.keeping.run,
        }
        if self.reports is not None:
            loops["reports"] = self.reports.run
        self._delivering_since = self.now()
        tasks = [asyncio.create_task(self._told(name, run)) for name, run in loops.items()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def deliver_once(self) -> None:
        """Send what waits, for a collector that ends now; what fails is tried by the next one.

        Raises a `DatabaseError`; then whoever waits for beats is told before.
        """
        try:
            await self.delivery.drain()
        except Exception:
            await self.heartbeat.beat(False, _NOT_SENT)
            raise
        finally:
            await self.heartbeat.settle()

    @property
    def alerting(self) -> Alerting:
        """The rules at work."""
        assert self.cycle.recorder.alerting is not None
        return self.cycle.recorder.alerting

    async def cycle_finished(self, summary: Summary) -> None:
        """Tell whoever waits for beats that a cycle is over, and what of the collector's own work failed."""
        statuses = [memory.status for memory in self.cycle.memory.values()]
        down = sum(status is Status.DOWN for status in statuses)
        problems = self._problems()
        said = "; ".join(problems) or f"{summary.services} services looked at, {down} down"
        await self.heartbeat.beat(not problems, said)

    def _problems(self) -> list[str]:
        """What fails, without details: those may name machines and paths, and go to somebody else's."""
        failing = {
            "the database cannot be written": self.cycle.recorder.failure is not None,
            "the alert rules cannot look at what is seen": self.alerting.failure is not None,
            _NOT_SENT: self.delivery_health().stopped,
        }
        return [problem for problem, holds in failing.items() if holds]

    async def _told(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """`run`, of which an end that nobody wanted is told."""
        try:
            await run()
            self.log.error("duty_ended", duty=name, error="it came to an end, and has none")
        except Exception as error:  # noqa: BLE001  one duty that fails must not end the others
            self.log.error("duty_ended", duty=name, error=f"{type(error).__name__}: {error}")

    def delivery_health(self) -> DeliveryHealth:
        """Which channels cannot be delivered to, and whether anything is delivered at all.

        It is not when the outbox was not looked at in two minutes, or was in trouble for as long.
        """
        health = self.delivery.health()
        channels = [
            ChannelHealth(name, health.waiting[name], health.failing.get(name), 0, 0, "")
            for name in health.waiting
        ]
        return DeliveryHealth(channels, self._stopped(health.round_at, health.failure is not None))

    def _stopped(self, round_at: datetime | None, failing: bool) -> bool:
        now = self.now()
        self._failing_since = (self._failing_since or now) if failing else None
        if self._delivering_since is None:
            return False
        # A first round that hangs has no time of its own.
        well_at = min(round_at or self._delivering_since, self._failing_since or now)
        return now - well_at > _LONGEST_WITHOUT_ROUND

    def alert_figures(self) -> AlertFigures:
        """What fires, what is open, and what became of messages."""
        return AlertFigures(self.alerting.firing, self.alerting.open_incidents, self.delivery.outcomes)


@asynccontextmanager
async def duties(setting: Setting, cycle: Cycle) -> AsyncIterator[Duties]:
    """The duties beside `cycle`, with the HTTP client they share open for as long as the body runs."""
    # Each request has a deadline of its own.
    others = httpx.AsyncClient(timeout=httpx.Timeout(None), cookies=_no_cookies())
    async with others as http, probe_client() as sending:
        made = _made(setting, cycle, http, sending)
        try:
            yield made
        finally:
            await made.heartbeat.close()


def _no_cookies() -> CookieJar:
    """Cookies of others would gather for as long as the collector runs."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def _made(setting: Setting, cycle: Cycle, http: httpx.AsyncClient, sending: httpx.AsyncClient) -> Duties:
    """`sending` is the client of the channels, which tells what step of a connection failed."""
    config, environment = setting.config, setting.environment
    channels, off = open_channels(config.channels, environment, sending, setting.redactor)
    for note in off_notes(config, environment):
        setting.log.warning("channel_off", reason=note)
    delivery = Delivery(setting.location, channels, setting.log, utc_now, off=frozenset(off))
    cycle.recorder.on_messages = delivery.wake
    on = {channel.name for channel in channels}
    return Duties(
        cycle=cycle,
        delivery=delivery,
        reports=_reports(setting, delivery, on),
        keeping=keeping(setting),
        log=setting.log,
        vendors=VendorPolling(setting.location, config.vendors, http, setting.log, utc_now),
        heartbeat=Heartbeat(config.heartbeat, environment, http, setting.log, utc_now, setting.redactor),
    )


def keeping(setting: Setting) -> Keeping:
    """What keeps the database of `setting` as small as its configuration wants it."""
    config = setting.config
    kept = timedelta(days=config.retention_days)
    return Keeping(setting.location, kept, config.rollup_months, setting.log, utc_now)


def _reports(setting: Setting, delivery: Delivery, on: set[str]) -> Reports | None:
    config = setting.config
    if config.reports is None:
        return None
    read_by = [
        spec.name
        for spec in config.channels
        if spec.kind == "email" and Severity.INFO in spec.severities and spec.name in on
    ]
    command = [sys.executable, "-m", "collector", "report", "--config", str(Path(config.path).absolute())]
    return Reports(
        setting.location, config.reports, read_by, command, setting.log, utc_now, on_made=delivery.wake
    )
