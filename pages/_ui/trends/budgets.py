"""Objectives and error budgets, as one question and as a table. HTML."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey, ServiceType
from analytics.slo_queries import slo
from pages._ui import budget_words, tables, words
from pages._ui.reading import paced
from pages._ui.view import View


@dataclass(frozen=True, slots=True)
class Budget:
    """How one service keeps its objective over 30 days. Shares in percent, None when nothing is known.

    `left` is below 0 when more was spent than there was; `burns` are of the last hour, 6 hours and 3 days.
    """

    service: ServiceKey
    objective: float
    achieved: float | None
    left: float | None
    left_minutes: float | None
    burns: tuple[float | None, float | None, float | None]
    gone_at: datetime | None


@paced(60)
def budgets(connection: Connection, now: datetime, services: tuple[ServiceKey, ...]) -> tuple[Budget, ...]:
    """The budgets of `services`, least left first; those of which nothing is known last."""
    found = [
        Budget(
            ServiceKey(ServiceType(row["service_type"]), row["service_name"]),
            row["objective"],
            row["availability_percent"],
            row["budget_left_percent"],
            row["budget_left_minutes"],
            (row["burn_1h"], row["burn_6h"], row["burn_3d"]),
            row["gone_at"],
        )
        for row in records(slo(connection, now, services))
    ]
    return tuple(sorted(found, key=lambda one: math.inf if one.left is None else one.left))


def budget_table(found: Sequence[Budget], view: View, zone: ZoneInfo, now: datetime) -> str:
    """A row a service: objective, what was achieved, what is left and until when."""
    columns = [
        tables.Column("Service"),
        tables.Column("Objective", number=True, wide_only=True),
        tables.Column("Achieved", number=True, wide_only=True),
        tables.Column("Error budget"),
        tables.Column(
            "1 h",
            number=True,
            wide_only=True,
            title="Burn rate of the last hour: 1 spends the budget in 30 days",
        ),
        tables.Column("6 h", number=True, wide_only=True, title="Burn rate of the last 6 hours"),
        tables.Column("3 d", number=True, wide_only=True, title="Burn rate of the last 3 days"),
        tables.Column("Used up", title="If the last 3 days go on"),
    ]
    rows = [tables.Row(_cells(one, view, zone, now), link=True) for one in found]
    return tables.table("Objectives and error budgets of the last 30 days", columns, rows)


def _cells(one: Budget, view: View, zone: ZoneInfo, now: datetime) -> list[str]:
    key = one.service
    name = escape(words.service_name(key.service_name))
    kind = "" if view.service_type else f"<small>{words.KINDS[key.service_type]}</small>"
    there = escape(view.href("trends", service=key))
    keep = escape(f"budget-{key}")
    return [
        f'<a class="tr-name" data-in-app data-keep="{keep}" href="{there}"><span>{name}{kind}</span></a>',
        f"{one.objective:g} %",
        _achieved(one),
        _left(one),
        *(_burn(rate) for rate in one.burns),
        budget_words.used_up(one.left, one.gone_at, zone, now),
    ]


def _achieved(one: Budget) -> str:
    said = "–" if one.achieved is None else f"{math.floor(one.achieved * 1000 + 1e-9) / 1000:g} %"
    missed = one.achieved is not None and one.achieved < one.objective
    return f'<span class="tr-missed">{said}</span>' if missed else said


def _left(one: Budget) -> str:
    said = budget_words.left(one.left)
    if one.left is None:
        return said
    outage = budget_words.outage(one.left, one.left_minutes)
    tip = f"A full outage of {outage} would use it up" if outage else "More failed than the objective allows"
    look = " tr-spent" if one.left <= 0 else " tr-low" if one.left < 25 else ""
    width = 100.0 if one.left <= 0 else one.left
    return (
        f'<span class="tr-budget{look}" data-tip="{escape(tip)}"><i><b style="width:{width:.1f}%"></b></i>'
        f"{escape(said)}{f'<small>{outage}</small>' if outage else ''}</span>"
    )


def _burn(rate: float | None) -> str:
    if rate is None:
        return "–"
    said = f"{rate:.0f}×" if rate >= 10 else f"{rate:.1f}×" if rate else "0×"
    return f'<span class="change worse">{said}</span>' if rate > 1 else said
