"""A cycle: concurrent probes, confirmation of failures, one transaction a part."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.db import FileLocation, read_only
from analytics.model import Finding, Reason, ServiceType
from tests.collector.scripted import (
    OK,
    REFUSED,
    Script,
    cycle_over,
    database,
    record,
    service,
    traffic_service,
)
from tests.plugins.ports import free_port


def fetch(location: FileLocation, sql: str) -> list[tuple[Any, ...]]:
    with read_only(location) as connection:
        return connection.execute(sql).fetchall()


CHECKS = "SELECT service_name, status, reason, attempt FROM integration_health_checks ORDER BY timestamp, id"


async def test_healthy_services_are_one_transaction(tmp_path: Path) -> None:
    location = database(tmp_path)
    specs = [service(f"s{n}", Script()) for n in range(16)]
    summary = await cycle_over(specs, location).run()
    assert (summary.services, summary.checks, summary.failures) == (16, 16, 0)
    runs = fetch(location, "SELECT part, complete, services, checks, failures FROM collector_runs")
    assert runs == [(1, True, 16, 16, 0)]
    assert {row[1] for row in fetch(location, CHECKS)} == {"healthy"}


async def test_probes_run_concurrently(tmp_path: Path) -> None:
    gate = asyncio.Barrier(16)

    async def meet(_context: object) -> Finding:
        await gate.wait()
        return OK

    specs = [service(f"s{n}", Script([meet])) for n in range(16)]
    summary = await cycle_over(specs, database(tmp_path)).run()
    assert summary.failures == 0


async def test_an_outage_is_confirmed_in_three_attempts(tmp_path: Path) -> None:
    location, script = database(tmp_path), Script(last=REFUSED)
    await cycle_over([service("dead", script), service("fine", Script())], location).run()
    seen = [row[1:] for row in fetch(location, CHECKS) if row[0] == "dead"]
    assert seen == [("degraded", "connect", 1), ("degraded", "connect", 2), ("down", "connect", 3)]
    assert script.attempts == 3


async def test_each_part_counts_its_own_rows(tmp_path: Path) -> None:
    location = database(tmp_path)
    await cycle_over([service("dead", Script(last=REFUSED)), service("fine", Script())], location).run()
    counted = fetch(
        location,
        """SELECT r.part, r.complete, r.checks, count(c.id) FROM collector_runs r
           LEFT JOIN integration_health_checks c ON c.run_id = r.id GROUP BY ALL ORDER BY r.part""",
    )
    assert all(checks == rows for _, _, checks, rows in counted)
    assert [complete for _, complete, _, _ in counted] == [False] * (len(counted) - 1) + [True]
    assert sum(checks for _, _, checks, _ in counted) == 4


async def test_a_known_outage_gets_one_attempt_a_cycle(tmp_path: Path) -> None:
    location, script = database(tmp_path), Script(last=REFUSED)
    cycle = cycle_over([service("dead", script, interval=0)], location)
    await cycle.run()
    await cycle.run()
    assert script.attempts == 4
    assert fetch(location, CHECKS)[-1] == ("dead", "down", "connect", 1)


async def test_passing_on_a_retry_is_never_silently_green(tmp_path: Path) -> None:
    location = database(tmp_path)
    await cycle_over([service("shaky", Script([REFUSED]))], location).run()
    assert [row[1:3] for row in fetch(location, CHECKS)] == [
        ("degraded", "connect"),
        ("degraded", "passed_on_retry"),
    ]


async def test_an_api_needs_more_than_five_failures(tmp_path: Path) -> None:
    location, script = database(tmp_path), Script(last=REFUSED)
    await cycle_over([service("api", script, ServiceType.API, sure_after=6)], location).run()
    assert [row[1] for row in fetch(location, CHECKS)] == ["degraded"] * 5 + ["down"]


@pytest.mark.parametrize("reason", [Reason.AUTH, Reason.RATE_LIMITED, Reason.SCHEMA_CHANGED])
async def test_a_service_that_is_alive_is_not_tried_again(tmp_path: Path, reason: Reason) -> None:
    location, script = database(tmp_path), Script(last=Finding(False, reason, "alive"))
    await cycle_over([service("alive", script)], location).run()
    assert fetch(location, CHECKS) == [("alive", "degraded", reason.value, 1)]


async def test_a_broken_probe_is_unknown_and_harms_nobody(tmp_path: Path) -> None:
    def explode(_context: object) -> Finding:
        raise ZeroDivisionError("a fault of ours")

    location = database(tmp_path)
    await cycle_over([service("broken", Script([explode])), service("fine", Script())], location).run()
    rows = {row[0]: row[1:3] for row in fetch(location, CHECKS)}
    assert rows == {"broken": ("unknown", "collector_error"), "fine": ("healthy", "ok")}


async def test_a_hanging_probe_meets_its_deadline_and_names_the_step(tmp_path: Path) -> None:
    async def hang(context: Any) -> Finding:
        with context.steps.step("tools/list"):
            await asyncio.Event().wait()
        return OK

    location = database(tmp_path)
    await cycle_over([service("hanging", Script([hang] * 3), timeout=0.05)], location).run()
    rows = fetch(location, "SELECT reason, message, response_time_ms FROM integration_health_checks")
    assert set(rows) == {("timeout", "no answer within 0.05 s (during tools/list)", 50)}


async def test_a_slow_service_does_not_hold_back_the_others(tmp_path: Path) -> None:
    location, release = database(tmp_path), asyncio.Event()

    async def wait(_context: object) -> Finding:
        await release.wait()
        return OK

    cycle = cycle_over([service("slow", Script([wait])), service("fine", Script())], location)
    running = asyncio.create_task(cycle.run())
    while not fetch(location, CHECKS):
        await asyncio.sleep(0.05)
    assert fetch(location, CHECKS) == [("fine", "healthy", "ok", 1)]
    release.set()
    await running
    assert len(fetch(location, CHECKS)) == 2


async def test_a_retry_that_does_not_fit_waits_for_the_next_cycle(tmp_path: Path) -> None:
    location, script = database(tmp_path), Script(last=REFUSED)
    cycle = cycle_over([service("slow-to-fail", script, timeout=70, interval=3600)], location)
    await cycle.run()
    assert script.attempts == 1
    await cycle.run()
    await cycle.run()
    assert [row[1] for row in fetch(location, CHECKS)] == ["degraded", "degraded", "down"]
    await cycle.run()
    assert script.attempts == 3, "a sure verdict waits for the service's own interval"


async def test_the_own_network_lost_is_nobodys_outage(tmp_path: Path) -> None:
    location = database(tmp_path)
    dead_canary = f"127.0.0.1:{free_port()}"
    specs = [service("a", Script(last=REFUSED), remote=True), service("b", Script(last=REFUSED), remote=True)]
    cycle = cycle_over([*specs, service("local", Script())], location, canaries=[dead_canary])
    await cycle.run()
    rows = {row[0]: row[1:3] for row in fetch(location, CHECKS)}
    assert rows["a"] == rows["b"] == ("unknown", "collector_offline")
    assert rows["local"] == ("healthy", "ok")


async def test_an_answer_of_another_service_proves_the_network(tmp_path: Path) -> None:
    location = database(tmp_path)
    dead_canary = f"127.0.0.1:{free_port()}"
    answered = service("a", Script(last=Finding(False, Reason.HTTP_5XX, "500"), steps=[]), remote=True)
    cycle = cycle_over(
        [answered, service("b", Script(last=REFUSED), remote=True)], location, canaries=[dead_canary]
    )
    await cycle.run()
    assert fetch(location, "SELECT DISTINCT status FROM integration_health_checks WHERE attempt = 3") == [
        ("down",)
    ]


async def test_cancelling_writes_what_is_known(tmp_path: Path) -> None:
    location, entered = database(tmp_path), asyncio.Event()

    async def hang(_context: object) -> Finding:
        entered.set()
        await asyncio.Event().wait()
        return OK

    cycle = cycle_over([service("fine", Script()), service("hanging", Script([hang]))], location)
    running = asyncio.create_task(cycle.run())
    await entered.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert fetch(location, CHECKS) == [("fine", "healthy", "ok", 1)]
    assert fetch(location, "SELECT complete, checks FROM collector_runs") == [(False, 1)]


async def test_the_baseline_is_the_last_good_check(tmp_path: Path) -> None:
    seen: list[object] = []

    def look(context: Any) -> Finding:
        seen.append(dict(context.previous))
        return Finding(True, Reason.OK, "", {"tools_hash": f"h{len(seen)}"})

    cycle = cycle_over(
        [service("s", Script([look, REFUSED, REFUSED, REFUSED, look]), interval=0)], database(tmp_path)
    )
    await cycle.run()
    await cycle.run()
    await cycle.run()
    assert seen == [{}, {"tools_hash": "h1"}]


async def test_an_api_without_calls_is_unknown_and_names_what_is_not_set(tmp_path: Path) -> None:
    location = database(tmp_path)
    await cycle_over([traffic_service()], location).run()
    assert fetch(location, "SELECT status, reason, message FROM integration_health_checks") == [
        ("unknown", "missing_credentials", "SHOP_TOKEN is not set")
    ]


async def test_an_api_is_judged_by_the_calls_that_came_in(tmp_path: Path) -> None:
    location, now = database(tmp_path), datetime.now(UTC)
    record(
        location,
        "api_metrics",
        [
            {
                "timestamp": now - timedelta(seconds=20 + number),
                "api_name": "shopify",
                "endpoint": "/graphql",
                "method": "POST",
                "status_code": 500 if number < 7 else 200,
                "response_time_ms": 100,
                "error_message": "boom" if number < 7 else None,
                "retries": 1,
            }
            for number in range(100)
        ],
    )
    await cycle_over([traffic_service()], location).run()
    columns = "status, reason, message, success_rate, error_count, retry_count, response_time_ms"
    assert fetch(location, f"SELECT {columns} FROM integration_health_checks") == [
        ("down", "http_5xx", "7 failures in a row: boom", 93, 7, 100, 100)
    ]
    assert fetch(location, "SELECT count(*) FROM api_metrics") == [(100,)]
