"""`GET /api/integrations/metrics?period=24h`: how the calls of every API went over time."""

import re
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from analytics import queries
from analytics.db import Connection
from analytics.frames import records
from analytics.grouping import possible_step
from analytics.latency_queries import latency_steps
from analytics.model import ServiceKey, ServiceType
from analytics.periods import parse_period
from analytics.traffic_queries import rates_steps
from pages._ui import reading
from pages._ui.api.answers import Refused, document, value_of
from pages._ui.api.etag import Encoded, encoded
from pages._ui.api.health import iso

_USUAL = "24h"
_LONGEST = timedelta(days=30)
_PERIOD = re.compile(r"([1-9][0-9]{0,3})([hd])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}

#: Steps of an hour and more end in an hour that is still filling: nobody misses its newest seconds.
_SLOW_FROM = timedelta(hours=49)


def metrics(request: Request) -> Response:
    """A series an API; 400 for a period that is none, 503 while there is no data."""
    text = request.query_params.get("period", _USUAL)
    question = series if length_of(text) <= _SLOW_FROM else long_series
    return document(request, value_of(reading.ask(question, text)))


def length_of(text: str) -> timedelta:
    """How long the period `text` is: whole hours or days, up to 30 days. `Refused` with 400 otherwise."""
    written = _PERIOD.fullmatch(text)
    length = int(written[1]) * _UNITS[written[2]] if written else None
    if length is None or length > _LONGEST:
        raise Refused(400, f'period "{text[:40]}": write hours or days up to 30d, such as 24h or 7d')
    return length


def series(connection: Connection, now: datetime, text: str) -> Encoded:
    """The whole answer for the period `text`, encoded once for all who ask."""
    return encoded(metrics_document(connection, now, text))


@reading.paced(30)
def long_series(connection: Connection, now: datetime, text: str) -> Encoded:
    """`series` of a longer period, which moves slowly and is dearer to read."""
    return series(connection, now, text)


def metrics_document(connection: Connection, now: datetime, text: str) -> dict[str, Any]:
    """What is answered, as plain JSON values: each API that is monitored, by name.

    A step without a call has no point. Percentiles are in ms, of calls that did not fail, null without one;
    rates in percent.
    """
    period = parse_period(text, now)
    step = possible_step(connection, period.since, period.step)
    known = [
        ServiceKey(ServiceType.API, str(row["service_name"]))
        for row in records(queries.services(connection))
        if row["service_type"] == ServiceType.API
    ]
    points: dict[str, list[dict[str, Any]]] = {key.service_name: [] for key in known}
    if known:
        times = {
            (row["service_name"], row["step_start"]): row
            for row in records(latency_steps(connection, period.since, period.until, step, services=known))
        }
        for row in records(rates_steps(connection, period.since, period.until, step, services=known)):
            place = row["service_name"], row["step_start"]
            points[row["service_name"]].append(_point(row, times.get(place, {})))
    return {
        "period": text,
        "step_seconds": int(step.total_seconds()),
        "series": [{"api_name": name, "points": points[name]} for name in sorted(points)],
    }


def _point(rates: dict[str, Any], times: dict[str, Any]) -> dict[str, Any]:
    return {
        "timestamp": iso(rates["step_start"]),
        "p50_ms": _rounded(times.get("p50_ms"), 1),
        "p95_ms": _rounded(times.get("p95_ms"), 1),
        "p99_ms": _rounded(times.get("p99_ms"), 1),
        "requests": int(rates["requests"]),
        "errors": int(rates["errors"]),
        "success_rate": _rounded(rates["success_percent"], 3),
        "retry_rate": _rounded(rates["retry_percent"], 3),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits)
