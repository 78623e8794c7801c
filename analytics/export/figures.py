"""Every figure that can be exported: what the query functions return for a period."""

from collections.abc import Callable
from datetime import datetime, timedelta

import duckdb
import pandas as pd

from analytics import (
    availability_queries,
    incident_queries,
    latency_queries,
    quota_queries,
    slo_queries,
    standing_queries,
    status_queries,
    traffic_queries,
    trend_queries,
    webhook_queries,
    worst_queries,
)
from analytics.export.dataset import Dataset, Owner, Read
from analytics.export.tables import HEALTH, STATES
from analytics.grouping import By
from analytics.periods import Period, step_for

Connection = duckdb.DuckDBPyConnection


def _at_the_end(read: Callable[[Connection, datetime], pd.DataFrame]) -> Read:
    """A query function that is told `now`: the end of the period."""
    return lambda connection, _since, until: read(connection, until)


def _in_steps(
    read: Callable[[Connection, datetime, datetime, timedelta], pd.DataFrame],
    finest: timedelta = timedelta(0),
) -> Read:
    """A query function that is told a step: that of a chart of the period, none finer than `finest`."""
    return lambda connection, since, until: read(
        connection, since, until, max(step_for(until - since), finest)
    )


def _by_endpoint(read: Callable[[Connection, datetime, datetime, By], pd.DataFrame]) -> Read:
    return lambda connection, since, until: read(connection, since, until, "endpoint")


def _trends(connection: Connection, since: datetime, until: datetime) -> pd.DataFrame:
    return trend_queries.trends(connection, Period("exported", since, until))


def _quota_headroom(connection: Connection, since: datetime, until: datetime) -> pd.DataFrame:
    return quota_queries.quota_headroom(connection, until, since)


#: Name, what a row is, and the function, of those whose rows are about one service and have no status.
_OF_SERVICES: tuple[tuple[str, str, Read], ...] = (
    ("availability", "a service: its checks, its uptime", availability_queries.availability),
    (
        "availability_change",
        "a service: its uptime against the period before",
        availability_queries.availability_change,
    ),
    (
        "status_hours",
        "a step of time of a service: the seconds in each status",
        _in_steps(status_queries.status_hours, timedelta(hours=1)),
    ),
    (
        "slo",
        "a service: its objective and error budget at the end of the period",
        _at_the_end(slo_queries.slo),
    ),
    ("rates", "a service: its requests, errors and retries", traffic_queries.rates),
    (
        "rates_by_endpoint",
        "an endpoint or event type: its requests, errors and retries",
        _by_endpoint(traffic_queries.rates),
    ),
    (
        "rates_steps",
        "a step of time of a service: its requests, errors and retries",
        _in_steps(traffic_queries.rates_steps),
    ),
    ("rates_change", "a service: its requests against the period before", trend_queries.rates_change),
    ("failures", "a reason why requests of an endpoint failed", traffic_queries.failures),
    ("latency", "a service: how long its requests took", latency_queries.latency),
    (
        "latency_by_endpoint",
        "an endpoint or event type: how long its requests took",
        _by_endpoint(latency_queries.latency),
    ),
    (
        "latency_steps",
        "a step of time of a service: how long its requests took",
        _in_steps(latency_queries.latency_steps),
    ),
    ("latency_change", "a service: its latency against the period before", trend_queries.latency_change),
    ("trends", "a service: traffic and latency against the period before", _trends),
    ("worst_services", "a service, the worst first", worst_queries.worst_services),
    (
        "suppressed_alerts",
        "firings nobody was told of, by service, rule and reason",
        incident_queries.suppressed_alerts,
    ),
)
_BY_STATUS: tuple[tuple[str, str, tuple[str, ...], Read], ...] = (
    (
        "standing",
        "a service: how it stands at the end of the period, and since when",
        HEALTH,
        _at_the_end(standing_queries.standing),
    ),
    ("status_timeline", "a stretch of one status and reason", HEALTH, status_queries.status_timeline),
    (
        "reasons",
        "a status and reason of a service: how often and how long",
        HEALTH,
        availability_queries.reasons,
    ),
    ("incidents", "an incident that went on at some time of the period", STATES, incident_queries.incidents),
)

FIGURES = (
    *(Dataset(name, about, owner=Owner.SERVICE, read=read) for name, about, read in _OF_SERVICES),
    *(
        Dataset(name, about, None, Owner.SERVICE, statuses, read)
        for name, about, statuses, read in _BY_STATUS
    ),
    Dataset("quota_headroom", "a quota of an API: what is left", owner=Owner.OF_API, read=_quota_headroom),
    Dataset(
        "quota_history",
        "a step of time of a quota: how full it was",
        owner=Owner.OF_API,
        read=_in_steps(quota_queries.quota_history),
    ),
    Dataset(
        "webhook_figures",
        "an event type of a webhook source: its deliveries",
        owner=Owner.OF_WEBHOOK,
        read=webhook_queries.webhook_figures,
    ),
    Dataset(
        "incident_figures",
        "how fast incidents of a severity were noticed, told, acknowledged and over",
        read=incident_queries.incident_figures,
    ),
)
