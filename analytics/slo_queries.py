"""Objectives, error budgets and when they will be gone, from rollups and single checks alike.

A check is bad when the service was down; unknown ones, and those made during maintenance, do not count: as
the alert rule `slo_burn` has it. Every function takes an open connection (`analytics.db.read_only`) and
moments in UTC; a period ends just before `now`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pandas as pd

from analytics.alert_settings import read_changes, read_written_policy, service_of
from analytics.alerting import AlertPolicy, AlertRule
from analytics.coverage import coverage, hour_after, hour_of
from analytics.frames import names
from analytics.model import ServiceKey
from analytics.named_sql import query
from analytics.rules.error_budget import PERIOD, RECENT, Ledger, allowed, gone_at, left_percent
from analytics.rules.rule_changes import with_changes
from analytics.rules.slo import FAST, SLOW, Share, burn_rate

_TYPES: Mapping[str, str] = {
    "service_type": "object",
    "service_name": "object",
    "objective": "float64",
    "known_checks": "int64",
    "bad_checks": "int64",
    "availability_percent": "float64",
    "budget_checks": "float64",
    "budget_left_percent": "float64",
    "budget_left_minutes": "float64",
    "burn_1h": "float64",
    "burn_6h": "float64",
    "burn_3d": "float64",
    "gone_at": "datetime64[us, UTC]",
}

_HISTORY_TYPES: Mapping[str, str] = {
    "timestamp": "datetime64[us, UTC]",
    "objective": "float64",
    "known_checks": "int64",
    "bad_checks": "int64",
    "availability_percent": "float64",
    "budget_left_percent": "float64",
}


def slo(
    connection: duckdb.DuckDBPyConnection,
    now: datetime,
    services: Sequence[ServiceKey] | None = None,
    period: timedelta = PERIOD,
) -> pd.DataFrame:
    """How each monitored service (of `services`, default all) kept its objective in the last 30 days, or in
    the `period` before `now`, from the full hour on that it begins in.

    In configured order. Columns: service_type, service_name, objective (percent of good checks); as counts
    of checks known_checks, bad_checks; availability_percent, the share of the known that were good;
    budget_checks, how many may be bad; budget_left_percent (below 0 when more were, minus infinity of an
    objective of 100 %) and budget_left_minutes, how long a full outage it would take to use it up; burn_1h,
    burn_6h and burn_3d, how many times too fast the budget was spent in the last hours, or in the full
    hours of the last days; gone_at, when nothing of it is left if the last 3 days go on: `now` when that is
    so already, NaT when it lasts for another 30 days (`period`). What cannot be said without a known check
    is NaN.

    ValueError when `period` is shorter than 3 days.
    """
    if period < RECENT:
        raise ValueError(f"period of {period}: it is {RECENT.days} days or longer")
    spent = _spent(connection, hour_of(now - period), now, services)
    lately = _lately(connection, now)
    rows = []
    for service, objective in objectives(connection, now, services).items():
        ledger, total, seconds = spent.get(service, (Ledger(), Share(), 0.0))
        early, late, hour = lately.get(service, (Share(), Share(), Share()))
        between = ledger.between(hour_after(now - SLOW.long), hour_of(now))
        rows.append(
            {
                **_kept(total, objective),
                "service_type": service.service_type.value,
                "service_name": service.service_name,
                "budget_checks": allowed(total.known, objective),
                "budget_left_minutes": _minutes(total, objective, seconds),
                "burn_1h": _burn(hour, objective),
                "burn_6h": _burn(_together(early, between, late), objective),
                "burn_3d": _burn(ledger.recent(now), objective),
                "gone_at": gone_at(ledger, objective, now, period),
            }
        )
    return _frame(rows, _TYPES)


def slo_history(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    service: ServiceKey,
    step: timedelta = timedelta(hours=6),
) -> pd.DataFrame:
    """What was left of the error budget of `service` at `since`, every `step` after it, and at `until`.

    Each row is about the 30 days before its moment, by the objective of today. An hour that a moment or the
    beginning of those days lies in counts as a whole. Columns: timestamp, objective (percent); as counts of
    checks known_checks, bad_checks; availability_percent, budget_left_percent (as `slo` has it).

    ValueError when `step` is shorter than an hour.
    """
    if step < timedelta(hours=1):
        raise ValueError(f"step of {step}: it is an hour or longer")
    spent = _spent(connection, hour_of(since - PERIOD), until, [service])
    ledger = spent[service][0] if service in spent else Ledger()
    objective = _promised(_policy(connection, until), service)
    moments = [since + number * step for number in range(-((since - until) // step))] + [until]
    rows = [
        {"timestamp": moment, **_kept(ledger.between(moment - PERIOD, moment), objective)}
        for moment in moments
    ]
    return _frame(rows, _HISTORY_TYPES)


def objectives(
    connection: duckdb.DuckDBPyConnection, now: datetime, services: Sequence[ServiceKey] | None = None
) -> dict[ServiceKey, float]:
    """The share of good checks each monitored service promises, in percent, with what people changed."""
    policy = _policy(connection, now)
    found = (service_of(kind, name) for kind, name, *_ in _rows(connection, services))
    return {service: _promised(policy, service) for service in found if service is not None}


def _policy(connection: duckdb.DuckDBPyConnection, now: datetime) -> AlertPolicy:
    """The alert rules in force; in a file that has none with what it says of services all the same."""
    policy = read_written_policy(connection)
    settings = policy.rules[AlertRule.SLO_BURN]
    own = {
        (service, AlertRule.SLO_BURN): replace(settings, objective=objective)
        for kind, name, objective, rules_written in _rows(connection, None)
        if objective is not None and not rules_written and (service := service_of(kind, name)) is not None
    }
    return with_changes(replace(policy, overrides={**policy.overrides, **own}), read_changes(connection, now))


def _promised(policy: AlertPolicy, service: ServiceKey) -> float:
    return policy.settings(AlertRule.SLO_BURN, service).objective


def _rows(
    connection: duckdb.DuckDBPyConnection, services: Sequence[ServiceKey] | None
) -> list[tuple[Any, ...]]:
    return connection.execute(query("slo_services"), {"services": names(services)}).fetchall()


def _spent(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    services: Sequence[ServiceKey] | None,
) -> dict[ServiceKey, tuple[Ledger, Share, float]]:
    """The checks of each service by hour, all of them together, and how many seconds they held."""
    bound = coverage(connection, since, until).bound()
    rows = connection.execute(query("slo_hours"), {"services": names(services), **bound}).fetchall()
    found = {}
    for kind, name, starts, known, bad, seconds in rows:
        service = service_of(kind, name)
        if service is not None:
            hours = [datetime.fromtimestamp(start, UTC) for start in starts]
            found[service] = (Ledger(hours, known, bad), Share(sum(bad), sum(known)), seconds)
    return found


def _lately(
    connection: duckdb.DuckDBPyConnection, now: datetime
) -> dict[ServiceKey, tuple[Share, Share, Share]]:
    """The checks of the six hours up to `now` before their full hours, after them, and of the last hour.

    With the full hours they are what the alert rule looks at. To read all of them takes long.
    """
    values = {
        "since": now - SLOW.long,
        "whole_since": hour_after(now - SLOW.long),
        "hour_since": now - FAST.long,
        "whole_until": hour_of(now),
        "until": now,
    }
    rows = connection.execute(query("slo_lately"), values).fetchall()
    found = {}
    for kind, name, *counts in rows:
        service = service_of(kind, name)
        if service is not None:
            early, late, hour = (Share(*counts[place : place + 2]) for place in (0, 2, 4))
            found[service] = (early, late, hour)
    return found


def _together(*shares: Share) -> Share:
    return Share(sum(one.bad for one in shares), sum(one.known for one in shares))


def _kept(share: Share, objective: float) -> dict[str, Any]:
    return {
        "objective": objective,
        "known_checks": share.known,
        "bad_checks": share.bad,
        "availability_percent": 100.0 * (share.known - share.bad) / share.known if share.known else None,
        "budget_left_percent": left_percent(share, objective),
    }


def _burn(share: Share, objective: float) -> float | None:
    return burn_rate(share, objective) if share.known else None


def _minutes(share: Share, objective: float, seconds: float) -> float | None:
    """How long a full outage takes to use up what is left: a check is as long as they were on average."""
    if not share.known:
        return None
    left = max(0.0, allowed(share.known, objective) - share.bad)
    return left * seconds / share.known / 60.0


def _frame(rows: list[dict[str, Any]], types: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(types)).astype(dict(types))
