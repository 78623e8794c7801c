"""What runs beside the cycles: what it tells whoever watches, and that it ends with the collector."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.alerting import Outgoing
from analytics.db import DatabaseError, FileLocation, read_only, transact
from collector.alerting import Alerting
from collector.commands.run import run_once
from collector.config import Config
from collector.cycle import Summary
from collector.duties import Duties, duties
from collector.intake import Intake
from collector.notify.deliver import Delivery
from collector.secrets import Redactor
from collector.store_outbox import insert_outgoing
from collector.vendors.polling import VendorPolling
from collector.wiring import Setting, alerting_setup, utc_now
from tests.collector.config import writing
from tests.collector.notify.messages import CRITICAL
from tests.collector.probes.http import server as web
from tests.collector.receiver.receiving import Events, until
from tests.collector.scripted import cycle_over
from tests.empty_database import empty_database

CHANNELS = """
[channels.hook]
kind = "webhook"
url = "${HOOK_URL}"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

[channels.mail]
kind = "email"
host = "${SMTP_HOST}"
from = "${SMTP_FROM}"
to = ["oncall@example.com"]

[heartbeat]
url = "${HEARTBEAT_URL}"
"""
SUMMARY = Summary(services=3, checks=3, failures=0, duration_ms=1.0)
PROBED = """
[collector]
canary = []

[[services]]
type = "infrastructure"
name = "shop"
probe = "http"
url = "{url}"
"""


@dataclass
class Place:
    """A collector's own: database, settings, log; and the server that hooks and beats go to."""

    location: FileLocation
    setting: Setting
    events: Events
    server: web.Server

    def message(self) -> None:
        transact(self.location, lambda work: insert_outgoing(work, [Outgoing("hook", CRITICAL)], utc_now()))

    def states(self) -> list[str]:
        with read_only(self.location) as connection:
            return [state for (state,) in connection.execute("SELECT state FROM notifications").fetchall()]

    def told(self, path: str) -> list[str]:
        """The first lines of the bodies that were sent to `path`."""
        found = [request for request in self.server.requests if request.path == path]
        return [request.body.decode().split("\n")[0] for request in found]

    def logged(self, event: str) -> list[Mapping[str, Any]]:
        return [one for one in self.events if one["event"] == event]


def setting_of(config: Config, location: FileLocation, environment: Mapping[str, str], log: Any) -> Setting:
    return Setting(config, location, environment, Redactor(), log, Intake(log))


@asynccontextmanager
async def place(folder: Path, behave: web.Behaviour | None = None) -> AsyncIterator[Place]:
    events = Events()
    location = empty_database(folder)
    async with web.serving(behave or web.answers(200, "OK")) as server:
        environment = {"HOOK_URL": server.url("/hook"), "HEARTBEAT_URL": server.url("/beat")}
        config = writing.written(folder, CHANNELS + writing.REDIS)
        setting = setting_of(config, location, environment, events.logger())
        yield Place(location, setting, events, server)


@asynccontextmanager
async def at_work(here: Place) -> AsyncIterator[Duties]:
    cycle = cycle_over([], here.location)
    cycle.recorder.alerting = Alerting(alerting_setup(here.setting))
    async with duties(here.setting, cycle) as work:
        yield work


async def test_a_good_cycle_is_a_good_beat(tmp_path: Path) -> None:
    async with place(tmp_path) as here, at_work(here) as work:
        await work.cycle_finished(SUMMARY)
        await work.heartbeat.settle()
        assert here.told("/beat") == ["3 services looked at, 0 down"]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("database", "the database cannot be written"),
        ("rules", "the alert rules cannot look at what is seen"),
        ("delivery", "alerts cannot be sent"),
        (
            "database rules delivery",
            "the database cannot be written; the alert rules cannot look at what is seen; "
            "alerts cannot be sent",
        ),
    ],
)
async def test_trouble_of_the_collector_is_a_bad_beat_without_details(
    broken: str, said: str, tmp_path: Path
) -> None:
    async with place(tmp_path) as here, at_work(here) as work:
        work.vendors = Endless(here)
        work.delivery = Hanging(here.location, [], here.setting.log, utc_now)
        async with work.lasting():
            if "database" in broken:
                work.cycle.recorder.failure = DatabaseError("hunter2")
            if "rules" in broken:
                work.alerting.failure = "KeyError: hunter2"
            if "delivery" in broken:
                work.now = lambda: utc_now() + timedelta(minutes=3)
            await work.cycle_finished(SUMMARY)
            await work.heartbeat.settle()
        assert here.told("/beat/fail") == [said]
        assert here.told("/beat") == []


class Endless(VendorPolling):
    """A duty that never ends by itself."""

    def __init__(self, here: Place) -> None:
        self._log = here.setting.log

    async def run(self) -> None:
        await asyncio.Event().wait()


class Hanging(Delivery):
    """Its first look at the outbox never comes back."""

    async def run(self) -> None:
        await asyncio.Event().wait()


class Broken(Endless):
    async def run(self) -> None:
        raise ValueError("what nobody foresaw")


class Short(Hanging):
    async def run(self) -> None:
        return


async def test_a_delivery_whose_first_round_hangs_has_stopped_after_two_minutes(tmp_path: Path) -> None:
    async with place(tmp_path) as here, at_work(here) as work:
        work.delivery = Hanging(here.location, [], here.setting.log, utc_now)
        begun = utc_now()
        work.now = lambda: begun
        assert not work.delivery_health().stopped
        async with work.lasting():
            work.now = lambda: begun + timedelta(minutes=2)
            assert not work.delivery_health().stopped
            work.now = lambda: begun + timedelta(minutes=2, seconds=1)
            assert work.delivery_health().stopped


