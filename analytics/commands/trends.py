"""`trends`: what a period was like, and how it changed against the one before."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb
from rich.table import Table
from rich.text import Text

from analytics.availability_queries import availability_change
from analytics.beginnings import data_since
from analytics.commands import ExitCode
from analytics.commands.absent import absent
from analytics.commands.documents import records
from analytics.commands.opening import opened
from analytics.commands.output import Setting, joined, sentence, table, text
from analytics.commands.wishes import chosen_services, period_of
from analytics.commands.words import beginning, change, count, number, plural, share, sparkline
from analytics.grouping import KEYS, By
from analytics.latency_queries import latency_steps
from analytics.model import ServiceKey
from analytics.periods import Period
from analytics.trend_queries import trends as traffic_trends

_HOUR = timedelta(hours=1)

#: From so many columns on there is room for every figure.
_ROOMY = 118
_CELLS = 12

_NOT_KNOWN = "–"
_UPTIME = ("uptime_percent", "uptime_percent_before", "uptime_change")
_GOOD, _BAD = "green", "red"
_OPPOSITE = {_GOOD: _BAD, _BAD: _GOOD}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Column:
    """A figure and its change, which is in the column `changed` of a row. `more_is` is the colour of more.

    One that is `extra` is shown where there is much room. Where there is too little, what `goes` most goes
    first.
    """

    heading: str
    figure: Callable[[Row], str]
    changed: str
    digits: int = 0
    more_is: str = ""
    extra: bool = False
    goes: int = 0


_COLUMNS = (
    _Column("Uptime %", lambda row: share(row["uptime_percent"]), "uptime_change", 2, _GOOD, goes=0),
    _Column("Requests", lambda row: _requests(row), "requests_change_percent", goes=3),
    _Column("Errors %", lambda row: number(row["error_percent"], 2), "error_change_points", 2, _BAD, goes=1),
    _Column(
        "Retries %",
        lambda row: number(row["retry_percent"], 2),
        "retry_change_points",
        2,
        _BAD,
        extra=True,
        goes=7,
    ),
    _Column("P50 ms", lambda row: number(row["p50_ms"]), "p50_change_percent", 0, _BAD, extra=True, goes=6),
    _Column("P95 ms", lambda row: number(row["p95_ms"]), "p95_change_percent", 0, _BAD, goes=2),
    _Column("P99 ms", lambda row: number(row["p99_ms"]), "p99_change_percent", 0, _BAD, extra=True, goes=5),
)

#: So many figures an endpoint has however long its path is.
_STAY = 3

#: How the P95 went, in cells of the same time.
_BY_TIME = _Column("P95 by time", lambda _: "", "", goes=4)


def trends(setting: Setting, options: argparse.Namespace) -> int:
    """Show how traffic, latency and uptime changed."""
    period = period_of(options.period, setting.now)
    with opened(setting.location) as connection:
        services = chosen_services(connection, options.services)
        rows = figures(connection, period, options.by, services)
        lines = _p95_lines(connection, period, options.by, services)
        began = data_since(connection)
        missing = absent(connection, rows, services)
    if setting.as_json:
        setting.document(
            {
                "period": {"since": period.since, "until": period.until},
                "before": {"since": period.before.since, "until": period.before.until},
                "data_since": began,
                "by": options.by,
                "rows": rows,
            }
        )
        return ExitCode.DONE
    roomy = setting.console.width >= _ROOMY
    setting.console.print(_heading(period))
    if later := beginning(began, period.since):
        setting.console.print(text(later, "yellow"))
    for line in missing:
        setting.console.print(sentence(line, "yellow"))
    if not rows:
        setting.console.print(text("Nothing was asked and nothing was checked in this time.", "yellow"))
    else:
        # Endpoints have no uptime.
        columns = [one for one in _COLUMNS[options.by == "endpoint" :] if roomy or not one.extra]
        setting.console.print(_table(rows, lines, columns, setting.console.width))
    return ExitCode.DONE


def figures(
    connection: duckdb.DuckDBPyConnection, period: Period, by: By, services: Sequence[ServiceKey] | None
) -> list[Row]:
    """A row for whatever was checked or asked: the columns of `analytics.trend_queries.trends`, and
    uptime_percent, uptime_percent_before, uptime_change. Endpoints have no uptime of their own."""
    traffic = traffic_trends(connection, period, by, services)
    asked = {_key(row): row for row in records(traffic)}
    nothing = dict.fromkeys(map(str, traffic.columns))
    unchecked = dict.fromkeys(_UPTIME)
    checked = {}
    if by != "endpoint":
        changed = availability_change(connection, period.since, period.until, by, services)
        checked = {_key(row): row for row in records(changed)}
    return [
        {
            **nothing,
            **dict(zip(KEYS, key, strict=True)),
            **asked.get(key, {}),
            **_uptime(checked.get(key, unchecked)),
        }
        for key in {**checked, **asked}
    ]


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in KEYS)


def _uptime(row: Row) -> Row:
    return {name: row[name] for name in _UPTIME}


def _p95_lines(
    connection: duckdb.DuckDBPyConnection, period: Period, by: By, services: Sequence[ServiceKey] | None
) -> Mapping[tuple[Any, ...], str]:
    """How the P95 went, in cells of the same time, for each key of `KEYS`."""
    step = period.length / _CELLS
    if step > _HOUR:
        step = -(-step // _HOUR) * _HOUR
    found: dict[tuple[Any, ...], dict[datetime, float]] = {}
    for row in records(latency_steps(connection, period.since, period.until, step, by, services)):
        found.setdefault(_key(row), {})[row["step_start"]] = row["p95_ms"]
    # Steps are of whole hours, periods are not: the first one would be a piece.
    starts = sorted({start for steps in found.values() for start in steps})[-_CELLS:]
    return {key: sparkline([steps.get(start) for start in starts]) for key, steps in found.items()}


def _heading(period: Period) -> Text:
    return joined(
        Text(f"{period.since:%Y-%m-%d %H:%M} to {period.until:%Y-%m-%d %H:%M} UTC", "bold"),
        f", against the {_length(period.length)} before",
    )


def _length(length: timedelta) -> str:
    hours = length / _HOUR
    if hours < 1:
        return plural(round(hours * 60), "minute")
    return plural(round(hours / 24), "day") if hours >= 48 else plural(round(hours), "hour")


def _table(
    rows: Sequence[Row], lines: Mapping[tuple[Any, ...], str], columns: Sequence[_Column], width: int
) -> Table:
    """As many columns as leave the names whole."""
    figures = {one: _cells(one, rows) for one in columns}
    figures[_BY_TIME] = _BY_TIME.heading, [Text(lines.get(_key(row), ""), "cyan") for row in rows]
    names = [text(_name(row)) for row in rows]
    gap = 2 if width >= _ROOMY else 1
    longest = max(name.cell_len for name in names)
    while len(figures) > 1:
        # The paths of endpoints have no end: below half of the width they are cut, and some figures stay.
        cut = rows[0]["endpoint"] is not None and len(figures) <= _STAY
        room = width - (min(width // 2, longest) if cut else longest)
        if room >= sum(_width(*column) + gap for column in figures.values()):
            break
        del figures[max(figures, key=lambda one: one.goes)]
    shown = table("What", *(heading for heading, _ in figures.values()), wide="What", gap=gap)
    for place, name in enumerate(names):
        shown.add_row(name, *(cells[place] for _, cells in figures.values()))
    return shown


def _width(heading: str, cells: Sequence[Text]) -> int:
    return max(len(heading), *(cell.cell_len for cell in cells))


def _cells(column: _Column, rows: Sequence[Row]) -> tuple[str, list[Text]]:
    """A heading and its figures, one under the other, and so their changes: green for the better, red for
    the worse, a dash for one that nobody knows."""
    figures = [column.figure(row) for row in rows]
    arrows = [
        _arrow(row[column.changed], column.digits, figure) for row, figure in zip(rows, figures, strict=True)
    ]
    width = max(map(len, figures))
    cells = []
    for figure, arrow in zip(figures, arrows, strict=True):
        colour = column.more_is if arrow.startswith("▲") else _OPPOSITE.get(column.more_is, "")
        cells.append(
            joined(f"{figure:>{width}}", " " if arrow else "", Text(arrow, colour or "bright_black"))
        )
    return f"{column.heading:>{width}}", cells


def _arrow(changed: float | None, digits: int, figure: str) -> str:
    if changed is None:
        return "" if figure == _NOT_KNOWN else _NOT_KNOWN
    return change(changed, digits)


def _requests(row: Row) -> str:
    return _NOT_KNOWN if row["requests"] is None else count(row["requests"])


def _name(row: Row) -> str:
    """`api/shopify`, `shopify GET /orders.json`, `api`, `everything`."""
    if row["endpoint"] is not None:
        return " ".join(word for word in (row["service_name"], row["method"], row["endpoint"]) if word)
    if row["service_name"] is not None:
        return f"{row['service_type']}/{row['service_name']}"
    return row["service_type"] or "everything"
