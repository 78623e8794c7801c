"""What goes into the database comes out of it, on a file and on a DuckLake alike."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from analytics.db import Location, read_only, transact
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
    Window,
)
from analytics.windows import call_windows
from collector.memory import recall
from collector.store import Run, insert_rows, insert_run, replace_services
from tests.collector.scripted import REFUSED, Script, cycle_over, record, service, traffic_service

NOW = datetime(2026, 11, 23, 12, 0, 0, 123000, tzinfo=UTC)
KEY = ServiceKey(ServiceType.MCP, "context7")


def fetch(location: Location, sql: str) -> list[tuple[Any, ...]]:
    with read_only(location) as connection:
        return connection.execute(sql).fetchall()


def run() -> Run:
    return Run(uuid7(), uuid7(), 1, True, "host:1", "0.1.0", NOW, NOW, timedelta(seconds=60), 1, 0)


def check(message: str = "fine", details: dict[str, Any] | None = None) -> CheckResult:
    verdict = Verdict(Status.HEALTHY, Reason.OK, message, True, 99.994, 12.4)
    return CheckResult(KEY, NOW, verdict, 0, 1, 2, details or {})


def test_a_check_and_its_run(any_database: Location) -> None:
    made, details = run(), {"server": {"name": 'quo"te', "tools": ["a", "b"]}, "n": 1.5, "none": None}
    transact(any_database, lambda connection: insert_run(connection, made, [check("näh ☃ 'x'; --", details)]))
    columns = "timestamp, service_type, service_name, status, response_time_ms, error_count, retry_count"
    columns += ", reason, message, attempt, run_id"
    assert fetch(any_database, f"SELECT {columns} FROM integration_health_checks") == [
        (NOW, "mcp", "context7", "healthy", 12, 0, 1, "ok", "näh ☃ 'x'; --", 2, made.id)
    ]
    stored, rate = fetch(any_database, "SELECT details, success_rate FROM integration_health_checks")[0]
    assert json.loads(stored) == details
    assert float(rate) == 99.99
    assert fetch(any_database, "SELECT id, checks, complete FROM collector_runs") == [(made.id, 1, True)]


def test_a_failing_transaction_leaves_nothing(any_database: Location) -> None:
    def half(connection: duckdb.DuckDBPyConnection) -> None:
        insert_run(connection, run(), [check()])
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        transact(any_database, half)
    assert fetch(any_database, "SELECT count(*) FROM collector_runs") == [(0,)]
    assert fetch(any_database, "SELECT count(*) FROM integration_health_checks") == [(0,)]


def test_many_rows_travel_in_one_statement(any_database: Location) -> None:
    rows = [{"id": uuid7(), "timestamp": NOW, "api_name": "a", "status_code": 200} for _ in range(5000)]
    transact(any_database, lambda connection: insert_rows(connection, "api_metrics", rows))
    assert fetch(any_database, "SELECT count(*), count(DISTINCT id), count(method) FROM api_metrics") == [
        (5000, 5000, 0)
    ]


def info(name: str, limit: float = 1000) -> ServiceInfo:
    policy = Policy(Basis.PRESENT, limit, 3000, 3, timedelta(minutes=5))
    return ServiceInfo(
        ServiceKey(ServiceType.MCP, name),
        "mcp",
        "https://x",
        timedelta(seconds=60),
        policy,
        True,
        (KEY,),
        None,
    )


def test_services_are_replaced_and_an_unchanged_list_writes_nothing(any_database: Location) -> None:
    def replace(at: datetime, *infos: ServiceInfo) -> None:
        transact(any_database, lambda connection: replace_services(connection, infos, at))

    replace(NOW, info("a"), info("b"))
    replace(NOW + timedelta(hours=1), info("a"), info("b"))
    assert fetch(any_database, "SELECT DISTINCT updated_at FROM services") == [(NOW,)]
    replace(NOW + timedelta(hours=2), info("b", 500), info("c"))
    assert fetch(any_database, "SELECT service_name, healthy_ms FROM services ORDER BY position") == [
        ("b", 500),
        ("c", 1000),
    ]
    assert [json.loads(row[0]) for row in fetch(any_database, "SELECT depends_on FROM services")] == [
        ["mcp/context7"]
    ] * 2


async def test_a_whole_cycle(any_database: Location) -> None:
    call = {"timestamp": datetime.now(UTC), "api_name": "shopify", "status_code": 200}
    record(any_database, "api_metrics", [{**call, "response_time_ms": 80, "retries": 0}])
    specs = [service("fine", Script()), service("dead", Script(last=REFUSED)), traffic_service()]
    cycle = cycle_over(specs, any_database)
    summary = await cycle.run()
    assert (summary.services, summary.checks, summary.failures) == (3, 5, 3)
    newest = """SELECT service_name, arg_max(status, id), arg_max(reason, id), count(*)
                FROM integration_health_checks GROUP BY ALL ORDER BY ALL"""
    assert fetch(any_database, newest) == [
        ("dead", "down", "connect", 3),
        ("fine", "healthy", "ok", 1),
        ("shopify", "healthy", "ok", 1),
    ]
    counted = """SELECT count(*) FROM collector_runs r WHERE checks <> (
                 SELECT count(*) FROM integration_health_checks c WHERE c.run_id = r.id)"""
    assert fetch(any_database, counted) == [(0,)]
    with read_only(any_database) as connection:
        memory = recall(connection, datetime.now(UTC))
        windows = call_windows(connection, datetime.now(UTC))
    assert memory[ServiceKey(ServiceType.MCP, "dead")].failures_in_row == 3
    assert isinstance(windows["shopify"], Window)
    assert windows["shopify"].p95_ms == 80