async def test_a_single_cycle_that_takes_long_has_no_delivery_that_stopped(tmp_path: Path) -> None:
    async with place(tmp_path) as here, at_work(here) as work:
        work.now = lambda: utc_now() + timedelta(hours=1)
        assert not work.delivery_health().stopped


async def test_an_outbox_in_trouble_stops_delivery_after_two_minutes_and_not_for_good(tmp_path: Path) -> None:
    async with place(tmp_path) as here, at_work(here) as work:
        gone = here.location.path.rename(tmp_path / "elsewhere")
        async with work.lasting():
            await until(lambda: work.delivery.health().failure is not None)
            assert not work.delivery_health().stopped
            work.now = lambda: utc_now() + timedelta(minutes=3)
            assert work.delivery_health().stopped
            gone.rename(here.location.path)
            await until(lambda: work.delivery.health().failure is None)
            work.now = utc_now
            assert not work.delivery_health().stopped


async def test_channels_that_fail_are_named_with_what_waits(tmp_path: Path) -> None:
    async with place(tmp_path, web.answers(500)) as here, at_work(here) as work:
        here.message()
        assert [channel.failing_since for channel in work.delivery_health().channels] == [None]
        await work.delivery.deliver_due()
        (channel,) = work.delivery_health().channels
        assert (channel.channel, channel.waiting) == ("hook", 1)
        assert channel.failing_since is not None
        assert work.alert_figures().notifications == {("hook", "failed"): 1}


async def test_a_collector_that_ends_now_sends_what_waits_and_its_beat(tmp_path: Path) -> None:
    async with place(tmp_path) as here, at_work(here) as work:
        here.message()
        await work.cycle_finished(SUMMARY)
        await work.deliver_once()
        assert here.states() == ["delivered"]
        (hook,) = (request for request in here.server.requests if request.path == "/hook")
        assert json.loads(hook.body)["type"] == "alert.trigger"
        assert len(here.told("/beat")) == 1


async def test_what_cannot_be_sent_at_the_end_is_a_bad_beat(tmp_path: Path) -> None:
    async with place(tmp_path) as here, at_work(here) as work:
        here.location.path.unlink()
        with pytest.raises(DatabaseError):
            await work.deliver_once()
        assert here.told("/beat/fail") == ["alerts cannot be sent"]


async def test_a_single_run_that_could_not_be_written_tells_so_before_it_fails(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "health.duckdb")

    async def behave(connection: web.Connection, request: web.Request) -> None:
        if request.path == "/probed":
            location.path.unlink()
        await connection.send(web.response(200, "OK"))

    async with web.serving(behave) as server:
        text = PROBED.format(url=server.url("/probed")) + CHANNELS
        environment = {"HOOK_URL": server.url("/hook"), "HEARTBEAT_URL": server.url("/beat")}
        log = Events().logger()
        setting = setting_of(writing.written(tmp_path, text), location, environment, log)
        with pytest.raises(DatabaseError):
            await asyncio.to_thread(run_once, setting)
        beats = [request for request in server.requests if request.path.startswith("/beat")]
        assert [(beat.path, beat.body.split(b"\n")[0]) for beat in beats] == [
            ("/beat/fail", b"the database cannot be written")
        ]


async def test_the_duties_end_with_the_collector_and_what_is_being_sent_is_still_sent(tmp_path: Path) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def behave(connection: web.Connection, _: web.Request) -> None:
        asked.set()
        await may_answer.wait()
        await connection.send(web.response(200))

    async with place(tmp_path, behave) as here, at_work(here) as work:
        here.message()
        before = asyncio.all_tasks()
        async with work.lasting():
            async with asyncio.timeout(10):
                await asked.wait()
            asyncio.get_running_loop().call_later(0.1, may_answer.set)
        assert here.states() == ["delivered"]
        left = {task.get_coro().__qualname__ for task in asyncio.all_tasks() - before}
        assert left <= {"serving.<locals>.serve", "listening.<locals>.serve"}
        assert here.logged("duty_ended") == []


async def test_a_duty_that_ends_by_itself_is_told_and_ends_no_other(tmp_path: Path) -> None:
    async with place(tmp_path) as here, at_work(here) as work:
        here.message()
        work.vendors = Broken(here)
        async with work.lasting():
            await until(lambda: here.states() == ["delivered"])
        (line,) = here.logged("duty_ended")
        assert (line["duty"], line["error"]) == ("vendors", "ValueError: what nobody foresaw")


async def test_a_duty_that_returns_is_told_too(tmp_path: Path) -> None:
    async with place(tmp_path) as here, at_work(here) as work:
        work.delivery = Short(here.location, [], here.setting.log, utc_now)
        async with work.lasting():
            await until(lambda: here.logged("duty_ended") != [])
        (line,) = here.logged("duty_ended")
        assert (line["duty"], line["error"]) == ("delivery", "it came to an end, and has none")


async def test_a_channel_that_is_off_is_one_line_at_the_start(tmp_path: Path) -> None:
    async with place(tmp_path) as here, at_work(here):
        assert [line["reason"] for line in here.logged("channel_off")] == [
            "channel mail is off: SMTP_HOST and SMTP_FROM are not set"
        ]
