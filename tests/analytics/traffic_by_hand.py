"""Traffic of some services, and the requests it consists of, worked out without SQL."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from analytics.db import Location, transact
from analytics.ids import uuid7
from analytics.model import ServiceKey, ServiceType
from analytics.windows import failure_reason
from collector.store import insert_rows
from tests.analytics.checks_by_hand import NOON, Row, at, check, service, write

SHOP = ServiceKey(ServiceType.API, "shopify")
#: Its calls come under another name.
GOOGLE = ServiceKey(ServiceType.API, "google_analytics")
HOOKS = ServiceKey(ServiceType.WEBHOOK, "shopify")
TOOLS = ServiceKey(ServiceType.MCP, "tools")
#: Has calls, and is not monitored.
STRAY = ServiceKey(ServiceType.API, "stray")
SERVICES = [service(key) for key in (SHOP, GOOGLE, HOOKS, TOOLS)]
GOOGLE_TRAFFIC = "ga"
#: Google is called by nobody in these hours, and its checks stand for it.
SILENT = (at(hours=4), at(hours=6))
END = at(hours=11)
KEYS = ["service_type", "service_name", "method", "endpoint"]


@dataclass(frozen=True)
class Request:
    """One request as it has to be counted; `latency_ms` is None of what failed."""

    at: datetime
    service: ServiceKey
    method: str | None
    endpoint: str | None
    reason: str | None
    failed: bool
    retries: int
    latency_ms: int | None
    unverified: bool = False
    unprocessed: bool = False

    def key(self, by: str) -> tuple[str | None, ...]:
        type_, name = self.service.service_type.value, self.service.service_name
        return {
            "all": (None, None, None, None),
            "type": (type_, None, None, None),
            "service": (type_, name, None, None),
            "endpoint": (type_, name, self.method, self.endpoint),
        }[by]


def fill(location: Location, random_: random.Random, each: int = 150) -> list[Request]:
    """Eleven hours of traffic into an empty database; every request of it."""
    calls, deliveries, checks = [], [], []
    for name in (SHOP.service_name, GOOGLE_TRAFFIC, STRAY.service_name):
        calls += [call(random_, name) for _ in range(each)]
    calls = [row for row in calls if row["api_name"] != GOOGLE_TRAFFIC or not silent(row["timestamp"])]
    deliveries = [delivery(random_) for _ in range(each)]
    for key in (TOOLS, GOOGLE):
        checks += [probe(random_, key, NOON + timedelta(minutes=4 * n)) for n in range(165)]
    write(location, SERVICES, checks)

    def work(connection: Any) -> None:
        connection.execute(
            "UPDATE services SET traffic_name = ? WHERE service_name = ?",
            [GOOGLE_TRAFFIC, GOOGLE.service_name],
        )
        insert_rows(connection, "api_metrics", sorted(calls, key=lambda row: row["timestamp"]))
        insert_rows(connection, "webhook_metrics", sorted(deliveries, key=lambda row: row["timestamp"]))

    transact(location, work)
    called = {hour(row["timestamp"]) for row in calls if row["api_name"] == GOOGLE_TRAFFIC}
    found = [of_call(row) for row in calls if not refused_probe(row)]
    found += [of_delivery(row) for row in deliveries]
    return found + [of_probe(row) for row in checks if is_request(row, called)]


def call(random_: random.Random, api: str) -> Row:
    status = random_.choice([200, 200, 200, 200, 201, 302, None, 401, 404, 429, 503])
    return {
        "id": uuid7(),
        "timestamp": moment(random_),
        "api_name": api,
        "endpoint": random_.choice(["/orders", "/orders/{id}", None]),
        "method": random_.choice(["GET", "POST", None]),
        "status_code": status,
        "response_time_ms": random_.choice([None, latency(random_), latency(random_)]),
        "retries": random_.choice([None, 0, 0, 2]),
        "reason": random_.choice([None, None, None, None, "timeout"]),
        "origin": random_.choice([None, "shop", "probe"]),
        "quota_name": random_.choice([None, "requests"]),
        "quota_used": random_.choice([None, float(random_.randrange(100))]),
        "quota_limit": 100.0,
    }


def delivery(random_: random.Random) -> Row:
    return {
        "id": uuid7(),
        "timestamp": moment(random_),
        "source": HOOKS.service_name,
        "event_type": random_.choice(["orders/create", "orders/paid", None]),
        "verified": random_.choice([True, True, True, False, None]),
        "processed": random_.choice([True, True, False, None]),
        "reason": random_.choice([None, None, "repeated"]),
        "processing_time_ms": random_.choice([None, latency(random_)]),
    }


def probe(random_: random.Random, key: ServiceKey, start: datetime) -> Row:
    status = random_.choice(["healthy", "healthy", "degraded", "down", "unknown"])
    failed = {"error_count": random_.choice([0, 1, 3]) if status != "healthy" else 0}
    made = check(key, start + timedelta(seconds=random_.uniform(0, 200)), status, random_.choice([1, 1, 2]))
    return made | failed | {"response_time_ms": latency(random_)}


def moment(random_: random.Random) -> datetime:
    return NOON + random_.random() * (END - NOON)


def latency(random_: random.Random) -> int:
    return int(random_.lognormvariate(5.5, 1.5))


def hour(when: datetime) -> datetime:
    return when.replace(minute=0, second=0, microsecond=0)


def silent(when: datetime) -> bool:
    return SILENT[0] <= when < SILENT[1]


def refused_probe(row: Row) -> bool:
    return row["origin"] == "probe" and (row["reason"] == "auth" or row["status_code"] in (401, 403))


def of_call(row: Row) -> Request:
    key = GOOGLE if row["api_name"] == GOOGLE_TRAFFIC else ServiceKey(ServiceType.API, row["api_name"])
    status = row["status_code"]
    failed = row["reason"] is not None or status is None or not 200 <= status <= 399
    reason = failure_reason(status, row["reason"]).value if failed else None
    taken = None if failed else row["response_time_ms"]
    where = row["method"], row["endpoint"]
    return Request(row["timestamp"], key, *where, reason, failed, row["retries"] or 0, taken)


def of_delivery(row: Row) -> Request:
    unverified = row["verified"] is False
    unprocessed = row["verified"] is True and row["processed"] is False
    failed = unverified or unprocessed
    taken = None if failed else row["processing_time_ms"]
    where = row["timestamp"], HOOKS, None, row["event_type"]
    return Request(*where, row["reason"], failed, 0, taken, unverified, unprocessed)


def is_request(row: Row, called: set[datetime]) -> bool:
    by_calls = row["service_type"] == "api" and hour(row["timestamp"]) in called
    return row["status"] != "unknown" and not by_calls


def of_probe(row: Row) -> Request:
    key = ServiceKey(ServiceType(row["service_type"]), row["service_name"])
    failed = row["error_count"] > 0
    reason = None if row["reason"] == "ok" else row["reason"]
    taken = None if failed else row["response_time_ms"]
    return Request(row["timestamp"], key, None, None, reason, failed, int(row["attempt"] > 1), taken)


def step_of(when: datetime, step: timedelta) -> pd.Timestamp:
    """The start of the step that `when` lies in."""
    return pd.Timestamp(when).floor(step)


def expected(
    requests: Iterable[Request],
    by: str,
    figures: Callable[[Sequence[Request]], Row | None],
    step: timedelta | None = None,
) -> dict[tuple[Any, ...], Row]:
    """The figures of each group of `requests`; those that are None are left out."""
    groups: dict[tuple[Any, ...], list[Request]] = {}
    for request in requests:
        key = request.key(by)
        groups.setdefault((step_of(request.at, step), *key) if step else key, []).append(request)
    made = {key: figures(own) for key, own in groups.items()}
    return {key: found for key, found in made.items() if found is not None}


def rows_of(frame: pd.DataFrame, keys: Sequence[str] = KEYS) -> dict[tuple[Any, ...], Row]:
    """The rows of a frame by what they are about; each once."""
    plain = frame.astype(object).where(frame.notna(), None)
    found = {tuple(row[name] for name in keys): row for row in plain.to_dict("records")}
    assert len(found) == len(frame), "a group has two rows"
    return {key: {name: row[name] for name in row if name not in keys} for key, row in found.items()}


def rates_by_hand(own: Sequence[Request]) -> Row:
    total, errors = len(own), sum(one.failed for one in own)
    retries = sum(one.retries for one in own)
    return {
        "requests": total,
        "errors": errors,
        "retries": retries,
        "success_percent": 100 * (total - errors) / total,
        "error_percent": 100 * errors / total,
        "retry_percent": 100 * retries / total,
        "unverified": sum(one.unverified for one in own),
        "unprocessed": sum(one.unprocessed for one in own),
    }


def latency_by_hand(own: Sequence[Request]) -> Row | None:
    taken = [one.latency_ms for one in own if one.latency_ms is not None]
    if not taken:
        return None
    p50, p95, p99 = np.quantile(taken, [0.5, 0.95, 0.99])
    percentiles = {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99}
    return {"requests": len(taken), **percentiles, "mean_ms": np.mean(taken), "max_ms": max(taken)}
