"""Databases as the collector leaves them: the 16 services of the mission, their checks, and some faults."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from analytics.db import FileLocation, migrate, transact
from analytics.ids import uuid7
from analytics.model import Basis, Policy, Reason, ServiceInfo, ServiceKey, ServiceType, Status
from collector.store import insert_rows, replace_services


@dataclass(frozen=True)
class Sample:
    """A service of the samples: its usual latency in ms and what a good check says."""

    kind: ServiceType
    name: str
    usual_ms: int
    says: str
    interval: timedelta = timedelta(minutes=1)

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"

    def info(self) -> ServiceInfo:
        stale = max(timedelta(minutes=5), 2.5 * self.interval)
        if self.kind is ServiceType.WEBHOOK:
            stale = timedelta(hours=1)
        policy = Policy(Basis.PRESENT, 1000, 3000, 3, stale)
        key = ServiceKey(self.kind, self.name)
        return ServiceInfo(key, "http", "http://127.0.0.1/", self.interval, policy)


@dataclass(frozen=True)
class Fault:
    """What a service says instead, from `start` minutes ago until `end` minutes ago."""

    start: int
    end: int
    status: Status
    reason: Reason
    says: str
    latency_ms: int | None = None


_FIVE = timedelta(minutes=5)
MCP, API = ServiceType.MCP, ServiceType.API
WEBHOOK, INFRASTRUCTURE = ServiceType.WEBHOOK, ServiceType.INFRASTRUCTURE

SERVICES = (
    Sample(MCP, "shopify", 612, "answered in 612 ms, 9 tools", _FIVE),
    Sample(MCP, "context7", 118, "answered in 118 ms, 2 tools"),
    Sample(MCP, "github-official", 740, "answered in 740 ms, 26 tools", _FIVE),
    Sample(MCP, "supabase", 655, "answered in 655 ms, 21 tools", _FIVE),
    Sample(MCP, "fly", 92, "answered in 92 ms, 34 tools"),
    Sample(MCP, "google-analytics", 1120, "answered in 1.1 s, 6 tools", _FIVE),
    Sample(MCP, "llamaindex-rag", 231, "answered in 231 ms, 3 tools"),
    Sample(API, "shopify", 412, "1182 of 1190 calls succeeded (99.32 %), P95 412 ms"),
    Sample(API, "chatwoot", 288, "342 of 342 calls succeeded (100 %), P95 288 ms"),
    Sample(API, "openai", 1840, "517 of 521 calls succeeded (99.23 %), P95 1.8 s"),
    Sample(API, "google_analytics", 504, "96 of 96 calls succeeded (100 %), P95 504 ms"),
    Sample(WEBHOOK, "shopify", 38, "214 of 214 deliveries verified (100 %)"),
    Sample(WEBHOOK, "chatwoot", 21, "67 of 67 deliveries verified (100 %)"),
    Sample(INFRASTRUCTURE, "supabase", 84, "auth, REST and storage answer; 12 of 60 connections used"),
    Sample(INFRASTRUCTURE, "fly", 164, "3 machines started, 6 of 6 checks pass"),
    Sample(INFRASTRUCTURE, "redis", 0, "PONG; master, 42 MB, last save 3 min ago"),
)

FAULTS: Mapping[str, Sequence[Fault]] = {
    "mcp/fly": [
        Fault(12, -1, Status.DOWN, Reason.CONNECT, "no connection to 127.0.0.1: connection refused", 2)
    ],
    "mcp/google-analytics": [
        Fault(
            900,
            -1,
            Status.UNKNOWN,
            Reason.MISSING_CREDENTIALS,
            "GOOGLE_APPLICATION_CREDENTIALS is not set",
            None,
        )
    ],
    "mcp/context7": [
        Fault(26, 24, Status.DEGRADED, Reason.SLOW, "answered in 1.9 s, slower than 1.0 s", 1904)
    ],
    "api/openai": [
        Fault(17, -1, Status.DEGRADED, Reason.ERROR_RATE, "481 of 521 calls succeeded (92.32 %)", 3320)
    ],
    "infrastructure/redis": [
        Fault(33, 30, Status.DOWN, Reason.TIMEOUT, "no answer within 10 s", 10_000),
        Fault(30, 29, Status.DEGRADED, Reason.PASSED_ON_RETRY, "passed on retry: PONG", 1),
    ],
}


def write(
    path: Path,
    now: datetime,
    services: Sequence[Sample] = SERVICES,
    faults: Mapping[str, Sequence[Fault]] = FAULTS,
    minutes: int = 60,
    gap: tuple[int, int] | None = None,
) -> FileLocation:
    """A new database at `path`: a cycle a minute until `now`, none from `gap[0]` to `gap[1]` minutes ago."""
    location = FileLocation(path)
    migrate(location)
    insert(location, now, services, faults, [ago for ago in range(minutes, -1, -1) if not _within(gap, ago)])
    return location


def insert(
    location: FileLocation,
    now: datetime,
    services: Sequence[Sample] = SERVICES,
    faults: Mapping[str, Sequence[Fault]] = FAULTS,
    minutes_ago: Sequence[int] = (0,),
) -> None:
    """Add a cycle for each of `minutes_ago`, counted back from `now`, in one transaction."""
    chance = random.Random(7)
    checks: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    for ago in minutes_ago:
        at = now - timedelta(minutes=ago, seconds=4)
        run = uuid7(int(at.timestamp() * 1000))
        due = [one for one in services if ago % (one.interval // timedelta(minutes=1)) == 0]
        checks += [check(one, at, faults.get(one.key, ()), ago, run, chance) for one in due]
        runs.append(heartbeat(at, run, len(due)))

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        replace_services(connection, [one.info() for one in services], now)
        insert_rows(connection, "integration_health_checks", checks)
        insert_rows(connection, "collector_runs", runs)

    transact(location, work)


def _within(gap: tuple[int, int] | None, ago: int) -> bool:
    return gap is not None and gap[0] >= ago > gap[1]


def check(
    sample: Sample, at: datetime, faults: Sequence[Fault], ago: int, run: object, chance: random.Random
) -> dict[str, Any]:
    """One row of integration_health_checks, good unless one of `faults` holds `ago` minutes ago."""
    fault = next((one for one in faults if one.start >= ago > one.end), None)
    latency = round(sample.usual_ms * chance.uniform(0.85, 1.2)) if fault is None else fault.latency_ms
    return {
        "id": uuid7(int(at.timestamp() * 1000)),
        "timestamp": at + timedelta(milliseconds=chance.randrange(900)),
        "service_type": sample.kind.value,
        "service_name": sample.name,
        "status": (fault.status if fault else Status.HEALTHY).value,
        "response_time_ms": latency,
        "success_rate": 100 if fault is None else 0,
        "error_count": 0 if fault is None else 1,
        "retry_count": 0,
        "details": {},
        "reason": (fault.reason if fault else Reason.OK).value,
        "message": fault.says if fault else sample.says,
        "attempt": 1,
        "run_id": run,
    }


def heartbeat(at: datetime, run: object, services: int) -> dict[str, Any]:
    """One row of collector_runs, a minute's cycle that ended a second after `at`."""
    return {
        "id": run,
        "cycle_id": run,
        "part": 1,
        "complete": True,
        "collector": "sample",
        "version": "0.1.0",
        "started_at": at,
        "finished_at": at + timedelta(seconds=1),
        "interval_seconds": 60,
        "services": services,
        "checks": services,
        "failures": 0,
    }
