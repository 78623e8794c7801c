"""Which part of a period is read from the rollups, and which from single rows.

A figure over a period is the rows of its whole finished hours, and the same columns worked out from single
rows for the two edges that are left: the parts `..._pieces` of `analytics/sql/rollups.sql` put both together.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from analytics.named_sql import query

HOUR = timedelta(hours=1)

#: How far back from a moment lies what may hold in it, and what shows its rhythm; at least 2.5 intervals of
#: a service. `edge_attempts` reads as much.
REACH = timedelta(hours=9)
_REACH_IN_INTERVALS = 2.5

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A period from `since` until just before `until`: its body is in the rollups, its edges in single rows.

    `since` and `until` may lie up to an hour outside the period that was asked for: see `coverage`.
    """

    since: datetime
    body_since: datetime
    body_until: datetime
    until: datetime

    def bound(self) -> dict[str, datetime]:
        """The four moments by the names that the parts of `rollups.sql` bind."""
        return {
            "since": self.since,
            "body_since": self.body_since,
            "body_until": self.body_until,
            "until": self.until,
        }


@dataclass(frozen=True, slots=True)
class RollupState:
    """How far the rollups go, None when there are none; since when single rows are complete, None for ever.

    `reach` is how far back a row of any service can matter, `begun` whether the state has a row at all.
    """

    rolled_until: datetime | None
    raw_since: datetime | None
    reach: timedelta
    begun: bool

    @property
    def whole_since(self) -> datetime | None:
        """From when on an hour can be worked out anew from single rows, with what held when it began."""
        return None if self.raw_since is None else self.raw_since + self.reach


def coverage(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> Coverage:
    """How the period from `since` until just before `until` (aware) is put together.

    Of hours whose single rows are gone no part can be told: where an edge of the period lies in one, the
    period is made longer up to the full hour. `since` and `until` of what is returned say which period the
    figures are of. ValueError when `until` is before `since`.
    """
    if until < since:
        raise ValueError(f"a period ends at {until}, before it begins at {since}; give the earlier one first")
    state = read_state(connection)
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    rolled_until = state.rolled_until or since
    if state.whole_since is not None:
        if since < min(state.whole_since, rolled_until):
            since = hour_of(since)
        if until < min(state.whole_since, rolled_until):
            until = hour_after(until)
    body_since, body_until = hour_after(since), min(hour_of(until), rolled_until)
    if body_until <= body_since:
        return Coverage(since, since, since, until)
    return Coverage(since, body_since, body_until, until)


def read_state(connection: duckdb.DuckDBPyConnection) -> RollupState:
    """How far the rollups go and the single rows reach, at this moment."""
    row = connection.execute(query("rollup_state")).fetchone()
    rolled_until, raw_since, longest, states = row if row is not None else (None, None, None, 0)
    return RollupState(_utc(rolled_until), _utc(raw_since), reach_of(longest), states > 0)


def reach_of(interval_seconds: float | None) -> timedelta:
    """How far back a check of a service of that interval can matter; None when that is not known."""
    return max(REACH, timedelta(seconds=_REACH_IN_INTERVALS * (interval_seconds or 0)))


def hour_of(moment: datetime) -> datetime:
    """The full hour at or before `moment`, in UTC."""
    return moment - (moment - _EPOCH) % HOUR


def hour_after(moment: datetime) -> datetime:
    """The full hour at or after `moment`, in UTC."""
    return moment + (_EPOCH - moment) % HOUR


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)
