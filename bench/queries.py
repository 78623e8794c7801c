"""What each query behind a page costs: on 30 days of 16 services, 691,200 checks and 3 million calls.

`python -m bench.queries PATH` measures a file of your own. That a query does not get slow with the traffic is
measured on a file of 100 times as many checks and calls in the same 30 days, which takes a quarter of an hour
to write and 10 GB; `make bench` does not make it:

    python -m bench.large_file /tmp/hundred.duckdb 100
    python -m bench.queries /tmp/hundred.duckdb --large

`--large` leaves out the queries of 24 hours, which read single rows, and has the limits of that file.
`--only` takes a regular expression that the name of a query has to hold.
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypedDict

from analytics.availability_queries import availability, availability_change, reasons
from analytics.db import Connection, FileLocation, read_only
from analytics.incident_queries import incident_durations, incident_figures, incidents
from analytics.latency_queries import latency, latency_steps
from analytics.model import ServiceKey, ServiceType
from analytics.periods import Period, parse_period
from analytics.quota_queries import quota_headroom, quota_history
from analytics.slo_queries import slo, slo_history
from analytics.standing_queries import standing
from analytics.status_queries import status_hours, status_timeline
from analytics.traffic_queries import failures, rates, rates_steps
from analytics.trend_queries import latency_change, rates_change, trends
from analytics.webhook_queries import webhook_figures
from analytics.worst_queries import worst_services
from bench.figure import Figure, table
from bench.large_file import write

ROUNDS = 7

#: Every query behind a page, on the file of 30 days.
LIMIT_MS = 100
#: Every query over 7 or 30 days, on a file of 100 times the rows.
LARGE_LIMIT_MS = 300
_ONLY_SMALL = r"24h"

#: The service that pages about one service are measured with.
ONE = ServiceKey(ServiceType.API, "openai")

Query = Callable[[Connection], object]


def measure() -> list[Figure]:
    """Milliseconds of every query, median of some rounds."""
    with tempfile.TemporaryDirectory(prefix="health-bench-") as folder:
        location = FileLocation(Path(folder) / "health.duckdb")
        write(location, _minute(datetime.now(UTC)), progress=lambda _: None)
        return measured(location, LIMIT_MS)


def measured(location: FileLocation, limit: float, chosen: Callable[[str], bool] = bool) -> list[Figure]:
    """The figures of the queries whose name is `chosen`, on the database at `location`; `limit` is in ms.

    ValueError when the file has no run of the collector, whose newest is the moment that periods end at.
    """
    with read_only(location) as connection:
        now = _newest(connection)
        return [
            Figure(f"query: {name}", _milliseconds(partial(query, connection)), "ms", limit)
            for name, query in queries(now).items()
            if chosen(name)
        ]


def main(arguments: Sequence[str]) -> int:
    """Measure a file and print the table; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.queries",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", type=Path, metavar="PATH", help="a DuckDB file; it is only read")
    parser.add_argument("--only", default="", type=re.compile, metavar="PATTERN", help="names to measure")
    parser.add_argument("--large", action="store_true", help="a file of 100 times the rows")
    options = parser.parse_args(arguments)

    def chosen(name: str) -> bool:
        left_out = options.large and re.search(_ONLY_SMALL, name)
        return not left_out and options.only.search(name) is not None

    limit = LARGE_LIMIT_MS if options.large else LIMIT_MS
    figures = measured(FileLocation(options.path), limit, chosen)
    print(table(figures))
    return 1 if any(figure.met is False for figure in figures) else 0


def queries(now: datetime) -> dict[str, Query]:
    """Every query behind a page as of `now`, by a name that says over what."""
    found: dict[str, Query] = {
        "standing": partial(standing, now=now),
        "slo": partial(slo, now=now),
        "quota_headroom": partial(quota_headroom, now=now),
    }
    for text in ("24h", "7d", "30d"):
        period = parse_period(text, now)
        of_one = _of_checks(period) | _of_traffic(period) | _of_incidents(period)
        found |= {f"{name} {text}": query for name, query in of_one.items()}
    bounds = _bounds(parse_period("30d", now))
    return found | {
        "status_hours 30d by day": partial(status_hours, **bounds, step=timedelta(days=1)),
        "status_hours 30d by hour": partial(status_hours, **bounds, step=timedelta(hours=1)),
        "slo_history of one 30d": partial(slo_history, **bounds, service=ONE),
    }


class _Bounds(TypedDict):
    since: datetime
    until: datetime


def _bounds(period: Period) -> _Bounds:
    return {"since": period.since, "until": period.until}


def _of_checks(period: Period) -> dict[str, Query]:
    bounds = _bounds(period)
    return {
        "availability": partial(availability, **bounds),
        "availability_change": partial(availability_change, **bounds),
        "reasons": partial(reasons, **bounds),
        "status_timeline": partial(status_timeline, **bounds),
        "worst_services": partial(worst_services, **bounds),
    }


def _of_traffic(period: Period) -> dict[str, Query]:
    bounds = _bounds(period)
    steps = partial(latency_steps, **bounds, step=period.step)
    hours = max(period.step, timedelta(hours=1))
    return {
        "rates": partial(rates, **bounds),
        "rates by endpoint": partial(rates, **bounds, by="endpoint"),
        "rates_change": partial(rates_change, **bounds),
        "rates_steps": partial(rates_steps, **bounds, step=period.step),
        "failures": partial(failures, **bounds),
        "latency": partial(latency, **bounds),
        "latency by endpoint": partial(latency, **bounds, by="endpoint"),
        "latency_change": partial(latency_change, **bounds),
        "latency_steps": steps,
        "latency_steps by endpoint of one": partial(steps, by="endpoint", services=[ONE]),
        "trends": partial(trends, period=period),
        "webhook_figures": partial(webhook_figures, **bounds),
        "quota_history of one": partial(quota_history, **bounds, step=hours, services=[ONE]),
    }


def _of_incidents(period: Period) -> dict[str, Query]:
    bounds = _bounds(period)
    return {
        "incidents": partial(incidents, **bounds),
        "incident_figures": partial(incident_figures, since=period.before.since, until=period.until),
        "incident_durations": partial(incident_durations, **bounds),
    }


def _newest(connection: Connection) -> datetime:
    row = connection.execute("SELECT max(finished_at) FROM collector_runs").fetchone()
    if row is None or row[0] is None:
        raise ValueError("the file has no run of the collector; write one with python -m bench.large_file")
    newest: datetime = row[0]
    return newest


def _milliseconds(work: Callable[[], object]) -> float:
    def once() -> float:
        started = time.perf_counter()
        work()
        return 1000 * (time.perf_counter() - started)

    once()
    return statistics.median(once() for _ in range(ROUNDS))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
