"""A map of hours or days by service: what each was in each of them, as one strip a service.

The strips are HTML made once for all viewers. What was well for hours on end is one piece of a strip, so that
a week of hours of many services stays light; a piece leads to its service and time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import groupby
from zoneinfo import ZoneInfo

import pandas as pd

from analytics.coverage import HOUR, hour_of
from analytics.db import Connection
from analytics.model import ServiceKey, ServiceType
from analytics.periods import Period, parse_period
from analytics.status_queries import status_hours
from pages._ui import times
from pages._ui.reading import paced
from pages._ui.trends.cells import LOOKS, Cell, look, said, when
from pages._ui.view import View

_DAY = timedelta(days=1)

#: Up to which length of the period its hours are shown; longer ones by days, the longest by several days.
_HOURS_UP_TO = timedelta(days=9)
_MOST_DAYS = 62

#: More columns than this are joined where nothing happened.
_FEW = 64

#: From where on, as a share of the columns, a name of a column has no room behind its beginning.
_LAST_LABEL = 0.9


_SECONDS = [f"{one}_seconds" for one in ("healthy", "degraded", "down", "unknown", "gap")]


@dataclass(frozen=True, slots=True)
class Strip:
    """One service's row: its HTML, and what it says in a sentence."""

    service: ServiceKey
    html: str
    summary: str


@dataclass(frozen=True, slots=True)
class Heat:
    """The map: `labels` are HTML, `count` is the number of columns, `cell` what each of them is, in words."""

    count: int
    cell: str
    labels: str
    strips: tuple[Strip, ...]


@paced(30)
def heat(
    connection: Connection, now: datetime, text: str, services: tuple[ServiceKey, ...], zone: str
) -> Heat:
    """The map of `services` over the period that `text` means, in days of the clock of `zone`."""
    where = ZoneInfo(zone)
    period = parse_period(text, now)
    since, step = columns_of(period, where)
    found = status_hours(connection, since, period.until, step, services, zone)
    begins = [edge.to_pydatetime() for edge in sorted(set(found["begun"]))]
    strips = []
    for (kind, name), rows in found.groupby(["service_type", "service_name"], sort=False):
        key = ServiceKey(ServiceType(str(kind)), str(name))
        cells = _cells(rows)
        html = "".join(
            _piece(key, cell, span, when(cell, step, where), _range(cell)) for cell, span in _pieces(cells)
        )
        strips.append(Strip(key, html, _summary(cells, _unit(step))))
    cell = f"each cell is {_named(step)}, and leads to its service and time"
    return Heat(len(begins), cell, _labels(begins, step, where), tuple(strips))


@paced(60)
def clock(
    connection: Connection, now: datetime, text: str, services: tuple[ServiceKey, ...], zone: str
) -> Heat:
    """The same by hour of the day in `zone`, all days together: at which hours things happen."""
    where = ZoneInfo(zone)
    period = parse_period(text, now)
    found = status_hours(connection, hour_of(period.since), period.until, HOUR, services)
    found["hour"] = found["begun"].dt.tz_convert(where).dt.hour
    sums = found.groupby(["service_type", "service_name", "hour"], sort=False)[_SECONDS].sum().reset_index()
    strips = []
    for (kind, name), rows in sums.groupby(["service_type", "service_name"], sort=False):
        key = ServiceKey(ServiceType(str(kind)), str(name))
        seconds = {row[0]: row[1:] for row in rows[["hour", *_SECONDS]].itertuples(index=False, name=None)}
        cells = [Cell(period.since, period.until, *seconds.get(hour, ())) for hour in range(24)]
        html = "".join(
            _piece(key, cell, 1, f"{hour:02}:00 to {(hour + 1) % 24:02}:00, all days together", period.text)
            for hour, cell in enumerate(cells)
        )
        strips.append(Strip(key, html, _summary(cells, "hours of the day")))
    labels = "".join(f'<span style="grid-column:{hour + 1}">{hour:02}:00</span>' for hour in range(0, 24, 3))
    return Heat(24, "each cell is an hour of the day, all days together", labels, tuple(strips))


