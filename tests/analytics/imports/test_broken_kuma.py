"""Rows of a `kuma.db` that cannot be understood: one line each, and found before anything is written."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from analytics import imports
from analytics.db import Location
from analytics.imports import ImportProblem
from analytics.imports.sources import open_source
from tests.analytics.imports.bringing import HOUR, NOW, answer, minutely, sums
from tests.analytics.imports.other_monitors import fill

_BEAT = "UPDATE heartbeat SET {} WHERE id = 2"
_LIKE = "expected one like '2026-01-31 12:00:00.000'"
_STATUS = "expected 0 (down), 1 (up), 2 (pending) or 3 (maintenance)"
_COUNT = "expected a number of checks"


def change(path: Path, statement: str) -> None:
    """Do to the file what its own programs would not."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(replace(sql, 'NOT NULL', ''), 'not null', '')"
        )
        connection.commit()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (_BEAT.format("time = 'yesterday'"), f"heartbeat 2 has 'yesterday' as its time; {_LIKE}"),
        (_BEAT.format("time = NULL"), f"heartbeat 2 has nothing as its time; {_LIKE}"),
        (_BEAT.format("time = 1e300"), f"heartbeat 2 has 1e+300 as its time; {_LIKE}"),
        (_BEAT.format("ping = 'abc'"), "heartbeat 2 has 'abc' as its ping; expected a number or nothing"),
        (_BEAT.format("ping = 1e400"), "heartbeat 2 has inf as its ping; expected a number or nothing"),
        (_BEAT.format("duration = 'x'"), "heartbeat 2 has 'x' as its duration; expected a number or nothing"),
        (_BEAT.format("msg = x'ff00'"), r"heartbeat 2 has b'\xff\x00' as its msg; expected text or nothing"),
        (
            _BEAT.format("status = NULL"),
            f"heartbeat 2 has nothing as its status; {_STATUS}",
        ),
        (
            _BEAT.format("status = 7"),
            f"heartbeat 2 has 7 as its status; {_STATUS}",
        ),
        (
            "UPDATE monitor SET interval = -60",
            "monitor 1 has -60 as its interval; expected a number of seconds above 0",
        ),
        ("UPDATE monitor SET name = x'00'", r"monitor 1 has b'\x00' as its name; expected text"),
        ("UPDATE stat_hourly SET up = NULL", f"stat_hourly 1 has nothing as its up; {_COUNT}"),
        ("UPDATE stat_hourly SET down = -5", f"stat_hourly 1 has -5 as its down; {_COUNT}"),
        (
            "UPDATE stat_hourly SET up = 1000000000",
            "stat_hourly 1 has 1000000000 as its sum; expected at most 7,200 checks in 1 h",
        ),
        (
            "UPDATE stat_hourly SET timestamp = 'abc'",
            "stat_hourly 1 has 'abc' as its timestamp; expected the seconds since 1970, such as 1769860800",
        ),
        (
            "UPDATE stat_hourly SET timestamp = 1e18",
            "stat_hourly 1 has 1000000000000000000 as its timestamp; "
            "expected the seconds since 1970, such as 1769860800",
        ),
    ],
)
def test_a_broken_row_is_one_line(location: Location, kuma: Path, statement: str, fault: str) -> None:
    fill(kuma, "heartbeat", minutely(NOW - HOUR, 3))
    fill(kuma, "stat_hourly", [sums((NOW - HOUR * 2).replace(minute=0), 3, 0)])
    imports.plan(location, kuma)
    change(kuma, statement)

    with pytest.raises(ImportProblem) as raised:
        imports.plan(location, kuma)

    assert str(raised.value) == f"{kuma}: {fault}"


def test_a_row_that_breaks_after_the_plan_is_told_by_the_run(location: Location, kuma: Path) -> None:
    fill(kuma, "heartbeat", minutely(NOW - HOUR, 3))
    plan = imports.plan(location, kuma)
    change(kuma, _BEAT.format("status = 7"))

    with pytest.raises(ImportProblem, match="heartbeat 2 has 7 as its status"):
        imports.run(location, plan, NOW)

    assert answer(location, "SELECT count(*) FROM imports") == [(0,)]


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-29 02:30:00.250",
        "2026-03-29 02:30:00.250000",
        "2026-03-29T02:30:00.250Z",
        "2026-03-29 04:30:00.250+02:00",
        1774751400250,
    ],
)
def test_a_time_without_an_offset_is_utc(kuma: Path, written: Any) -> None:
    fill(kuma, "heartbeat", [{"monitor_id": 1, "status": 1, "time": written}])

    (monitor,) = open_source(kuma).monitors

    assert monitor.first == datetime(2026, 3, 29, 2, 30, 0, 250_000, tzinfo=UTC)
