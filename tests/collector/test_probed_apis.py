"""An API in the cycle: its probe's calls are recorded with the check, and everybody's calls decide."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from analytics.db import FileLocation, read_only
from analytics.model import Finding, Reason
from tests.collector.scripted import OK, Script, api_service, calling, cycle_over, database, record

TIMED_OUT = Finding(False, Reason.TIMEOUT, "no answer within 10 s")
KEY_REFUSED = Finding(False, Reason.AUTH, "the key is not valid")
NO_KEY = Finding(False, Reason.MISSING_CREDENTIALS, "OPENAI_API_KEY is not set")
failing = calling(TIMED_OUT, status=None, reason="timeout", error_message="no answer within 10 s")


def fetch(location: FileLocation, sql: str) -> list[tuple[Any, ...]]:
    with read_only(location) as connection:
        return connection.execute(sql).fetchall()


def client_calls(
    count: int, status: int = 200, age: float = 30, spacing: float = 1.0
) -> list[dict[str, Any]]:
    newest = datetime.now(UTC) - timedelta(seconds=age)
    row = {"api_name": "openai", "origin": "shop", "status_code": status, "response_time_ms": 90}
    return [{**row, "timestamp": newest - timedelta(seconds=spacing * number)} for number in range(count)]


CHECKS = "SELECT status, reason, attempt FROM integration_health_checks ORDER BY timestamp, id"
CALLS = "SELECT origin, status_code, reason FROM api_metrics WHERE origin = 'probe' ORDER BY id"


async def test_a_good_probe_alone_makes_an_api_healthy(tmp_path: Path) -> None:
    location = database(tmp_path)
    await cycle_over([api_service(Script([calling(OK)]))], location).run()
    assert fetch(location, CHECKS) == [("healthy", "ok", 1)]
    assert fetch(location, CALLS) == [("probe", 200, None)]
    counted = "SELECT services, checks, failures FROM collector_runs"
    assert fetch(location, counted) == [(1, 1, 0)]


async def test_an_outage_is_sure_after_six_calls_in_a_row(tmp_path: Path) -> None:
    location, script = database(tmp_path), Script([failing] * 6)
    record(location, "api_metrics", client_calls(500, age=300))
    await cycle_over([api_service(script)], location).run()
    assert fetch(location, CHECKS) == [("degraded", "timeout", n) for n in range(1, 6)] + [
        ("down", "timeout", 6)
    ]
    assert fetch(location, CALLS) == [("probe", None, "timeout")] * 6
    torn = """SELECT count(*) FROM collector_runs r WHERE checks <> (
              SELECT count(*) FROM integration_health_checks c WHERE c.run_id = r.id)"""
    assert fetch(location, torn) == [(0,)]


async def test_while_others_get_through_a_failing_probe_is_not_an_outage(tmp_path: Path) -> None:
    location = database(tmp_path)
    record(location, "api_metrics", client_calls(4000, age=-60, spacing=0.02))
    await cycle_over([api_service(Script([failing] * 6))], location, retry_seconds=0.1).run()
    assert {row[0] for row in fetch(location, CHECKS)} == {"degraded"}


async def test_failing_calls_of_others_are_an_outage_though_the_probe_passes(tmp_path: Path) -> None:
    location = database(tmp_path)
    record(location, "api_metrics", client_calls(100, status=500))
    await cycle_over([api_service(Script([calling(OK)]))], location).run()
    assert fetch(location, CHECKS) == [("down", "error_rate", 1)]


async def test_passing_on_a_retry_is_never_silently_green(tmp_path: Path) -> None:
    location = database(tmp_path)
    record(location, "api_metrics", client_calls(500))
    await cycle_over([api_service(Script([failing, calling(OK)]))], location).run()
    assert fetch(location, CHECKS) == [("degraded", "timeout", 1), ("degraded", "passed_on_retry", 2)]


async def test_our_own_refused_key_is_no_outage(tmp_path: Path) -> None:
    location = database(tmp_path)
    script = Script([calling(KEY_REFUSED, status=401, reason="auth")] * 20)
    cycle = cycle_over([api_service(script)], location)
    for _ in range(8):
        await cycle.run()
    assert set(fetch(location, CHECKS)) == {("degraded", "auth", 1)}


async def test_without_a_key_the_recorded_calls_still_decide(tmp_path: Path) -> None:
    location = database(tmp_path)
    cycle = cycle_over([api_service(Script(last=NO_KEY))], location)
    await cycle.run()
    record(location, "api_metrics", client_calls(50))
    await cycle.run()
    assert fetch(location, CHECKS) == [("unknown", "missing_credentials", 1), ("healthy", "ok", 1)]


async def test_a_probe_that_asks_for_a_pause_gets_it_and_is_not_forgotten(tmp_path: Path) -> None:
    pausing = Finding(False, Reason.HTTP_5XX, "answered 500", ask_again_after=timedelta(minutes=2))
    location, script = (
        database(tmp_path),
        Script([calling(pausing, status=500, reason="http_5xx"), calling(OK)]),
    )
    moment = [datetime.now(UTC)]
    cycle = cycle_over([api_service(script, interval=60)], location, now=lambda: moment[0])
    record(location, "api_metrics", client_calls(500))
    await cycle.run()
    assert script.attempts == 1, "no retry within the cycle"
    moment[0] += timedelta(seconds=60)
    await cycle.run()
    assert script.attempts == 1, "not asked before its time"
    assert fetch(location, CHECKS) == [("degraded", "http_5xx", 1)] * 2
    moment[0] += timedelta(seconds=61)
    await cycle.run()
    assert script.attempts == 2
    assert fetch(location, CHECKS)[-1] == ("healthy", "ok", 1)
