"""How many requests went to services, how many failed and why, as DataFrames.

Requests are the calls of an API, the deliveries of a webhook source and the attempts of probes of everything
else. Every function takes an open connection (`analytics.db.read_only`) and a period of UTC moments that
holds `since` and not `until`. `by` says what a row is about, and columns that are not grouped by are
empty: a row a service, a type of service, an endpoint (of a webhook source: an event type, without a method),
or one row of all. `services` are the only ones looked at. Whole hours come from the rollups; where the
single rows of an edge are gone, its whole hour counts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import duckdb
import pandas as pd

from analytics.coverage import HOUR
from analytics.frames import frame
from analytics.grouping import By, bound, possible_step
from analytics.model import ServiceKey


def rates(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    by: By = "service",
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """What was asked, and how much of it went well. Nothing without a request has a row.

    Columns: service_type, service_name, method, endpoint; as counts requests, errors, retries;
    success_percent, error_percent, retry_percent (retries per 100 requests); of webhooks as counts
    unverified, and unprocessed of those that were genuine. What could not be verified by our fault is no
    error.
    """
    found = frame(connection, "traffic_rates", **bound(connection, since, until, by, services))
    return found.drop(columns="step_start")


def rates_steps(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    step: timedelta,
    by: By = "service",
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """`rates` for each step of time: what charts read, in the order of time.

    Columns: step_start, then those of `rates`. Steps are counted from the first moment of 1970 in UTC: those
    that divide a day, or are whole days, begin at midnight, others at another time each day. The first and
    the last one may lie partly outside the period. Those under an hour are of an hour where single rows are
    gone. A step without a request has no row. ValueError when `step` is over an hour and not whole hours.
    """
    step = possible_step(connection, since, step)
    name = "traffic_rates" if step >= HOUR else "traffic_rates_of_moments"
    return frame(connection, name, **bound(connection, since, until, by, services, step))


def failures(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """Why requests failed, the most frequent first: a row a service, endpoint and reason.

    Columns: service_type, service_name, method, endpoint, reason, errors (a count), share_percent (of all
    errors of the service).
    """
    values = bound(connection, since, until, "endpoint", services)
    del values["by"], values["step"]
    return frame(connection, "traffic_failures", **values)
