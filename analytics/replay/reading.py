"""Reads a recording from the tables: each of them once, by the column."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import duckdb
import numpy as np

from analytics.alert_settings import read_limits, read_routes
from analytics.alerting import AlertRule, Mute
from analytics.db import beside
from analytics.model import Basis, ServiceKey, ServiceType
from analytics.named_sql import query
from analytics.replay.reading_checks import read_checks
from analytics.replay.reading_traffic import read_calls, read_deliveries, read_quotas
from analytics.replay.recording import (
    Deed,
    Monitored,
    Occurrence,
    RecordedMute,
    Recording,
    VendorReport,
)
from analytics.rules.signals import Circuit
from analytics.rules.vendors import STILL_TOLD, service_of
from analytics.vendor_queries import vendor_incident

#: What was going on before the period is looked at too, so that the period begins as it did.
WARM_UP = timedelta(hours=3)
#: An incident that is older began in the dark.
_LONGEST_WARM_UP = timedelta(days=1)
#: What a timeline says of somebody who acted and said nothing.
_SAID_NOTHING = ("acknowledged", "resolved by hand")
#: So far before the first look the longest window of traffic begins.
_WINDOWS = timedelta(hours=1)

Connection = duckdb.DuckDBPyConnection


def read_recording(connection: Connection, since: datetime, until: datetime) -> Recording:
    """What happened after `since` up to `until` (aware), and in the hours before it.

    Columns of numbers, and texts where they matter: about 300 bytes a check and 40 bytes a call.
    """
    begun = _begun(connection, since)
    bound = {"since": begun, "until": until}
    services = _services(connection)
    done, complete = _parts(connection, bound)
    traffic = {"since": begun - _WINDOWS, "until": until}
    apis, known = _names(services, Basis.CALLS), [one is not None for one in services]
    with beside(connection, 1) as thread:
        # The largest parts, and DuckDB hands the rows of a query over in one thread.
        calls = thread.start(lambda own: read_calls(own, traffic, apis))
        quotas = thread.start(lambda own: read_quotas(own, traffic, apis, done))
        checks = read_checks(connection, bound, known)
    return Recording(
        begun=begun,
        since=since,
        until=until,
        services={one.service: one for one in services if one is not None},
        keys=tuple(one.service for one in services if one is not None),
        routes=read_routes(connection),
        done=done,
        complete=complete,
        checks=checks,
        calls=calls.result(),
        deliveries=read_deliveries(connection, traffic, _names(services, Basis.DELIVERIES)),
        circuits=_circuits(connection, traffic),
        quotas=quotas.result(),
        maintenance=tuple(_maintenance(connection, bound)),
        mutes=tuple(_mutes(connection, bound)),
        deeds=tuple(_deeds(connection, bound)),
        vendors=tuple(_vendors(connection, {"since": begun - STILL_TOLD, "until": until})),
    )


def _begun(connection: Connection, since: datetime) -> datetime:
    """Early enough that no incident was under way, at most a day before."""
    begun = since - WARM_UP
    while since - begun < _LONGEST_WARM_UP:
        row = connection.execute(query("replay_begin"), {"begin": begun}).fetchone()
        if row is None or row[0] is None:
            return begun
        begun = max(row[0] - timedelta(minutes=30), since - _LONGEST_WARM_UP)
    return begun


def _services(connection: Connection) -> list[Monitored | None]:
    """In configured order; None stands for one of a type this version does not know."""
    limits = read_limits(connection)
    found: list[Monitored | None] = []
    for kind, name, seconds, depends_on, runbook, traffic_name in connection.execute(
        query("replay_services")
    ).fetchall():
        key = _service(kind, name)
        if key is None or key not in limits:
            found.append(None)
            continue
        below = tuple(filter(None, map(service_of, json.loads(depends_on or "[]"))))
        interval = timedelta(seconds=seconds)
        found.append(Monitored(key, limits[key], interval, below, runbook or "", traffic_name or name))
    return found


def _names(services: Sequence[Monitored | None], basis: Basis) -> list[str]:
    """Under which names the traffic is recorded that services are judged by."""
    named = (one.traffic_name for one in services if one is not None and one.policy.basis is basis)
    return sorted(set(named))


def _parts(connection: Connection, bound: dict[str, datetime]) -> tuple[Any, Any]:
    table = connection.execute(query("replay_parts"), bound).to_arrow_table()
    return (
        table["done"].to_numpy().astype(np.int64),
        table["complete"].to_numpy(zero_copy_only=False).astype(np.bool_),
    )


def _circuits(
    connection: Connection, bound: dict[str, datetime]
) -> dict[tuple[str, str], tuple[Circuit, ...]]:
    rows = connection.execute(query("replay_circuits"), bound).fetchall()
    return {
        (name, client): tuple(Circuit(*row) for row in same)
        for (name, client), same in groupby(rows, key=lambda row: row[:2])
    }


def _maintenance(connection: Connection, bound: dict[str, datetime]) -> Iterator[Occurrence]:
    for kind, name, *rest in connection.execute(query("replay_maintenance"), bound).fetchall():
        if (service := _service(kind, name)) is not None:
            yield Occurrence(service, *rest)


def _mutes(connection: Connection, bound: dict[str, datetime]) -> Iterator[RecordedMute]:
    for identity, since, kind, name, rule, until, author, note in connection.execute(
        query("replay_mutes"), bound
    ).fetchall():
        service = None if kind is None or name is None else _service(kind, name)
        if (kind is not None and service is None) or (rule is not None and rule not in list(AlertRule)):
            continue
        about = None if rule is None else AlertRule(rule)
        yield RecordedMute(since, Mute(identity, service, about, until, author, note))


def _deeds(connection: Connection, bound: dict[str, datetime]) -> Iterator[Deed]:
    for at, kind, name, done, author, note in connection.execute(query("replay_deeds"), bound).fetchall():
        if (service := _service(kind, name)) is not None:
            yield Deed(at, service, done, author or "", "" if note in _SAID_NOTHING else note)


def _vendors(connection: Connection, bound: dict[str, datetime]) -> Iterator[VendorReport]:
    for row in connection.execute(query("replay_vendors"), bound).fetchall():
        vendor, *facts, services = row
        incident = vendor_incident(*facts)
        yield VendorReport(vendor, tuple(filter(None, map(service_of, json.loads(services)))), incident)


def _service(kind: str, name: str) -> ServiceKey | None:
    return ServiceKey(ServiceType(kind), name) if kind in list(ServiceType) else None
