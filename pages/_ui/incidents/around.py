"""The checks of the service around an incident: a chart of what they measured, and what they said."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from zoneinfo import ZoneInfo

import altair as alt
import pandas as pd

from analytics.frames import records
from analytics.model import Status
from pages._ui import charts, words
from pages._ui.charts import PALETTE, Spec, Theme
from pages._ui.incidents.one_question import Whole
from pages._ui.marks import mark
from pages._ui.snapshot import known_status
from pages._ui.tables import Column, Row, table
from pages._ui.times import moment

#: Stretches of equal checks that are listed; of more the first and the last.
_LISTED = 12

_COLUMNS = (
    Column("From"),
    Column("Status"),
    Column("Checks", number=True, wide_only=True),
    Column("What they said"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """Checks in a row with the same status and reason: when the first was, how many, what the first said."""

    at: datetime
    status: Status
    reason: str
    message: str
    count: int


def runs(checks: pd.DataFrame) -> list[Run]:
    """`checks` (oldest first) with equal neighbours as one."""
    found: list[Run] = []
    for row in records(checks):
        status = known_status(row["status"])
        before = found[-1] if found else None
        if before and (before.status, before.reason) == (status, row["reason"]):
            found[-1] = Run(before.at, status, before.reason, before.message, before.count + 1)
        else:
            found.append(Run(row["at"], status, row["reason"], row["message"], 1))
    return found


def said(found: Whole, zone: ZoneInfo, now: datetime) -> str:
    """What the checks said, equal ones together. HTML."""
    all_ = runs(found.checks)
    half = _LISTED // 2
    shown = all_ if len(all_) <= _LISTED else [*all_[:half], *all_[-half:]]
    rows = [_row(one, zone, now) for one in shown]
    if len(shown) < len(all_):
        rows.insert(half, Row(("", f"… {len(all_) - len(shown)} more …", "", "")))
    return table("Checks", _COLUMNS, rows)


def draw(found: Whole, theme: Theme) -> None:
    """The response times, coloured by status, with the first sign and the end."""
    incident, checks = found.incident, found.checks.dropna(subset=["ms"])
    ends = [incident.began_at] + ([incident.resolved_at] if incident.resolved_at else [])
    marks = pd.DataFrame({"at": ends, "word": ["first sign", "resolved"][: len(ends)]})
    worst = words.milliseconds(checks["ms"].max())
    says = f"Response times of {len(checks)} checks around the incident, the longest {worst}."
    charts.draw(_spec(theme), {"checks": checks, "ends": marks}, key="incident-checks", says=says)


@cache
def _spec(theme: Theme) -> Spec:
    colours = PALETTE[theme]
    points = (
        alt.Chart(alt.NamedData("checks"))
        .mark_point(filled=True, size=38, opacity=0.9)
        .encode(
            x=charts.time_axis(format="%H:%M"),
            y=alt.Y("ms:Q", axis=alt.Axis(title="Response time, ms", tickCount=4)),
            color=alt.Color("status:N", scale=charts.status_scale(theme), legend=None),
            shape=alt.Shape(
                "status:N",
                scale=alt.Scale(
                    domain=["down", "degraded", "unknown", "healthy"],
                    range=["cross", "triangle-up", "diamond", "circle"],
                ),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("at:T", title="at", format="%d %b %H:%M:%S"),
                alt.Tooltip("status:N", title="status"),
                alt.Tooltip("reason:N", title="reason"),
                alt.Tooltip("ms:Q", title="response time, ms", format=",.0f"),
                alt.Tooltip("message:N", title="said"),
            ],
        )
    )
    rules = (
        alt.Chart(alt.NamedData("ends"))
        .mark_rule(strokeDash=[4, 4], color=colours["quiet"])
        .encode(
            x=alt.X("at:T"),
            tooltip=[
                alt.Tooltip("word:N", title="incident"),
                alt.Tooltip("at:T", title="at", format="%H:%M:%S"),
            ],
        )
    )
    return charts.spec(rules + points, height=180)


def _row(one: Run, zone: ZoneInfo, now: datetime) -> Row:
    reason = "" if one.status is Status.HEALTHY else f"<b>{escape(one.reason)}</b> · "
    shape = f'<span class="incidents-status">{mark(one.status)}{words.STATUSES[one.status]}</span>'
    return Row((moment(one.at, zone, now), shape, str(one.count), f"{reason}{escape(one.message)}"))
