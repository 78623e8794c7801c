"""The figures of a period, as one question: services, types and all of them, in numbers and over time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd

from analytics.availability_queries import availability_steps
from analytics.beginnings import data_since, known_at
from analytics.coverage import HOUR
from analytics.db import Connection
from analytics.frames import records
from analytics.grouping import possible_step
from analytics.latency_queries import latency_steps
from analytics.model import ServiceKey, ServiceType
from analytics.periods import Period, parse_period
from analytics.queries import services as monitored
from analytics.traffic_cube import By, TrafficCube, traffic_cube
from analytics.traffic_queries import rates_steps
from pages._ui.latency_charts import Percentiles, limits, on_grid
from pages._ui.reading import paced
from pages._ui.trends.courses import Course, Seen, courses
from pages._ui.trends.grid import Grid
from pages._ui.trends.lines import Figure, Line, Of

#: So many services are drawn as a line each; more are drawn as one.
SPLIT = 6

#: So many values over time are enough for the little picture in a row.
_LITTLE = 42

#: The steps of traffic in short periods, by their length.
_FINE = ((timedelta(hours=6), timedelta(minutes=5)), (timedelta(hours=49), timedelta(minutes=15)))

_CHECKS = ["up", "down", "degraded_seconds", "down_seconds"]


@dataclass(frozen=True, slots=True)
class Trends:
    """What a period brought. `services` and `groups` are in no order; `courses` are by name of the figure,
    `percentiles` is what the chart of percentiles of all reads, None where each has a line.

    `drawn` are whose the lines of the charts are, all together when it is empty. `since` is when the first of
    all that is known happened, None when nothing is.
    """

    period: Period
    total: Line
    groups: tuple[Line, ...]
    services: tuple[Line, ...]
    courses: Mapping[str, Course]
    percentiles: Percentiles | None
    drawn: tuple[ServiceKey, ...]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two periods, and of which services something was known before it began."""

    seen: Seen
    cube: TrafficCube
    checks: Mapping[ServiceKey, Mapping[str, Any]]
    checked: Collection[ServiceKey] = ()
    asked: Collection[ServiceKey] = ()


@paced(60)
def long_trends(connection: Connection, now: datetime, text: str, services: tuple[ServiceKey, ...]) -> Trends:
    """`trends` of a period of days, in which a minute does not matter."""
    return trends(connection, now, text, services)


@paced(15)
def trends(connection: Connection, now: datetime, text: str, services: tuple[ServiceKey, ...]) -> Trends:
    """The figures of `services` in the period that `text` means, beside those of the period before."""
    period = parse_period(text, now)
    drawn = services if 1 < len(services) <= SPLIT else ()
    step = _step(connection, period)
    side = _side(connection, period, step, services, bool(drawn))
    checked, asked = (_known(connection, of, period.before.since, services) for of in _KNOWN)
    # Of a period before everything nothing has to be read.
    old = _side(connection, period.before, step, services if checked or asked else (), bool(drawn))
    before = replace(old, checked=checked, asked=asked)
    parts = courses(side.seen, before.seen if checked and asked else None, drawn)
    types = tuple(dict.fromkeys(one.service_type for one in services))
    return Trends(
        period,
        _lines("all", (None,), side, before)[0],
        tuple(_lines("type", types, side, before)),
        tuple(_lines("service", services, side, before)),
        parts,
        None if drawn else _percentiles(connection, side, period, step, services, parts["p95"]),
        drawn,
        data_since(connection),
    )


def _percentiles(
    connection: Connection,
    side: _Side,
    period: Period,
    step: timedelta,
    services: Sequence[ServiceKey],
    p95: Course,
) -> Percentiles:
    """What the chart of percentiles shows: of one service with its limits."""
    of = {(one.service_type.value, one.service_name) for one in services}
    found = [
        limits(row["healthy_ms"], row["down_ms"])
        for row in records(monitored(connection))
        if of == {(row["service_type"], row["service_name"])}
    ]
    return Percentiles(
        on_grid(side.seen.traffic, period.since, period.until, step),
        limits=found[0] if found else limits(None, None),
        before=p95.rows[["at", "before"]].rename(columns={"before": "p95_ms"}),
    )


def _step(connection: Connection, period: Period) -> timedelta:
    """How long a step of the charts of traffic is: under an hour in a short period, where single rows are
    left."""
    step = next((step for longest, step in _FINE if period.length <= longest), max(period.step, HOUR))
    return possible_step(connection, period.before.since, step)


_KNOWN: tuple[Literal["checks"], Literal["traffic"]] = ("checks", "traffic")


