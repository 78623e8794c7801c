"""A rehearsal from end to end: a file with an outage in it, replayed by the rules in force and by others."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.db import read_only, transact
from analytics.ids import uuid7
from analytics.model import (
    Basis,
    CheckResult,
    Policy,
    Reason,
    ServiceInfo,
    ServiceKey,
    ServiceType,
    Status,
    Verdict,
)
from analytics.replay import Rehearsal, WrongSettings, rehearse, summary
from analytics.replay.frames import comparison_frame
from collector.store import Run, insert_run, replace_services
from tests.analytics.replay.accounts import at
from tests.empty_database import empty_database

CONTEXT = ServiceKey(ServiceType.MCP, "context7")
LIMITS = Policy(Basis.PRESENT, 1000, 3000, 3, timedelta(minutes=3))
SINCE, UNTIL = at(5), at(60)
#: The minutes in which it did not answer.
OUTAGE = range(20, 30)


def write_minute(connection: duckdb.DuckDBPyConnection, minute: int) -> None:
    """One cycle with one check."""
    failed = minute in OUTAGE
    in_row = minute - OUTAGE.start + 1 if failed else 0
    status = Status.HEALTHY if not failed else Status.DOWN if in_row >= 3 else Status.DEGRADED
    verdict = Verdict(
        status,
        Reason.CONNECT if failed else Reason.OK,
        "connection refused" if failed else "answered",
        sure=not failed or in_row >= 3,
        success_rate=0.0 if failed else 100.0,
        response_time_ms=90.0,
    )
    identity = uuid7()
    run = Run(
        id=identity,
        cycle_id=identity,
        part=0,
        complete=True,
        collector="test",
        version="0",
        started_at=at(minute),
        finished_at=at(minute) + timedelta(seconds=1),
        interval=timedelta(minutes=1),
        services=1,
        failures=int(failed),
    )
    insert_run(connection, run, [CheckResult(CONTEXT, at(minute), verdict, error_count=in_row)])


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """An hour of one service that is out for ten minutes; nobody was told of it, for there were no rules."""
    location = empty_database(tmp_path_factory.mktemp("rehearsal"))

    def work(transaction: duckdb.DuckDBPyConnection) -> None:
        info = ServiceInfo(CONTEXT, "mcp", "https://example.com", timedelta(minutes=1), LIMITS)
        replace_services(transaction, [info], at(0))
        for minute in range(60):
            write_minute(transaction, minute)

    transact(location, work)
    with read_only(location) as opened:
        yield opened


def rehearsed(connection: duckdb.DuckDBPyConnection, *settings: str, **said: Any) -> Rehearsal:
    return rehearse(connection, SINCE, UNTIL, settings, **said)


def test_without_settings_the_rules_in_force_are_replayed(connection: duckdb.DuckDBPyConnection) -> None:
    done: list[float] = []
    found = rehearsed(connection, progress=done.append)
    assert found.rehearsed == found.baseline
    assert found.comparison.is_same
    [page] = found.baseline.pages
    assert (page.service, page.channels, page.at) == (
        "mcp/context7",
        ("anybody",),
        at(22) + timedelta(seconds=1),
    )
    assert (found.recorded.pages, len(found.faithfulness.new)) == ((), 1)
    assert (done[-1], done) == (1.0, sorted(done))


def test_more_patience_is_told_later_or_never(connection: duckdb.DuckDBPyConnection) -> None:
    patient = rehearsed(connection, "alerts.service_down.checks=5", "alerts.service_degraded.enabled=false")
    assert [pair.later for pair in patient.comparison.later] == [timedelta(minutes=2)]
    assert (patient.comparison.missed, len(patient.rehearsed.pages)) == ((), 1)
    deaf = rehearsed(connection, "alerts.service_down.checks=11", "alerts.service_degraded.enabled=false")
    assert [lost.service for lost in deaf.comparison.missed] == ["mcp/context7"]
    # With nobody told that it is down, the promise that burns away is told of.
    assert [page.rule for page in deaf.rehearsed.pages] == ["slo_burn"]
    assert "alerts.service_down.checks=11 (was 3)" in deaf.settings.said


def test_an_outage_that_goes_on_may_still_be_told(connection: duckdb.DuckDBPyConnection) -> None:
    """It is tuned while it happens: what is not as old as the new rule asks for is not missed."""
    during = at(26)
    settings = ("alerts.service_down.checks=11", "alerts.service_degraded.enabled=false")
    found = rehearse(connection, SINCE, during, settings).comparison
    assert (found.missed, [one.service for one in found.waiting]) == ((), ["mcp/context7"])
    assert not found.is_same
    assert "1 incident would not be told yet, and may still be: mcp/context7 on " in "\n".join(
        summary(found, SINCE)
    )
    assert comparison_frame(found)["change"].to_list() == ["waiting"]
    over = rehearse(connection, SINCE, UNTIL, settings).comparison
    assert (over.waiting, len(over.missed)) == ((), 1)


def test_other_limits_judge_the_checks_again(connection: duckdb.DuckDBPyConnection) -> None:
    found = rehearsed(connection, "services.mcp/context7.sure_after=6")
    assert found.verdicts_changed == 3
    assert [pair.later for pair in found.comparison.later] == [timedelta(minutes=3)]
    slow = rehearsed(connection, "services.mcp/context7.healthy_ms=50")
    assert slow.verdicts_changed > 40


def test_the_rules_of_a_file_and_settings_beside_it(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rules = tmp_path / "services.toml"
    rules.write_text("[alerts]\nservice_down = { checks = 4 }\nservice_degraded = { enabled = false }\n")
    found = rehearsed(connection, rules=rules)
    assert [pair.later for pair in found.comparison.later] == [timedelta(minutes=1)]
    beaten = rehearsed(connection, "alerts.service_down.checks=3", rules=rules)
    assert beaten.comparison.is_same
    assert beaten.settings.said == ("alerts.service_degraded.enabled=false (was true)",)


def test_wrong_settings_are_told_before_anything_is_read(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(WrongSettings, match="from 1 to 100"):
        rehearsed(connection, "alerts.service_down.checks=0")
