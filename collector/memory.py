"""What the collector remembers of a service from one cycle to the next, and when the service is due."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb

from analytics.model import (
    ALIVE_REASONS,
    MONITOR_REASONS,
    Attempt,
    Finding,
    Reason,
    ServiceKey,
    ServiceType,
    Status,
    Verdict,
)
from analytics.named_sql import query
from analytics.rules.confirmation import is_failure
from collector.probes.base import ServiceSpec

#: After a longer pause an old streak of failures proves nothing about now.
_REMEMBER = timedelta(minutes=15)
#: How far back a baseline is looked for; further would read the whole table at every start.
_LOOK_BACK = timedelta(days=1)


@dataclass
class Memory:
    """The streak of failures, the last good details (the baseline), and the last start and status.

    `finding` is the newest of the probe. It may ask for a pause: `not_before` is when that ends.
    `last_check` and `response_time_ms` are those of the newest verdict.
    """

    failures_in_row: int = 0
    baseline: Mapping[str, Any] = field(default_factory=dict)
    status: Status | None = None
    started_at: datetime | None = None
    sure: bool = True
    finding: Finding | None = None
    not_before: datetime | None = None
    last_check: datetime | None = None
    response_time_ms: float | None = None

    def learn(self, attempt: Attempt, verdict: Verdict) -> None:
        """Take in one attempt and what was decided about it."""
        finding = attempt.finding
        self.finding, self.sure = finding, verdict.sure
        pause = finding.ask_again_after
        self.not_before = None if pause is None else attempt.started_at + pause
        if is_failure(finding):
            self.failures_in_row += 1
        elif finding.reason not in MONITOR_REASONS:
            self.failures_in_row = 0
        if finding.ok or finding.reason is Reason.SCHEMA_CHANGED:
            self.baseline = finding.details

    def pausing(self, now: datetime) -> bool:
        """Whether the probe asked not to be run yet."""
        return self.not_before is not None and now < self.not_before


def is_due(spec: ServiceSpec, memory: Memory, tick: timedelta, now: datetime) -> bool:
    """Whether `spec` is checked in the cycle that starts at `now`; cycles start every `tick`.

    A failure that is not sure yet is looked at in every cycle. Half a tick of tolerance keeps a service
    with the collector's own interval from being skipped when a cycle starts a moment early.
    """
    if not spec.enabled:
        return False
    if memory.started_at is None or not memory.sure:
        return True
    return now - memory.started_at >= spec.interval - tick / 2


def recall(connection: duckdb.DuckDBPyConnection, now: datetime) -> dict[ServiceKey, Memory]:
    """What the database knows of each service: a restart forgets neither a streak nor a baseline."""
    remembered: dict[ServiceKey, Memory] = {}
    rows = connection.execute(query("last_checks"), {"since": now - _LOOK_BACK}).fetchall()
    for service_type, name, timestamp, status, reason, in_row, details in rows:
        failing = status in (Status.DOWN, Status.DEGRADED) and reason not in ALIVE_REASONS
        remembered[ServiceKey(ServiceType(service_type), name)] = Memory(
            failures_in_row=in_row if failing and now - timestamp <= _REMEMBER else 0,
            baseline=json.loads(details) if details else {},
            status=Status(status),
        )
    return remembered
