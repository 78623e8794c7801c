"""The rules in the recorder's transaction: what was seen and what follows is written whole or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from analytics.alerting import AlertPolicy, Route
from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.model import CheckResult, Reason, Severity, Status, Verdict
from analytics.rules.alerting import ActionRefused
from collector.alerting import Alerting, Connection, Setup
from collector.config import default_settings
from collector.incident_actions import IncidentActions
from collector.judging import Judge
from collector.recorder import Part, Recorder
from collector.store import Run
from tests.collector.receiver.receiving import Events
from tests.collector.scripted import Script, service
from tests.empty_database import empty_database

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SPEC = service("docs", Script())
SETUP = Setup(
    services={SPEC.key: SPEC},
    policy=AlertPolicy(default_settings()),
    routes=(
        Route("oncall", frozenset({Severity.CRITICAL})),
        Route("hook", frozenset(Severity)),
    ),
    runbook_base="https://github.com/you/repo/blob/main/runbooks/{page}.md",
)
#: How the service was found: its status, the reason, and the failures in a row.
FOUND = {"ok": (Status.HEALTHY, Reason.OK, 0), "down": (Status.DOWN, Reason.CONNECT, 3)}


class Killed(BaseException):
    """Ends the process where it stands, as far as the transaction can tell."""


class Breaking(Alerting):
    """Rules that do their work and then break off as `breaking` says; `looks` counts."""

    breaking: Callable[[], BaseException] | None = None
    looks = 0

    def look(
        self, connection: Connection, checks: Sequence[CheckResult], now: datetime, complete: bool
    ) -> int:
        self.looks += 1
        written = super().look(connection, checks, now, complete)
        if self.breaking is not None:
            raise self.breaking()
        return written


@dataclass
class Recording:
    """A recorder with rules over a database file, and a clock that goes on a minute a part."""

    location: Location
    alerting: Breaking = field(default_factory=lambda: Breaking(SETUP))
    events: Events = field(default_factory=Events)
    now: datetime = NOW
    woken: int = 0

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.location, Judge({}), self.events.logger(), self.alerting, self.wake)
        self.actions = IncidentActions(self.recorder, self.alerting, lambda: self.now)

    def wake(self) -> None:
        self.woken += 1

    async def see(self, found: str) -> None:
        """A cycle that finds the service so is over, and written if it can be."""
        self.now += timedelta(minutes=1)
        status, reason, failures = FOUND[found]
        check = CheckResult(SPEC.key, self.now, Verdict(status, reason, f"it is {found}"), failures)
        run = Run(
            uuid7(), uuid7(), 1, True, "test:1", "0", self.now, self.now, timedelta(minutes=1), 1, failures
        )
        await self.recorder.write(Part(run, [check]))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with read_only(self.location) as connection:
            return connection.execute(sql).fetchall()

    def counts(self) -> tuple[int, int, int]:
        """How many checks, incidents and messages the file holds."""
        tables = ("integration_health_checks", "integration_incidents", "notifications")
        ((*found,),) = self.rows(f"SELECT {', '.join(f'(SELECT count(*) FROM {table})' for table in tables)}")
        return (found[0], found[1], found[2])

    def incident(self) -> tuple[UUID, str]:
        ((identity, status),) = self.rows("SELECT id, status FROM integration_incidents")
        return identity, status

    def told(self, channel: str) -> list[str]:
        sql = "SELECT action FROM notifications WHERE channel = '{}' ORDER BY id"
        return [action for (action,) in self.rows(sql.format(channel))]

    def logged(self) -> list[str]:
        return [event["event"] for event in self.events]


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(empty_database(tmp_path))


async def test_a_service_that_goes_down_is_an_incident_and_a_message_to_each_channel(
    recording: Recording,
) -> None:
    await recording.see("ok")
    assert (recording.counts(), recording.woken) == ((1, 0, 0), 0)
    await recording.see("down")
    assert (recording.counts(), recording.woken) == ((2, 1, 2), 1)
    assert recording.incident()[1] == "open"
    assert (recording.told("oncall"), recording.told("hook")) == (["trigger"], ["trigger"])
    ((link,),) = recording.rows("SELECT DISTINCT payload->>'$.runbook' FROM notifications")
    assert link == "https://github.com/you/repo/blob/main/runbooks/connect.md"
    assert dict(recording.alerting.open_incidents) == {"critical": 1}
    assert recording.alerting.firing["service_down"] == 1
    for _ in range(2):
        await recording.see("ok")
    assert recording.incident()[1] == "resolved"
    assert recording.told("oncall") == ["trigger", "resolve"]
    assert dict(recording.alerting.open_incidents) == {}


async def test_a_transaction_that_is_killed_leaves_neither_check_nor_incident_nor_message(
    recording: Recording,
) -> None:
    await recording.see("ok")
    recording.alerting.breaking = Killed
    with pytest.raises(Killed):
        await recording.see("down")
    assert recording.alerting.looks == 2, "all was written that the transaction would have held"
    assert (recording.counts(), recording.woken) == ((1, 0, 0), 0)
    recording.alerting.breaking = None
    await recording.see("down")
    assert (recording.counts(), recording.woken) == ((3, 1, 2), 1)
    assert recording.told("oncall") == ["trigger"]


async def test_rules_that_break_off_lose_no_check_and_are_told_once(recording: Recording) -> None:
    recording.alerting.breaking = lambda: KeyError("a fault of ours")
    await recording.see("down")
    assert recording.counts() == (1, 0, 0)
    assert recording.alerting.failure == "KeyError: 'a fault of ours'"
    await recording.see("down")
    assert recording.counts() == (2, 0, 0)
    assert recording.logged() == ["alerting_failed"]
    assert recording.recorder.failure is None
    recording.alerting.breaking = lambda: ValueError("another one")
    await recording.see("down")
    assert recording.logged() == ["alerting_failed", "alerting_failed"], "another fault is news"
    recording.alerting.breaking = None
    await recording.see("down")
    assert recording.alerting.failure is None
    assert recording.counts() == (4, 1, 2)
    assert recording.woken == 1


async def test_somebody_who_looks_into_it_is_told_of_where_it_was_told(recording: Recording) -> None:
    await recording.see("down")
    identity, _ = recording.incident()
    await recording.actions.acknowledge(identity, "Mara", "on it")
    assert recording.incident() == (identity, "investigating")
    assert recording.told("oncall") == ["trigger", "acknowledge"]
    assert recording.woken == 2
    sql = "SELECT author, kind, message FROM incident_events WHERE author = 'Mara'"
    ((author, kind, message),) = recording.rows(sql)
    assert (author, kind) == ("Mara", "acknowledged")
    assert "on it" in message


async def test_what_cannot_be_acknowledged_changes_nothing(recording: Recording) -> None:
    await recording.see("down")
    with pytest.raises(ActionRefused):
        await recording.actions.acknowledge(uuid7(), "Mara", "")
    assert recording.incident()[1] == "open"
    assert recording.told("oncall") == ["trigger"]


async def test_at_a_start_what_is_not_monitored_any_more_is_over(recording: Recording) -> None:
    await recording.see("down")
    recording.now += timedelta(minutes=5)
    still = Alerting(SETUP)
    assert transact(recording.location, lambda work: still.begin(work, recording.now)) == 0
    assert recording.incident()[1] == "open"
    other = service("other", Script())
    gone = Alerting(Setup({other.key: other}, SETUP.policy, SETUP.routes))
    assert transact(recording.location, lambda work: gone.begin(work, recording.now)) == 2
    assert recording.incident()[1] == "resolved"
    assert recording.told("oncall") == ["trigger", "resolve"]
    assert recording.rows("SELECT count(*) FROM alerts") == [(0,)]
