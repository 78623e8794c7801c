"""How charts of notebooks look: the colours of the dashboard, and times as a clock on the wall shows them."""

from types import MappingProxyType
from typing import Any, TypeVar

import altair as alt
import pandas as pd

C = TypeVar("C")

#: The colours of the pages on white, told apart with any kind of colour blindness by their lightness too.
STATUS_COLOURS = MappingProxyType(
    {
        "healthy": "#12a17b",
        "degraded": "#e08e0b",
        "down": "#d4372c",
        "unknown": "#8d96a8",
        "gap": "#e2e5ec",
    }
)
SEVERITY_COLOURS = MappingProxyType({"critical": "#d4372c", "warning": "#e08e0b", "info": "#3b5bdb"})

_INK, _QUIET, _HAIR = "#10172a", "#596275", "#eef0f4"
#: Lines and bars that mean no status: blue, orange, sky, brown, magenta, grey.
_LINES = ["#3b5bdb", "#e08e0b", "#56b4e9", "#855200", "#b0429a", "#8d96a8"]
_BLUES = ["#e8ecfb", "#7c93ff", "#3b5bdb", "#1c2f85"]
_WIDTH, _HEIGHT = 660, 240


def house_style() -> None:
    """Charts of this notebook look like the dashboard and are drawn here, as SVG: no network is needed.

    Tables show two decimals and whole messages. `altair.renderers.enable("default")` afterwards makes charts
    answer to the mouse; that loads scripts from the internet.
    """
    pd.set_option("display.precision", 2, "display.max_colwidth", 120)
    alt.theme.enable("health")
    alt.renderers.enable("svg")


def wall_clock(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with its times as the clock of their time zone shows them, without an offset.

    For charts, which else show the time of whatever machine draws them.
    """
    zoned = frame.select_dtypes("datetimetz")
    return frame.assign(**{str(column): zoned[column].dt.tz_localize(None) for column in zoned})


@alt.theme.register("health", enable=False)
def _theme() -> alt.theme.ThemeConfig:
    text = {"labelColor": _QUIET, "titleColor": _QUIET, "labelFontSize": 12, "titleFontSize": 12}
    axis: dict[str, Any] = {
        **text,
        "titleFontWeight": "normal",
        "gridColor": _HAIR,
        "domainColor": _QUIET,
        "tickColor": _QUIET,
    }
    config: dict[str, Any] = {
        "font": "Arial, Helvetica, Liberation Sans, sans-serif",
        "padding": {"left": 14, "right": 14, "top": 5, "bottom": 5},
        "view": {
            "continuousWidth": _WIDTH,
            "continuousHeight": _HEIGHT,
            "discreteWidth": _WIDTH,
            "stroke": None,
        },
        "axis": axis,
        "legend": {**text, "symbolType": "square", "titleFontWeight": "normal"},
        "header": text,
        "title": {
            "anchor": "start",
            "color": _INK,
            "fontSize": 15,
            "subtitleColor": _QUIET,
            "subtitleFontSize": 12,
            "subtitlePadding": 4,
            "offset": 12,
        },
        "range": {"category": _LINES, "ramp": _BLUES, "heatmap": _BLUES},
        "mark": {"color": _LINES[0]},
        "line": {"strokeWidth": 2},
        "bar": {"color": _LINES[0]},
    }
    return alt.theme.ThemeConfig({"config": config})  # type: ignore[typeddict-item]


class TooLittle:
    """Stands where a chart would be. Shown as its sentence."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __repr__(self) -> str:
        return f"Too little data yet for {self.what}."


def draw(chart: C, data: pd.DataFrame, what: str = "this chart") -> C | TooLittle:
    """`chart`; or, when `data` has no row, a sentence that there is too little for `what`."""
    return chart if len(data) else TooLittle(what)
