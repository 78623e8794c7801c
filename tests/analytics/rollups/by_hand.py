"""The figures of checks and traffic, worked out row by row with no thought for speed."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median
from typing import Any

from analytics.coverage import hour_of
from tests.analytics.rollups.stage import HOUR, Row

Key = tuple[Any, ...]


#: What shows a rhythm lies within so many seconds before the attempt that is asked about.
SHOWN_IN = 4 * 3600


def holds(checks: Sequence[Row], configured: float | None) -> list[tuple[Row, datetime, bool]]:
    """Of the attempts of one service in order: each, the end of what it says, whether it is a check."""
    rows = sorted(checks, key=lambda row: (row["timestamp"], row["attempt"]))
    found = []
    for index, row in enumerate(rows):
        following = rows[index + 1] if index + 1 < len(rows) else None
        begun = [one["timestamp"] for one in rows[: index + 1] if one["attempt"] == 1]
        interval = pace(row["timestamp"], begun, configured)
        if following and seconds(row, following) <= max(300, 2.5 * interval):
            end = following["timestamp"]
        else:
            end = row["timestamp"] + timedelta(seconds=interval)
        found.append((row, end, following is None or following["attempt"] <= row["attempt"]))
    return found


def pace(moment: datetime, begun: Sequence[datetime], configured: float | None) -> float:
    """How many seconds lie between two checks at `moment`, when those up to then had `begun` so.

    The slower one of what is configured and the rhythm: the middle one of the last three pauses.
    """
    known = [] if configured is None else [configured]
    four = begun[-4:]
    if len(four) == 4 and (moment - four[0]).total_seconds() <= SHOWN_IN:
        known.append(median((after - before).total_seconds() for before, after in pairwise(four)))
    return max(known, default=60)


def seconds(first: Row, second: Row) -> float:
    return float((second["timestamp"] - first["timestamp"]).total_seconds())


def check_figures(
    checks: Sequence[Row],
    announced: Sequence[Row],
    intervals: Mapping[str, float],
    since: datetime,
    until: datetime,
) -> tuple[dict[Key, int], dict[Key, float]]:
    """How many checks, for how many seconds, by hour, service, status, reason and whether in maintenance."""
    counts: Counter[Key] = Counter()
    lasted: defaultdict[Key, float] = defaultdict(float)
    ordered = sorted(checks, key=lambda row: row["service_name"])
    for name, rows in groupby(ordered, key=lambda row: row["service_name"]):
        for row, end, is_check in holds(list(rows), intervals.get(name)):
            moment = row["timestamp"]
            inside = any(
                one["service_name"] == name and one["starts_at"] <= moment < one["ends_at"]
                for one in announced
            )
            key = (name, row["status"], row["reason"], inside)
            if is_check and since <= moment < until:
                counts[(hour_of(moment), *key)] += 1
            hour = hour_of(moment)
            while hour < end:
                overlap = min(end, until, hour + HOUR) - max(moment, since, hour)
                if overlap > timedelta(0):
                    lasted[(hour, *key)] += overlap.total_seconds()
                hour += HOUR
    return dict(counts), dict(lasted)
