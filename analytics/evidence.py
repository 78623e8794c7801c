"""Reads what the alert rules need beside the checks: traffic, circuits, quotas, shares of bad checks."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import duckdb

from analytics.alerting import AlertPolicy, AlertRule
from analytics.model import Reason, ServiceKey, ServiceType, Status, Window
from analytics.named_sql import query
from analytics.rules.signals.evidence import (
    PRESENT_SPAN,
    REACH,
    Circuit,
    CommonFailure,
    Evidence,
    Looks,
    QuotaLevel,
)
from analytics.rules.signals.settings import lengths, spans
from analytics.rules.slo import FAST, SLOW, Share
from analytics.windows import bounds, call_windows, delivery_windows, failure_reason


def read_evidence(
    connection: duckdb.DuckDBPyConnection,
    names: Mapping[ServiceKey, str],
    policy: AlertPolicy,
    now: datetime,
    present_only: bool = False,
) -> Evidence:
    """What the tables say as of `now`.

    `names` has the `api_name` or `source` of each service that is judged by traffic. Reads an hour of traffic
    and six hours of checks at the most, and only windows that `policy` asks for; with `present_only` nothing
    but the windows that `present_status` needs.
    """
    if present_only:
        return Evidence(
            at=now,
            names=dict(names),
            calls={PRESENT_SPAN: call_windows(connection, now, PRESENT_SPAN)},
            deliveries={PRESENT_SPAN: delivery_windows(connection, now, {}, PRESENT_SPAN)},
        )
    calls = {
        span: call_windows(connection, now, span)
        for span in {PRESENT_SPAN} | spans(policy, (AlertRule.HIGH_ERROR_RATE, AlertRule.SLOW_RESPONSE))
    }
    deliveries = {
        span: delivery_windows(connection, now, {}, span)
        for span in {PRESENT_SPAN} | spans(policy, (AlertRule.WEBHOOK_VERIFICATION,))
    }
    return Evidence(
        at=now,
        names=dict(names),
        calls=calls,
        deliveries=deliveries,
        failures=_failures(connection, calls, lengths(policy, (AlertRule.HIGH_ERROR_RATE,)), now),
        circuits=_circuits(connection, now) if _on(policy, AlertRule.CIRCUIT_OPEN) else (),
        quotas=_quotas(connection, now) if _on(policy, AlertRule.QUOTA_HEADROOM) else (),
        looks=read_looks(connection, now) if _on(policy, *_BY_LOOKS) else {},
    )


_BY_LOOKS = (AlertRule.SLO_BURN, AlertRule.COLLECTOR_BLIND)


def read_looks(connection: duckdb.DuckDBPyConnection, now: datetime) -> dict[ServiceKey, Looks]:
    """What the checks of the last six hours say of each service."""
    rows = connection.execute(
        query("looks"),
        {
            "since": now - SLOW.long,
            "until": now,
            "slow_long": now - SLOW.long,
            "fast_long": now - FAST.long,
            "slow_short": now - SLOW.short,
            "fast_short": now - FAST.short,
        },
    ).fetchall()
    return {
        ServiceKey(ServiceType(service_type), name): _looks(newest, status, reason, offline_at, *counts)
        for service_type, name, newest, status, reason, offline_at, *counts in rows
    }


def _looks(newest: datetime, status: str, reason: str, offline_at: datetime | None, *counts: int) -> Looks:
    lengths = (SLOW.long, FAST.long, SLOW.short, FAST.short)
    shares = {
        span: Share(bad, known) for span, bad, known in zip(lengths, counts[0::2], counts[1::2], strict=True)
    }
    word = Reason(reason) if reason in list(Reason) else Reason.ERROR_RATE
    return Looks(newest, Status(status), word, offline_at, shares)


def _failures(
    connection: duckdb.DuckDBPyConnection,
    calls: Mapping[timedelta, Mapping[str, Window]],
    wanted: set[timedelta],
    now: datetime,
) -> dict[timedelta, dict[str, CommonFailure]]:
    found = {}
    for span in wanted:
        # Most of the time nothing fails, and there is nothing to look for.
        if any(window.failed for window in calls[span].values()):
            rows = connection.execute(query("common_failures"), bounds(now, span)).fetchall()
            found[span] = {
                name: CommonFailure(failure_reason(status, word), status, failed)
                for name, status, word, failed in rows
            }
    return found


def _circuits(connection: duckdb.DuckDBPyConnection, now: datetime) -> tuple[Circuit, ...]:
    rows = connection.execute(query("circuits"), bounds(now, REACH)).fetchall()
    return tuple(Circuit(*row) for row in rows)


def _quotas(connection: duckdb.DuckDBPyConnection, now: datetime) -> tuple[QuotaLevel, ...]:
    rows = connection.execute(query("quota_levels"), bounds(now, REACH)).fetchall()
    return tuple(
        QuotaLevel(name, client, quota, level["used"], level["limit"], at, level["resets_at"])
        for name, client, quota, level, at in rows
    )


def _on(policy: AlertPolicy, *rules: AlertRule) -> bool:
    """Whether one of `rules` is on for any service."""
    settings = [policy.rules[rule] for rule in rules if rule in policy.rules]
    settings += [own for (_, rule), own in policy.overrides.items() if rule in rules]
    return any(found.enabled for found in settings)
