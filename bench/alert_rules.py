"""What the alert rules cost: one look at a cycle of the 16 shipped services, in its transaction.

In a file of 691,200 checks and a million calls, a tenth of them in the last hour. Nothing is wrong, as nearly
always; then all sixteen are down, and an incident of each is opened and told in one transaction.
"""

import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from analytics.alerting import Route
from analytics.db import Connection, FileLocation, transact
from analytics.ids import uuid7
from analytics.model import CheckResult, Reason, Severity, Status, Verdict
from bench.checks_file import large_history
from bench.figure import Figure, table
from bench.judging import large_traffic
from collector.alerting import Alerting, Setup
from collector.config import load
from collector.store import Run, insert_run

ROUNDS = 15
_INTERVAL = timedelta(minutes=1)
_HEALTHY = Verdict(Status.HEALTHY, Reason.OK, "fine", True, 100.0, 12.0)
_DOWN = Verdict(Status.DOWN, Reason.CONNECT, "refused the connection", True, 0.0, 1.0)


def measure() -> list[Figure]:
    """Milliseconds."""
    specs = {spec.key: spec for spec in load(Path("services.toml")).services}
    routes = (Route("oncall", frozenset({Severity.CRITICAL})), Route("team", frozenset({Severity.WARNING})))
    alerting = Alerting(Setup(specs, load(Path("services.toml")).alerts, routes))
    with tempfile.TemporaryDirectory(prefix="health-bench-") as folder:
        location, now = FileLocation(Path(folder) / "health.duckdb"), datetime.now(UTC)
        large_history(location)
        large_traffic(location, 1_000_000, now)
        calm = []
        for number in range(1, ROUNDS + 1):
            at = now + number * _INTERVAL
            calm.append(_cycle(location, alerting, [CheckResult(key, at, _HEALTHY) for key in specs], at))
        at += _INTERVAL
        failing = [CheckResult(key, at, _DOWN, error_count=6) for key in specs]
        storm = _cycle(location, alerting, failing, at)
    return [
        Figure("alert rules look at a cycle of 16 services: median", median(look for look, _ in calm), "ms"),
        Figure("alert rules look at a cycle of 16 services: worst", max(look for look, _ in calm), "ms"),
        Figure("a cycle written and looked at: median", median(whole for _, whole in calm), "ms", 80),
        Figure("a cycle in which all are down, written and looked at", storm[1], "ms"),
    ]


def _cycle(
    location: FileLocation, alerting: Alerting, checks: Sequence[CheckResult], now: datetime
) -> tuple[float, float]:
    """Milliseconds of the look, and of the whole transaction, the file opened and closed."""
    run = Run(uuid7(), uuid7(), 1, True, "bench", "0", now, now, _INTERVAL, len(checks), 0)

    def work(connection: Connection) -> float:
        insert_run(connection, run, checks)
        started = time.perf_counter()
        alerting.look(connection, checks, now, complete=True)
        return 1000 * (time.perf_counter() - started)

    started = time.perf_counter()
    look = transact(location, work)
    return look, 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    print(table(measure()))