def columns_of(period: Period, zone: ZoneInfo) -> tuple[datetime, timedelta]:
    """Where the first column begins, a full hour or midnight of `zone`, and how long each is."""
    if period.length <= _HOURS_UP_TO:
        return hour_of(period.since), HOUR
    midnight = period.since.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    days = -(-period.length // (_MOST_DAYS * _DAY))
    return midnight.astimezone(period.since.tzinfo), days * _DAY


def _cells(rows: pd.DataFrame) -> list[Cell]:
    return [
        Cell(begun.to_pydatetime(), ended.to_pydatetime(), *seconds)
        for begun, ended, *seconds in rows[["begun", "ended", *_SECONDS]].itertuples(index=False, name=None)
    ]


def _pieces(cells: Sequence[Cell]) -> list[tuple[Cell, int]]:
    """The cells and how many columns each takes: of many columns those without trouble are joined."""
    if len(cells) <= _FEW:
        return [(cell, 1) for cell in cells]
    found: list[tuple[Cell, int]] = []
    for kind, group in groupby(cells, key=look):
        members = list(group)
        if kind in ("h", "u", "n"):
            found.append((Cell.joined(members), len(members)))
        else:
            found += [(cell, 1) for cell in members]
    return found


def _piece(service: ServiceKey, cell: Cell, span: int, time: str, range_: str) -> str:
    there = View(range=range_, service=service).href("service")
    wide = f' style="--n:{span}"' if span > 1 else ""
    tip = escape(said(cell, time)).replace("\n", "&#10;")
    return (
        f'<a tabindex="-1" data-in-app class="{look(cell)}"{wide} data-tip="{tip}" '
        f'href="{escape(there)}"></a>'
    )


def _range(cell: Cell) -> str:
    begun, ended = (f"{at:%Y-%m-%dT%H:%MZ}" for at in (cell.begun, cell.ended + _to_minute(cell.ended)))
    return f"{begun}/{ended}"


def _to_minute(at: datetime) -> timedelta:
    """What is missing to the next full minute."""
    rest = timedelta(seconds=at.second, microseconds=at.microsecond)
    return timedelta(minutes=1) - rest if rest else timedelta(0)


def _summary(cells: Sequence[Cell], unit: str) -> str:
    counts = {name: sum(look(cell)[0] == letter for cell in cells) for letter, name in LOOKS.items()}
    told = [f"{number} {name}" for name, number in counts.items() if number]
    return f"{len(cells)} {unit}: {', '.join(told)}"


def _unit(step: timedelta) -> str:
    return "hours" if step == HOUR else "days" if step == _DAY else "stretches of days"


def _named(step: timedelta) -> str:
    return "an hour" if step == HOUR else "a day" if step == _DAY else f"{step.days} days"


def _labels(begins: Sequence[datetime], step: timedelta, zone: ZoneInfo) -> str:
    """The names of some columns, at their place; the last, which has no room there, ends where they end."""
    found = []
    every = -(-len(begins) // 10)
    for number, begun in enumerate(begins):
        local = begun.astimezone(zone)
        if step == HOUR and len(begins) > _FEW:
            text = times.day(begun, zone) if local.hour == 0 else ""
        elif step == HOUR:
            text = f"{local:%H:%M}" if local.hour % 3 == 0 and number < len(begins) - 1 else ""
        else:
            text = "" if (len(begins) - 1 - number) % every else f"{local.day} {local:%b}"
        if text and number >= _LAST_LABEL * len(begins):
            found.append(f'<span class="end" style="grid-column:{number + 1} / -1">{escape(text)}</span>')
        elif text:
            found.append(f'<span style="grid-column:{number + 1}">{escape(text)}</span>')
    return "".join(found)
