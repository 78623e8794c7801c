"""The chart of percentiles over time, with what explains them behind: incidents, changes, limits.

    shown = Percentiles(times=latency_steps, spans=…, markers=…, limits=limits(healthy_ms, down_ms))
    draw_percentiles(shown, visit.theme, key="response-times", says="…")

A limit far above every time would press them flat: `draw_percentiles` leaves it out, `out_of_reach` says it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import pandas as pd

from analytics.frames import records
from analytics.model import Status
from pages._ui import words
from pages._ui.charts import Theme, arrow, draw
from pages._ui.latency_looks import percentiles

#: How many times the highest percentile a limit may be and is still drawn.
_REACH = 3.0


def _none(*columns: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Percentiles:
    """What the chart shows; shared by all who look at it. Moments are aware UTC, times are in ms.

    `times`: as `on_grid` gives them, a row a step; NaN is a gap in the lines.
    `spans`: begun, ended, severity, said: what is shaded behind, such as incidents.
    `markers`: at, said: a thin dashed line each, such as a restart.
    `limits`: ms, status, said, as `limits` gives them.
    `before`: at, p95_ms: a faint line behind, of the period before at the moments it is compared with.
    """

    times: pd.DataFrame
    spans: pd.DataFrame = field(default_factory=lambda: _none("begun", "ended", "severity", "said"))
    markers: pd.DataFrame = field(default_factory=lambda: _none("at", "said"))
    limits: pd.DataFrame = field(default_factory=lambda: _none("ms", "status", "said"))
    before: pd.DataFrame = field(default_factory=lambda: _none("at", "p95_ms"))


def draw_percentiles(shown: Percentiles, theme: Theme, key: str, says: str, height: int = 320) -> None:
    """Draw `shown` in place, `height` pixels high. `says` tells it to screen readers, and stays as it is."""
    rows = _ready.get(shown)
    if rows is None:
        rows = _ready[shown] = _rows(shown)
    draw(percentiles(theme, height), rows, key=key, says=says)


#: What was drawn once, as it is sent: to turn frames into Arrow costs more than all the rest of a chart.
_ready: WeakKeyDictionary[Percentiles, dict[str, bytes]] = WeakKeyDictionary()


def _rows(shown: Percentiles) -> dict[str, bytes]:
    within = shown.limits[shown.limits["ms"] <= _highest(shown.times) * _REACH]
    frames = {"times": shown.times, "spans": shown.spans, "markers": shown.markers, "limits": within}
    frames["before"] = shown.before
    return {name: arrow(frame) for name, frame in frames.items()}


def limits(healthy_ms: float | None, down_ms: float | None) -> pd.DataFrame:
    """The limits of a service as the chart takes them; without rows where there are none."""
    found = [
        {"ms": float(ms), "status": status.value, "said": f"{word} above {words.milliseconds(ms)}"}
        for ms, status, word in (
            (healthy_ms, Status.DEGRADED, "degraded"),
            (down_ms, Status.DOWN, "down"),
        )
        if ms is not None
    ]
    return pd.DataFrame(found) if found else _none("ms", "status", "said")


def out_of_reach(shown: Percentiles) -> str:
    """The limits too far above the times to be drawn, in words; empty when all are drawn."""
    reach = _highest(shown.times) * _REACH
    return ", ".join(shown.limits[shown.limits["ms"] > reach]["said"])


def on_grid(
    found: pd.DataFrame, since: datetime, until: datetime, step: timedelta, spans: pd.DataFrame | None = None
) -> pd.DataFrame:
    """`times` of one series of `analytics.latency_queries.latency_steps`: a row for every step of the period.

    Columns: at, p50_ms, p95_ms, p99_ms, requests; `alone`: its neighbours are empty, so no line leads to it;
    and `during`: what of `spans` went on in it, in words.
    """
    first = pd.Timestamp(since).floor(step)
    grid = pd.date_range(first, until, freq=step, inclusive="left", name="at")
    columns = ["p50_ms", "p95_ms", "p99_ms", "requests"]
    times = found.set_index("step_start")[columns].astype("float64").reindex(grid)
    known = times["p95_ms"].notna()
    times["alone"] = known & ~known.shift(1, fill_value=False) & ~known.shift(-1, fill_value=False)
    around = [] if spans is None else list(records(spans))
    times["during"] = [
        "; ".join(one["said"] for one in around if one["begun"] < at + step and one["ended"] > at)
        for at in grid.to_pydatetime()
    ]
    return times.reset_index()


def _highest(times: pd.DataFrame) -> float:
    highest = times["p99_ms"].max()
    return 0.0 if pd.isna(highest) else float(highest)
