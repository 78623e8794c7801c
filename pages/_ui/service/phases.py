"""Where the time of a check goes: its phases over time, stacked; parts asked at the same time, as lines."""

from datetime import timedelta
from functools import lru_cache
from html import escape

import altair as alt
import pandas as pd
import streamlit as st

from analytics import check_queries
from analytics.db import Connection
from analytics.model import ServiceKey
from analytics.periods import Period
from pages._ui import charts, panels, words
from pages._ui.charts import Spec, Theme
from pages._ui.shell import Visit

#: The phases in the order they come in, and how they are called.
WORDS = {
    "spawn": "Start of the process",
    "token": "Token",
    "dns": "DNS",
    "connect": "Connect",
    "tls": "TLS",
    "auth": "Sign-in",
    "discover": "Discover",
    "initialize": "Initialize",
    "tools/list": "List tools",
    "tools/call": "Call a tool",
    "select_1": "Query",
    "connections": "Count connections",
    "first_byte": "First byte",
    "transfer": "Transfer",
    "ping": "Ping",
    "info": "Info",
    "machines": "Machines",
    "health": "Health page",
    "rest": "REST",
    "storage": "Storage",
}

#: These ask their parts at the same time, so the times of the parts do not add up.
_AT_ONCE = frozenset({"supabase", "fly"})

#: With fewer steps there is nothing to see over time.
_FEWEST_STEPS = 3

#: Colours that are those of no status, dark and light by turns so that neighbours differ without colour too.
_COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": ("#1b2f86", "#7b93f0", "#0c7489", "#7fc8d6", "#6741b5", "#c0a6ef", "#4a5568", "#b8c0cc"),
    "dark": ("#5069c9", "#c3cdff", "#1f8ea3", "#8fdcea", "#8b6be0", "#d6c6fb", "#7a869c", "#cdd4e0"),
}


def read(connection: Connection, period: Period, service: ServiceKey, interval: timedelta) -> pd.DataFrame:
    """The rows of the chart: at, until, phase (in words), order, mean_ms, low, high, checks."""
    found = check_queries.service_phases(
        connection, period.since, period.until, service, period.step, interval
    )
    found = found.rename(columns={"step_start": "at"})
    known = list(WORDS)
    found["order"] = [known.index(name) if name in WORDS else len(known) for name in found["phase"]]
    found["phase"] = [WORDS.get(name, name.replace("_", " ")) for name in found["phase"]]
    found = found.sort_values(["at", "order", "phase"], ignore_index=True)
    found["high"] = found.groupby("at")["mean_ms"].cumsum()
    found["low"] = found["high"] - found["mean_ms"]
    found["until"] = found["at"] + period.step
    found["total"] = found.groupby("at")["mean_ms"].transform("sum")
    return found


def panel(found: pd.DataFrame, probe: str, visit: Visit) -> None:
    """Draw the phases: over time, or as a bar each while there is little time to see."""
    phases = tuple(dict.fromkeys(found.sort_values(["order", "phase"])["phase"]))
    at_once = probe in _AT_ONCE
    about = "asked at the same time" if at_once else "mean of the checks that were not down"
    with panels.panel("service-phases", "Parts of a check" if at_once else "Phases of a check", about):
        if found["at"].nunique() < _FEWEST_STEPS:
            st.html(bars(found, phases, visit.theme))
            return
        drawn = _lines(visit.theme, phases) if at_once else _stack(visit.theme, phases)
        charts.draw(drawn, found, "service-phases-chart", says(found, phases))


def says(found: pd.DataFrame, phases: tuple[str, ...]) -> str:
    """The chart in one sentence: what each phase took on the whole."""
    means = _means(found)
    spelt = ", ".join(f"{one} {words.milliseconds(means[one])}" for one in phases)
    return f"Mean time of each phase: {spelt}."


def bars(found: pd.DataFrame, phases: tuple[str, ...], theme: Theme) -> str:
    """The mean of each phase as a bar. HTML."""
    means = _means(found)
    longest = max(means.values(), default=0.0) or 1.0
    rows = "".join(
        f"<li><span>{escape(one)}</span><b>{words.milliseconds(means[one])}</b>"
        f'<i style="width:{100 * means[one] / longest:.1f}%;background:{colour}"></i></li>'
        for one, colour in zip(phases, _shades(theme, len(phases)), strict=True)
    )
    return f'<ul class="phase-bars">{rows}</ul>'


def _means(found: pd.DataFrame) -> dict[str, float]:
    """The mean of each phase over all checks that were looked at."""
    weighed = (found["mean_ms"] * found["checks"]).groupby(found["phase"]).sum()
    checks = found.drop_duplicates("at")["checks"].sum()
    return {str(phase): float(total / checks) for phase, total in weighed.items()}


def _shades(theme: Theme, count: int) -> list[str]:
    colours = _COLOURS[theme]
    return [colours[number % len(colours)] for number in range(count)]


def _colour(theme: Theme, phases: tuple[str, ...]) -> alt.Color:
    shades = _shades(theme, len(phases))
    legend = alt.Legend(title=None, orient="top", symbolType="square", labelLimit=160, columns=4)
    return alt.Color("phase:N", scale=alt.Scale(domain=list(phases), range=shades), legend=legend)


def _x() -> alt.X:
    spelt = "timeFormat(datum.value, hours(datum.value) + minutes(datum.value) == 0 ? '%a %-d %b' : '%H:%M')"
    return charts.time_axis("at", labelExpr=spelt)


def _y(field: str) -> alt.Y:
    spelt = (
        "datum.value >= 1000 ? format(datum.value / 1000, '~r') + ' s' : format(datum.value, '~r') + ' ms'"
    )
    axis = alt.Axis(title=None, tickCount=5, labelExpr=spelt, domain=False, ticks=False)
    return alt.Y(field, axis=axis, scale=alt.Scale(zero=True, nice=True))


_TOOLTIP = [
    alt.Tooltip("at:T", title="From", format="%d %b %H:%M"),
    alt.Tooltip("phase:N", title="Phase"),
    alt.Tooltip("mean_ms:Q", title="Mean, ms", format=",.0f"),
]


@lru_cache(maxsize=64)
def _stack(theme: Theme, phases: tuple[str, ...]) -> Spec:
    """A bar a step, the phases on top of each other."""
    total = [
        *_TOOLTIP,
        alt.Tooltip("total:Q", title="All phases, ms", format=",.0f"),
        alt.Tooltip("checks:Q", title="Checks looked at", format=",d"),
    ]
    bars = (
        alt.Chart()
        .mark_rect(tooltip=True)
        .encode(
            x=_x(),
            x2="until:T",
            y=_y("low:Q"),
            y2="high:Q",
            color=_colour(theme, phases),
            tooltip=total,
        )
    )
    return charts.spec(bars, 320)


@lru_cache(maxsize=64)
def _lines(theme: Theme, phases: tuple[str, ...]) -> Spec:
    """A line a part."""
    lines = (
        alt.Chart()
        .mark_line(interpolate="monotone", point={"size": 18}, strokeWidth=1.75)
        .encode(x=_x(), y=_y("mean_ms:Q"), color=_colour(theme, phases), tooltip=_TOOLTIP)
    )
    return charts.spec(lines, 320)
