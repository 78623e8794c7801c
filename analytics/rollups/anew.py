"""Making finished hours anew: only of the services that something came for, as far around as it matters."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import duckdb

from analytics.coverage import HOUR, REACH, RollupState, hour_after, hour_of, reach_of, read_state
from analytics.model import ServiceKey, ServiceType
from analytics.named_sql import query
from analytics.rollups.late import LateHour, late_hours
from analytics.rollups.rolling import roll_up_checks, roll_up_traffic

#: Whose checks are requests, and are all the traffic there is.
_TRAFFIC_OF_CHECKS = frozenset({ServiceType.MCP, ServiceType.INFRASTRUCTURE})


def make_anew(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> None:
    """Those of the hours from `since` until just before `until` that rows came late for.

    Late checks change what is known of their service, also some time before and after them. Late traffic
    changes its hours, and no checks.
    """
    late = [one for one in late_hours(connection) if since <= one.hour < until]
    _checks_anew(connection, late)
    of_all = {one.hour for one in late if one.service is None or one.service.service_type is ServiceType.API}
    for first, over in _runs(of_all):
        roll_up_traffic(connection, first, over)
    probed = [one for one in late if one.service and one.service.service_type in _TRAFFIC_OF_CHECKS]
    left = {one.hour for one in probed} - of_all
    for first, over in _runs(left):
        services = {one.service for one in probed if one.service and first <= one.hour < over}
        roll_up_traffic(connection, first, over, services)


def mend_before(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> None:
    """What the first check after a pause says of the hours before `since`, when those until `until` are new.

    Up to then nobody knew whether another one would come in time. Most services need nothing: they were
    asked again before the hour was finished.
    """
    state = read_state(connection)
    if state.rolled_until is None:
        return
    rows = connection.execute(query("left_open"), {"since": since, "until": until}).fetchall()
    for reach, services in _by_reach(connection, [ServiceKey(ServiceType(row[0]), row[1]) for row in rows]):
        roll_up_checks(connection, _back(state, since, reach), since, services)


def _checks_anew(connection: duckdb.DuckDBPyConnection, late: list[LateHour]) -> None:
    state = read_state(connection)
    for reach, services in _by_reach(connection, {one.service for one in late if one.service}):
        hours = {one.hour for one in late if one.service in services}
        first, over = min(hours), max(hours) + HOUR
        if state.rolled_until is not None:
            over = max(over, min(hour_after(over + reach), state.rolled_until))
        roll_up_checks(connection, _back(state, first, reach), over, services)


def _back(state: RollupState, hour: datetime, reach: timedelta) -> datetime:
    """The first hour before `hour` that may change, and can be made anew with what held when it began."""
    since = hour_of(hour - reach)
    if state.raw_since is not None:
        since = max(since, hour_after(state.raw_since + reach))
    return min(hour, since)


def _by_reach(
    connection: duckdb.DuckDBPyConnection, services: Iterable[ServiceKey]
) -> list[tuple[timedelta, list[ServiceKey]]]:
    """`services` with how far their checks matter, those for which that is the same together."""
    wanted = sorted(set(services), key=str)
    if not wanted:
        return []
    rows = connection.execute(query("intervals")).fetchall()
    reaches = {ServiceKey(ServiceType(kind), name): reach_of(seconds) for kind, name, seconds in rows}
    found: dict[timedelta, list[ServiceKey]] = {}
    for key in wanted:
        found.setdefault(reaches.get(key, REACH), []).append(key)
    return sorted(found.items())


def _runs(hours: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """`hours` put together where one follows the other: the first of each run, and the end of its last."""
    first: datetime | None = None
    over: datetime | None = None
    for hour in sorted(hours):
        if first is None or over is None or hour != over:
            if first is not None and over is not None:
                yield first, over
            first = hour
        over = hour + HOUR
    if first is not None and over is not None:
        yield first, over
