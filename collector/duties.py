"""What a running collector does beside its cycles: delivers messages, asks vendors, makes reports, beats."""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any

import httpx

from analytics.alerting import ChannelHealth
from analytics.model import Severity, Status
from collector.alerting import Alerting
from collector.cycle import Cycle, Summary
from collector.heartbeat import Heartbeat
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


@dataclass(frozen=True)
class Duties:
    """The duties as the cycle and the receiver's routes see them."""

    cycle: Cycle
    delivery: Delivery
    vendors: VendorPolling
    heartbeat: Heartbeat
    reports: Reports | None
    log: Logger

    @asynccontextmanager
    async def lasting(self) -> AsyncIterator[None]:
        """Do what has no end for as long as the body runs; what is being sent then may still be sent."""
        loops = {"delivery": self.delivery.run(), "vendors": self.vendors.run()}
        if self.reports is not None:
            loops["reports"] = self.reports.run()
        tasks = [asyncio.create_task(self._told(name, loop)) for name, loop in loops.items()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def deliver_once(self) -> None:
        """Send what waits, for a collector that ends now; what fails is tried by the next one."""
        await self.delivery.drain()
        await self.heartbeat.settle()

    @property
    def alerting(self) -> Alerting:
        """The rules at work."""
        assert self.cycle.recorder.alerting is not None
        return self.cycle.recorder.alerting

    async def cycle_finished(self, summary: Summary) -> None:
        """Tell whoever waits for beats that a cycle is over, and whether it was written."""
        failure = self.cycle.recorder.failure
        statuses = [memory.status for memory in self.cycle.memory.values()]
        down = sum(status is Status.DOWN for status in statuses)
        said = f"{summary.services} services looked at, {down} down"
        if failure is not None:
            said = "the database cannot be written"
        await self.heartbeat.beat(failure is None, said)

    async def _told(self, name: str, loop: Coroutine[Any, Any, None]) -> None:
        """`loop`, of which an end that nobody wanted is told."""
        try:
            await loop
        except Exception as error:  # noqa: BLE001  one duty that fails must not end the others
            self.log.error("duty_ended", duty=name, error=f"{type(error).__name__}: {error}")

    def delivery_health(self) -> DeliveryHealth:
        """Which channels cannot be delivered to, and whether anything is delivered at all."""
        health = self.delivery.health()
        stopped = health.round_at is not None and utc_now() - health.round_at > _LONGEST_WITHOUT_ROUND
        channels = [
            ChannelHealth(name, health.waiting[name], health.failing.get(name), 0, 0, "")
            for name in health.waiting
        ]
        return DeliveryHealth(channels, stopped or health.failure is not None)

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
    for name, variables in off.items():
        setting.log.warning("channel_off", channel=name, variables=", ".join(variables))
    delivery = Delivery(setting.location, channels, setting.log, utc_now)
    cycle.recorder.on_messages = delivery.wake
    on = {channel.name for channel in channels}
    return Duties(
        cycle=cycle,
        delivery=delivery,
        reports=_reports(setting, delivery, on),
        log=setting.log,
        vendors=VendorPolling(setting.location, config.vendors, http, setting.log, utc_now),
        heartbeat=Heartbeat(config.heartbeat, environment, http, setting.log, utc_now, setting.redactor),
    )


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
