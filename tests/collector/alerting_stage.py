"""A stage for the alert rules: the shipped settings, the real judge, rules and store, a real database file.

Time is simulated. What a cycle would have found is put in; what stands in the file afterwards counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from analytics.alerting import Action, Message, Route
from analytics.ids import uuid7
from analytics.model import CheckResult, Reason, ServiceKey, ServiceType, Severity, Status, Verdict
from collector.alerting import Alerting, Setup
from collector.config import Config, load
from collector.judging import Judge, Look
from collector.notify.base import Outcome, Receipt
from collector.notify.outcome import settlement
from collector.notify.round import lanes_of, next_of
from collector.probes.base import ServiceSpec
from collector.store import Run, insert_run
from collector.store_outbox import Settlement, settle, waiting
from collector.store_traffic import insert_new
from tests.empty_database import empty_database

T = TypeVar("T")

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
#: A Monday.
START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ROUTES = (
    Route("oncall", frozenset({Severity.CRITICAL})),
    Route("team", frozenset({Severity.WARNING})),
    Route("mail", frozenset({Severity.INFO})),
)

#: How a probed service was found: its status, the reason, and the failures in a row.
FOUND = {
    "ok": (Status.HEALTHY, Reason.OK, 0),
    "slow": (Status.DEGRADED, Reason.SLOW, 0),
    "failing": (Status.DEGRADED, Reason.CONNECT, 1),
    "down": (Status.DOWN, Reason.CONNECT, 3),
    "unknown": (Status.UNKNOWN, Reason.COLLECTOR_OFFLINE, 0),
    "unset": (Status.UNKNOWN, Reason.MISSING_CREDENTIALS, 0),
}


@cache
def shipped() -> Config:
    """The configuration that is shipped."""
    return load(Path(__file__).parents[2] / "services.toml")


def key(text: str) -> ServiceKey:
    """The service of "type/name"."""
    kind, name = text.split("/")
    return ServiceKey(ServiceType(kind), name)


@dataclass(frozen=True)
class Ear:
    """A channel of which only matters whether a machine listens."""

    name: str
    kind: str = "webhook"
    for_machines: bool = True

    def takes(self, message: Message) -> bool:
        """Everything."""
        return True


@dataclass
class Stage:
    """`services` are names of shipped services. `now` is the time of day, `minute` what has passed."""

    folder: Path
    services: Sequence[str]
    depends_on: Mapping[str, Sequence[str]] = field(default_factory=dict)
    alone: bool = False
    now: datetime = START

    def __post_init__(self) -> None:
        known = {spec.key: spec for spec in shipped().services}
        specs: dict[ServiceKey, ServiceSpec] = {
            key(name): replace(
                known[key(name)],
                interval=MINUTE,
                depends_on=tuple(key(other) for other in self.depends_on.get(name, ())),
            )
            for name in self.services
        }
        self.setup = Setup(specs, shipped().alerts, ROUTES, alone=self.alone)
        self.connection = duckdb.connect(str(empty_database(self.folder).path))
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("SET checkpoint_threshold = '1GB'")
        self.connection.execute("SET threads = 1")
        self.restart()

    def close(self) -> None:
        """Leave the file."""
        self.connection.close()

    def restart(self, setup: Setup | None = None) -> None:
        """A collector that knows nothing but the file, and begins."""
        self.setup = setup or self.setup
        self.alerting, self.judge = Alerting(self.setup), Judge({})
        self.transact(lambda connection: self.alerting.begin(connection, self.now))

    def without(self, name: str) -> Setup:
        """The configuration with one service less."""
        services = {known: spec for known, spec in self.setup.services.items() if known != key(name)}
        return replace(self.setup, services=services)

    def transact(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """`work` in one transaction."""
        self.connection.execute("BEGIN")
        try:
            result = work(self.connection)
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        return result

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """What stands in the file."""
        return self.connection.execute(sql).fetchall()

    def probed(self, name: str, found: str, ago: timedelta = timedelta(0)) -> CheckResult:
        """A check of a probed service."""
        status, reason, in_row = FOUND[found]
        milliseconds = self.setup.services[key(name)].policy.healthy_ms + 500 if found == "slow" else 20.0
        verdict = Verdict(status, reason, f"found {found}", True, None, milliseconds)
        return CheckResult(key(name), self.now - ago, verdict, error_count=in_row)

    def part(
        self, checks: Sequence[CheckResult] = (), traffic: Sequence[str] = (), complete: bool = True
    ) -> None:
        """A part of a cycle: `checks` of probes, and a look at the traffic of the services of these names."""
        looks = [Look(self.setup.services[key(name)]) for name in traffic]

        def work(connection: duckdb.DuckDBPyConnection) -> None:
            judged = self.judge.verdicts(connection, looks, self.now)
            both = [*checks, *judged]
            times = (self.now, self.now, MINUTE)
            insert_run(
                connection, Run(uuid7(), uuid7(), 1, complete, "stage", "0", *times, len(both), 0), both
            )
            self.alerting.look(connection, both, self.now, complete)

        self.transact(work)

    def cycle(self, **found: str) -> None:
        """A minute passes, and a cycle finds the probed services of these names so."""
        self.now += MINUTE
        names = {name.partition("/")[2]: name for name in self.services}
        self.part([self.probed(names[short], how) for short, how in found.items()])

    def record(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put calls or deliveries into the file."""
        self.transact(
            lambda connection: insert_new(connection, table, [{"id": str(uuid7()), **r} for r in rows])
        )

    def call(self, api: str, ago: timedelta, ok: bool = True, milliseconds: float = 100) -> dict[str, Any]:
        """A recorded call."""
        return {
            "timestamp": self.now - ago,
            "api_name": api,
            "origin": "app",
            "status_code": 200 if ok else 500,
            "response_time_ms": milliseconds,
            "retries": 0,
        }

    def delivery(self, source: str, ago: timedelta, verified: bool = True) -> dict[str, Any]:
        """A delivery of a webhook source."""
        return {
            "timestamp": self.now - ago,
            "source": source,
            "verified": verified,
            "processed": True if verified else None,
            "processing_time_ms": 20,
        }

    def deliver(self, answer: Callable[[str, Message], Outcome] = lambda *_: Outcome.ACCEPTED) -> None:
        """Rounds of delivery until nothing is due; `answer` is what the other side of a channel says."""
        ears = {route.channel: Ear(route.channel) for route in self.setup.routes}
        while True:
            settled: list[Settlement] = []
            for one in next_of(lanes_of(waiting(self.connection, 500, 50)), ears, settled.append):
                if one.row.next_attempt_at is None or one.row.next_attempt_at <= self.now:
                    receipt = Receipt(answer(one.lane[0], one.message), "said so")
                    settled.append(
                        settlement(one.row, one.message.action, one.channel, receipt, self.now, lambda: 0.5)
                    )
            if not settled:
                return
            self.transact(lambda connection, found=settled: settle(connection, found))

    def messages(self, action: Action | None = None) -> list[tuple[float, str, str, str]]:
        """Minute since the start, channel, action and title of every message, in their order."""
        rows = self.fetch(
            "SELECT created_at, channel, action, payload->>'$.title' FROM notifications ORDER BY id"
        )
        return [
            ((at - START) / MINUTE, channel, done, title)
            for at, channel, done, title in rows
            if action is None or done == action.value
        ]

    def incidents(self) -> list[tuple[str, str, int, float | None]]:
        """Service, state, relapses and minute of the resolution of every incident, in their order."""
        rows = self.fetch(
            "SELECT service_name, status, relapses, resolved_at FROM integration_incidents ORDER BY id"
        )
        return [
            (name, status, relapses, None if at is None else (at - START) / MINUTE)
            for name, status, relapses, at in rows
        ]
