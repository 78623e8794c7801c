"""What the chart of percentiles looks like: one specification a theme and height, whatever its rows are."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

import altair as alt

from analytics.model import Severity, Status
from pages._ui.charts import PALETTE, Spec, Theme, spec, time_axis

#: Altair's charts are not typed well enough to be told apart.
_Layer: TypeAlias = Any
_Colours: TypeAlias = Mapping[str, str]

#: The percentiles as their columns and words are, the highest first.
LINES = (("p99_ms", "P99"), ("p95_ms", "P95"), ("p50_ms", "P50"))


@cache
def percentiles(theme: Theme, height: int) -> Spec:
    """What the chart looks like."""
    colours = PALETTE[theme]
    behind = [_spans(colours), _limit_lines(colours), _limit_names(colours), _before(colours)]
    # Pointing at anything points at the nearest step; only what is drawn after that can be pointed at itself.
    front = [_lines(colours), _alone(colours), _pointer(colours), *_markers(colours)]
    return spec(alt.layer(*behind, *front), height)


def _x(field_name: str = "at") -> alt.X:
    """The hours of the viewer's day, and the day where one begins."""
    spelt = "timeFormat(datum.value, hours(datum.value) + minutes(datum.value) == 0 ? '%a %-d %b' : '%H:%M')"
    return time_axis(field_name, labelExpr=spelt)


def _data(name: str) -> _Layer:
    return alt.Chart(alt.NamedData(name))


def _y(field_name: str) -> alt.Y:
    spelt = (
        "datum.value >= 1000 ? format(datum.value / 1000, '~r') + ' s' : format(datum.value, '~r') + ' ms'"
    )
    axis = alt.Axis(title=None, tickCount=5, labelExpr=spelt, domain=False, ticks=False)
    return alt.Y(field_name, axis=axis, scale=alt.Scale(zero=True, nice=True))


def _before(colours: _Colours) -> _Layer:
    line = _data("before").mark_line(size=1.25, strokeDash=[3, 3], opacity=0.5, color=colours["p95"])
    return line.encode(x=_x("at"), y=_y("p95_ms:Q"))


def _spans(colours: _Colours) -> _Layer:
    order = [Severity.CRITICAL.value, Severity.WARNING.value, Severity.INFO.value]
    shades = [colours[Status.DOWN], colours[Status.DEGRADED], colours[Status.UNKNOWN]]
    scale = alt.Scale(domain=order, range=shades)
    return (
        _data("spans")
        .mark_rect(opacity=0.16)
        .encode(
            x=_x("begun"),
            x2="ended:T",
            fill=alt.Fill("severity:N", scale=scale, legend=None),
            tooltip=[alt.Tooltip("said:N", title="Incident")],
        )
    )


def _limit_scale(colours: _Colours) -> alt.Scale:
    return alt.Scale(
        domain=[Status.DEGRADED.value, Status.DOWN.value],
        range=[colours[Status.DEGRADED], colours[Status.DOWN]],
    )


def _limit_lines(colours: _Colours) -> _Layer:
    stroke = alt.Stroke("status:N", scale=_limit_scale(colours), legend=None)
    return _data("limits").mark_rule(strokeDash=[2, 3], size=1.25).encode(y=_y("ms:Q"), stroke=stroke)


def _limit_names(colours: _Colours) -> _Layer:
    return (
        _data("limits")
        .mark_text(align="right", baseline="bottom", dx=-4, dy=-3, fontSize=11, color=colours["quiet"])
        .encode(x=alt.value("width"), y=_y("ms:Q"), text="said:N")
    )


def _folded() -> _Layer:
    names = dict(LINES)
    return (
        _data("times")
        .transform_fold([column for column, _ in LINES], as_=["column", "ms"])
        .transform_calculate(
            line=" : ".join(f"datum.column == '{c}' ? '{w}'" for c, w in names.items()) + " : ''"
        )
    )


def _line_colour(colours: _Colours) -> alt.Color:
    scale = alt.Scale(domain=[word for _, word in LINES], range=[colours[w.lower()] for _, w in LINES])
    legend = alt.Legend(title=None, orient="top", direction="horizontal", symbolType="stroke", offset=6)
    return alt.Color("line:N", scale=scale, legend=legend)


def _lines(colours: _Colours) -> _Layer:
    return (
        _folded()
        .mark_line(size=1.75, interpolate="monotone", strokeJoin="round")
        .encode(x=_x("at"), y=_y("ms:Q"), color=_line_colour(colours))
    )


def _alone(colours: _Colours) -> _Layer:
    return (
        _folded()
        .transform_filter("datum.alone")
        .mark_circle(size=22, opacity=1)
        .encode(x=_x("at"), y=_y("ms:Q"), color=_line_colour(colours))
    )


def _markers(colours: _Colours) -> Sequence[_Layer]:
    """A thin line, and a wide one that cannot be seen and is easy to point at."""
    seen = _data("markers").mark_rule(strokeDash=[4, 3], size=1, color=colours["quiet"])
    felt = _data("markers").mark_rule(size=9, opacity=0, color=colours["quiet"])
    tip = [alt.Tooltip("said:N", title="Change"), alt.Tooltip("at:T", title="At", format="%d %b %H:%M")]
    return seen.encode(x=_x("at")), felt.encode(x=_x("at"), tooltip=tip)


def _pointer(colours: _Colours) -> _Layer:
    """The rule that follows the mouse and says the figures of its step, and what went on then."""
    nearest = alt.selection_point(
        name="pointed", fields=["at"], nearest=True, on="pointermove", clear="pointerout", empty=False
    )
    said = {
        word: f"isValid(datum.{column}) ? format(datum.{column}, ',.0f') + ' ms' : '–'"
        for column, word in LINES
    }
    said["Requests"] = "isValid(datum.requests) ? format(datum.requests, ',.0f') : '0'"
    said["Incident"] = "datum.during ? datum.during : '–'"
    tip = [alt.Tooltip("at:T", title="From", format="%d %b %H:%M")]
    tip += [alt.Tooltip(f"{word}:N") for word in ("P50", "P95", "P99", "Requests", "Incident")]
    return (
        _data("times")
        .transform_calculate(**said)
        .mark_rule(size=1, color=colours["quiet"])
        .encode(x=_x("at"), opacity=alt.condition(nearest, alt.value(0.7), alt.value(0)), tooltip=tip)
        .add_params(nearest)
    )
