"""The axes of the pictures, and how their rows are handed over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt

from collector.reports.periods import Period, ReportKind, days

Rows = list[dict[str, Any]]


def clock_axis(period: Period) -> alt.X:
    """Minutes since the start, labelled with local times: right also where an hour is skipped or repeated."""
    zone = ZoneInfo(period.timezone)
    labels: dict[str, str] = {}
    if period.kind is ReportKind.DAILY:
        moment = period.start
        while moment <= period.end:
            labels[f"{minutes(moment, period):g}"] = f"{moment.astimezone(zone):%H:%M}"
            moment += timedelta(hours=3)
    else:
        for day in days(period):
            labels[f"{minutes(day.start, period):g}"] = f"{day.start.astimezone(zone):%a %d %b}"
    return alt.X(
        "from:Q",
        title=None,
        scale=alt.Scale(domain=[0, minutes(period.end, period)], nice=False),
        axis=alt.Axis(
            values=[float(at) for at in labels],
            labelExpr=f"({labels})[datum.value]",
            labelFlush=False,
            labelAlign="center" if period.kind is ReportKind.DAILY else "left",
            labelPadding=6,
            grid=True,
        ),
    )


def service_axis(order: Sequence[str]) -> alt.Y:
    """One row a service, in this order; a name that is too long ends in dots."""
    return alt.Y("service:N", sort=list(order), title=None, axis=alt.Axis(labelLimit=230, labelPadding=8))


def minutes(moment: datetime, period: Period) -> float:
    """Since the start of `period`."""
    return (moment - period.start).total_seconds() / 60


def inline(rows: Rows) -> alt.InlineData:
    """`rows` inside the specification: no pandas, no file."""
    return alt.InlineData(values=rows)
