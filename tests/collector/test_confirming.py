"""What a retry may take: a silent API is known in time, and nothing that is alive is called down for it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.db import read_only
from analytics.model import Attempt, Finding, Reason
from collector.confirming import for_retries
from collector.probes.base import ServiceSpec
from tests.collector.scripted import OK, Script, api_service, cycle_over, database, service

SECONDS = timedelta(seconds=1)
SILENT = Finding(False, Reason.TIMEOUT, "no answer within 10 s")


def first(spec: ServiceSpec, finding: Finding) -> Attempt:
    return Attempt(spec.key, datetime(2026, 11, 23, tzinfo=UTC), 10_000.0, 1, finding)


def api(down_ms: float = 3000) -> ServiceSpec:
    spec = api_service(Script(), timeout=10)
    return replace(spec, policy=replace(spec.policy, down_ms=down_ms))


@pytest.mark.parametrize(
    ("spec", "finding", "seconds"),
    [
        (api(), SILENT, 5),
        (api(down_ms=7000), SILENT, 7),
        (api(down_ms=15_000), SILENT, 10),
        (api(), Finding(False, Reason.CONNECT, "refused"), 10),
        (api(), Finding(False, Reason.HTTP_5XX, "500"), 10),
        (service("mcp", Script(), timeout=10), SILENT, 10),
    ],
)
def test_only_retries_of_an_api_that_said_nothing_get_less_time(
    spec: ServiceSpec, finding: Finding, seconds: float
) -> None:
    assert for_retries(spec, first(spec, finding)).timeout == seconds * SECONDS


async def test_a_silent_api_is_down_within_one_cycle(tmp_path: Path) -> None:
    given: list[float] = []

    async def hang(context: Any) -> Finding:
        given.append(context.timeout)
        row = {"timestamp": datetime.now(UTC), "api_name": "openai", "origin": "probe", "reason": "timeout"}
        context.calls.append({**row, "response_time_ms": 1000 * context.timeout, "retries": 0})
        await asyncio.Event().wait()
        return OK

    spec = api_service(Script([hang] * 6), timeout=0.2)
    spec = replace(spec, policy=replace(spec.policy, healthy_ms=10, down_ms=20))
    location = database(tmp_path)
    cycle = cycle_over([spec], location, retry_seconds=0.1)
    # Six attempts of the full time would not fit into it.
    cycle.interval = 1.15 * SECONDS
    await cycle.run()
    with read_only(location) as connection:
        rows = connection.execute(
            "SELECT attempt, status FROM integration_health_checks ORDER BY attempt"
        ).fetchall()
    assert given == [0.2, 0.1, 0.1, 0.1, 0.1, 0.1]
    assert rows == [*((number, "degraded") for number in range(1, 6)), (6, "down")]