def _known(
    connection: Connection,
    of: Literal["checks", "traffic"],
    moment: datetime,
    services: Sequence[ServiceKey],
) -> list[ServiceKey]:
    series = [(one.service_type.value, one.service_name) for one in services]
    known = known_at(connection, of, moment, series, services)
    return [one for one, is_known in zip(services, known, strict=True) if is_known]


def _side(
    connection: Connection, period: Period, step: timedelta, services: Sequence[ServiceKey], split: bool
) -> _Side:
    hours = max(step, HOUR)
    steps = availability_steps(connection, period.since, period.until, hours, services)
    sums = steps.groupby(["service_type", "service_name"])[_CHECKS].sum().reset_index()
    checks = {ServiceKey(ServiceType(row["service_type"]), row["service_name"]): row for row in records(sums)}
    cube = traffic_cube(connection, period.since, period.until, hours, services)
    by: By = "service" if split else "all"
    if step < HOUR:
        traffic = _moments(connection, period, step, services, by)
    else:
        traffic = cube.figures(by, stepped=True)
    return _Side(Seen(Grid.of(period, hours), steps, Grid.of(period, step), traffic), cube, checks)


def _moments(
    connection: Connection, period: Period, step: timedelta, services: Sequence[ServiceKey], by: By
) -> pd.DataFrame:
    """What the cube has of each step, in steps of less than an hour."""
    keys = ["step_start", *(["service_type", "service_name"] if by == "service" else [])]
    counts = rates_steps(connection, period.since, period.until, step, by, services)
    times = latency_steps(connection, period.since, period.until, step, by, services)
    counts = counts[[*keys, "requests", "error_percent", "retry_percent"]]
    return counts.merge(times[[*keys, "p50_ms", "p95_ms", "p99_ms"]], on=keys, how="left")


def _lines(by: By, keys: Sequence[Of], side: _Side, before: _Side) -> list[Line]:
    now, then = _traffic(side.cube, by), _traffic(before.cube, by)
    drawn = _little(side, by)
    lines = []
    for key in keys:
        checks = [row for one, row in side.checks.items() if _is_of(one, key)]
        checked = any(_is_of(one, key) for one in before.checked)
        asked = any(_is_of(one, key) for one in before.asked)
        old = [row for one, row in before.checks.items() if _is_of(one, key)] if checked else []
        row, earlier = now.get(key, {}), then.get(key, {}) if asked else {}
        lines.append(
            Line(
                of=key,
                uptime=Figure(_uptime(checks), _uptime(old)),
                p50=_figure(row, earlier, "p50_ms"),
                p95=_figure(row, earlier, "p95_ms"),
                p99=_figure(row, earlier, "p99_ms"),
                errors=_figure(row, earlier, "error_percent"),
                retries=_figure(row, earlier, "retry_percent"),
                requests=_figure(row, earlier, "requests"),
                down_seconds=sum(one["down_seconds"] for one in checks),
                degraded_seconds=sum(one["degraded_seconds"] for one in checks),
                course=drawn.get(key, ()),
            )
        )
    return lines


def _traffic(cube: TrafficCube, by: By) -> dict[Of, dict[str, Any]]:
    return {_of(row): row for row in records(cube.figures(by))}


def _little(side: _Side, by: By) -> dict[Of, tuple[float | None, ...]]:
    """The P95 of each over time, in so few values that it can stand in a row: of neighbours the highest."""
    if by == "all":
        return {}
    grid = side.seen.checked
    together = -(-grid.count // _LITTLE)
    found: dict[Of, tuple[float | None, ...]] = {}
    for key, values in grid.spread(side.cube.figures(by, stepped=True), "p95_ms").items():
        few = [values[first : first + together] for first in range(0, len(values), together)]
        of = _of(dict(zip(("service_type", "service_name"), key, strict=False)))
        found[of] = tuple(None if np.isnan(some).all() else float(np.nanmax(some)) for some in few)
    return found


def _of(row: Mapping[str, Any]) -> Of:
    if "service_name" in row:
        return ServiceKey(ServiceType(row["service_type"]), row["service_name"])
    return ServiceType(row["service_type"]) if "service_type" in row else None


def _is_of(service: ServiceKey, of: Of) -> bool:
    return of is None or of in (service, service.service_type)


def _figure(row: Mapping[str, Any], earlier: Mapping[str, Any], name: str) -> Figure:
    return Figure(row.get(name), earlier.get(name))


def _uptime(rows: Sequence[Mapping[str, Any]]) -> float | None:
    up = sum(row["up"] for row in rows)
    known = up + sum(row["down"] for row in rows)
    return 100.0 * up / known if known else None
