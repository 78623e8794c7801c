"""What the page of a service asks the database: what changes with every check, and what sums up a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from analytics import alert_settings
from analytics.db import Connection
from analytics.model import Policy, ServiceKey, ServiceType
from analytics.periods import Period, parse_period
from pages._ui.bands import Stretch
from pages._ui.reading import paced
from pages._ui.service import (
    around,
    budget,
    deliveries,
    endpoints,
    figures,
    incidents,
    latency,
    phases,
    quotas,
    rules,
    timeline,
    tools,
)


@dataclass(frozen=True, slots=True)
class Present:
    """What changes with every check."""

    period: Period
    stretches: tuple[Stretch, ...]
    incidents: tuple[incidents.Incident, ...]
    around: around.Surroundings
    quotas: tuple[quotas.Quota, ...]
    tools: tools.Tools | None
    silence: deliveries.Silence | None


@dataclass(frozen=True, slots=True)
class Past:
    """What sums up a time. Frames are shared: nobody may change them."""

    period: Period
    figures: figures.Figures
    times: pd.DataFrame
    spans: pd.DataFrame
    phases: pd.DataFrame
    endpoints: tuple[endpoints.Endpoint, ...]
    deliveries: tuple[deliveries.Deliveries, ...]


@dataclass(frozen=True, slots=True)
class Standards:
    """What the service is judged by; None of what the file does not say."""

    policy: Policy | None
    rules: tuple[rules.Rule, ...]
    budget: budget.Budget | None


def present(connection: Connection, now: datetime, service: ServiceKey, period: str) -> Present:
    """How `service` was in `period` (in words), check by check, and what is around it at `now`."""
    when = parse_period(period, now)
    bounds = (connection, when.since, when.until, service)
    kind = service.service_type
    return Present(
        period=when,
        stretches=timeline.read(*bounds, now),
        incidents=incidents.read(*bounds, now),
        around=around.read(*bounds, now),
        quotas=quotas.read(connection, service, now) if kind is ServiceType.API else (),
        tools=tools.read(*bounds, now) if kind is ServiceType.MCP else None,
        silence=deliveries.read_silence(connection, service, now) if kind is ServiceType.WEBHOOK else None,
    )


@paced(30)
def standards(connection: Connection, now: datetime, service: ServiceKey) -> Standards:
    """What `service` is judged by at `now`, with what people changed."""
    return Standards(
        policy=alert_settings.read_limits(connection).get(service),
        rules=rules.read(connection, now, service),
        budget=budget.read(connection, now, service),
    )


@paced(20)
def past(
    connection: Connection, now: datetime, service: ServiceKey, period: str, interval: timedelta
) -> Past:
    """The figures of `service` in `period` (in words), of checks that are made every `interval`."""
    when = parse_period(period, now)
    kind = service.service_type
    found = incidents.read(connection, when.since, when.until, service, now)
    times, spans = latency.read(connection, when, service, found)
    return Past(
        period=when,
        figures=figures.read(connection, when, service),
        times=times,
        spans=spans,
        phases=phases.read(connection, when, service, interval),
        endpoints=endpoints.read(connection, when, service) if kind is ServiceType.API else (),
        deliveries=deliveries.read(connection, when, service) if kind is ServiceType.WEBHOOK else (),
    )
