"""The calls of APIs in the last 24 hours: how long they took, how they ended, what went on. One question."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from analytics import change_queries, incident_queries, latency_queries, queries, trend_queries
from analytics.alert_settings import service_of
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey, ServiceType, Severity
from pages._ui import words
from pages._ui.latency_charts import Percentiles, limits, on_grid
from pages._ui.reading import paced

DAY = timedelta(hours=24)

#: One point of the lines.
STEP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share in percent, and its change against the day before in percentage points; None: not known."""

    percent: float
    points: float | None


@dataclass(frozen=True, slots=True)
class LastDay:
    """`calls` and how many percent more that is than the day before; rates are None without a call.

    `down_ms` and `healthy_ms` are the limits of a single API. `chart` is shared: nobody may change it.
    """

    chart: Percentiles
    calls: int
    calls_change: float | None
    success: Rate | None
    error: Rate | None
    retry: Rate | None


@paced(15)
def last_day(connection: Connection, now: datetime, api: ServiceKey | None = None) -> LastDay:
    """The last 24 hours before `now` of the calls of `api`, by default of all APIs that are monitored."""
    since = now - DAY
    monitored = {
        ServiceKey(ServiceType.API, str(row["service_name"])): row
        for row in records(queries.services(connection))
        if row["service_type"] == ServiceType.API
    }
    chosen = [api] if api in monitored else list(monitored)
    by: Any = "service" if len(chosen) == 1 else "type"
    steps = latency_queries.latency_steps(connection, since, now, STEP, by, chosen)
    spans = _spans(connection, since, now, chosen)
    limit = monitored[chosen[0]] if len(chosen) == 1 else {"healthy_ms": None, "down_ms": None}
    chart = Percentiles(
        times=on_grid(steps, since, _drawn_until(now), STEP, spans),
        spans=spans,
        markers=_markers(connection, since, now),
        limits=limits(limit["healthy_ms"], limit["down_ms"]),
    )
    row = next(records(trend_queries.rates_change(connection, since, now, by, chosen)), None)
    if row is None or not chosen:
        return LastDay(chart, 0, None, None, None, None)
    return LastDay(
        chart,
        calls=int(row["requests"]),
        calls_change=row["requests_change_percent"],
        success=_rate(row, "success"),
        error=_rate(row, "error"),
        retry=_rate(row, "retry"),
    )


def _drawn_until(now: datetime) -> datetime:
    """Where the lines end: a step that has hardly begun says too little to be one of their points."""
    begun = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % STEP
    return now if now - begun >= STEP / 2 else begun


def _rate(row: Mapping[str, Any], name: str) -> Rate:
    return Rate(float(row[f"{name}_percent"]), row[f"{name}_change_points"])


def _spans(connection: Connection, since: datetime, now: datetime, apis: list[ServiceKey]) -> pd.DataFrame:
    """The incidents of `apis` of that time, as the chart shades them."""
    known = {severity.value for severity in Severity}
    found = [
        {
            "begun": max(row["began_at"] or row["created_at"], since),
            "ended": row["resolved_at"] or now,
            "severity": row["severity"] if row["severity"] in known else Severity.INFO.value,
            "said": str(row["title"] or ""),
        }
        for row in records(incident_queries.incidents(connection, since, now))
        if service_of(row["service_type"], row["service_name"]) in apis
    ]
    return pd.DataFrame(found) if found else Percentiles(pd.DataFrame()).spans


def _markers(connection: Connection, since: datetime, now: datetime) -> pd.DataFrame:
    """What was changed in that time, a marker a step: changes at about the same time are told together."""
    found: dict[datetime, list[str]] = {}
    for row in records(change_queries.changes(connection, since, now)):
        at = row["changed_at"]
        near = next((one for one in found if one - at < STEP), at)
        found.setdefault(near, []).append(change_said(row))
    rows = [{"at": at, "said": " · ".join(_shortened(said))} for at, said in found.items()]
    return pd.DataFrame(rows) if rows else Percentiles(pd.DataFrame()).markers


def _shortened(said: list[str]) -> Iterator[str]:
    """The newest of many changes at about the same time."""
    yield from said[:3]
    if len(said) > 3:
        yield f"and {len(said) - 3} more changes"


def change_said(row: Mapping[str, Any]) -> str:
    """A row of `analytics.change_queries.changes` in words; one of an unknown kind as it is."""
    if row["kind"] == "collector":
        return f"Collector started, version {row['subject'] or 'unknown'}"
    if row["kind"] == "rule":
        place = f" for {words.service_name(row['service_name'])}" if row["service_name"] else ""
        return f"Alert rule {row['subject']}{place} changed by {row['author'] or 'somebody'}"
    return str(row["subject"])
