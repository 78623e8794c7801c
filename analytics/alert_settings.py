"""What the alert rules go by, from the file alone: rules and what people changed, channels, limits.

The collector writes its settings at each start. A file of an earlier version has none; then the defaults of
services.toml hold.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from analytics.alerting import AlertPolicy, AlertRule, Route
from analytics.model import Basis, Policy, ServiceKey, ServiceType, Severity
from analytics.named_sql import query
from analytics.rules.alert_words import policy_of_rows
from analytics.rules.rule_changes import RuleChange, with_changes

_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_BASIS_BY_TYPE = {ServiceType.API: Basis.CALLS, ServiceType.WEBHOOK: Basis.DELIVERIES}
#: The design document calls an API down after more than 5 failures in a row; the others are sure sooner.
_SURE_AFTER_BY_TYPE = {ServiceType.API: 6}
_SURE_AFTER = 3


def read_policy(connection: duckdb.DuckDBPyConnection, now: datetime | None = None) -> AlertPolicy:
    """The alert rules in force: those of services.toml with what people changed up to `now`, or ever."""
    return with_changes(read_written_policy(connection), read_changes(connection, now))


def read_written_policy(connection: duckdb.DuckDBPyConnection) -> AlertPolicy:
    """The alert rules of services.toml at the collector's newest start; the defaults in a file without."""
    rows = connection.execute(query("alert_rules_written")).fetchall()
    names = ("rule", "service_type", "service_name", "settings")
    return policy_of_rows(dict(zip(names, row, strict=True)) for row in rows)


def read_changes(
    connection: duckdb.DuckDBPyConnection, now: datetime | None = None
) -> tuple[RuleChange, ...]:
    """The newest change up to `now` of every rule and service, also those that took one back (no settings).

    One of a rule or a type of service that this version does not know is left out.
    """
    rows = connection.execute(query("alert_rule_changes_in_force"), {"now": now or _FOR_EVER}).fetchall()
    return tuple(
        RuleChange(AlertRule(rule), service_of(service_type, name), _table(settings), at, author, note)
        for rule, service_type, name, settings, at, author, note in rows
        if rule in list(AlertRule) and _is_place(service_type, name)
    )


def read_routes(connection: duckdb.DuckDBPyConnection) -> tuple[Route, ...]:
    """The channels in the order of services.toml, with the severities each takes; none in an old file."""
    known = {severity.value for severity in Severity}
    return tuple(
        Route(channel, frozenset(Severity(one) for one in _list(severities) if one in known))
        for channel, _kind, severities in connection.execute(query("alert_channels_in_order")).fetchall()
    )


def read_limits(connection: duckdb.DuckDBPyConnection) -> dict[ServiceKey, Policy]:
    """What each monitored service is judged by, in configured order.

    What an earlier version did not write is that of its type: APIs are judged by calls and sure after 6
    failures in a row, webhook sources by deliveries, all else by its newest check; those are sure after 3.
    """
    found = {}
    for row in connection.execute(query("service_limits")).fetchall():
        service = service_of(row[0], row[1])
        if service is not None:
            found[service] = _limits(service, *row[2:])
    return found


def service_of(service_type: str | None, name: str | None) -> ServiceKey | None:
    """The service of two columns; None when they are NULL, or of a type this version does not know."""
    if name is None or service_type not in list(ServiceType):
        return None
    return ServiceKey(ServiceType(service_type), name)


def _limits(
    service: ServiceKey,
    basis: str | None,
    healthy_ms: float,
    down_ms: float,
    sure_after: int | None,
    stale_after_seconds: float,
    healthy_above_percent: float | None,
    down_below_percent: float | None,
) -> Policy:
    kind = service.service_type
    percents = {"healthy_above_percent": healthy_above_percent, "down_below_percent": down_below_percent}
    return Policy(
        basis=Basis(basis) if basis in list(Basis) else _BASIS_BY_TYPE.get(kind, Basis.PRESENT),
        healthy_ms=healthy_ms,
        down_ms=down_ms,
        sure_after=sure_after or _SURE_AFTER_BY_TYPE.get(kind, _SURE_AFTER),
        stale_after=timedelta(seconds=stale_after_seconds),
        **{name: value for name, value in percents.items() if value is not None},
    )


def _is_place(service_type: str | None, name: str | None) -> bool:
    return (service_type is None and name is None) or service_of(service_type, name) is not None


def _table(text: str | None) -> dict[str, Any]:
    found = json.loads(text) if text else None
    return found if isinstance(found, dict) else {}


def _list(text: str) -> list[Any]:
    found = json.loads(text)
    return found if isinstance(found, list) else []
