"""The chart of one figure over time: a line a service, and faintly what it was in the period before."""

from functools import cache
from typing import Literal
from weakref import WeakKeyDictionary

import altair as alt

from pages._ui.charts import PALETTE, Spec, Theme, arrow, draw, spec, time_axis
from pages._ui.trends.courses import Course

#: The colours of up to six lines, told apart by people who see colours otherwise, too.
COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": ("#3b5bdb", "#c2570c", "#0f8a6a", "#a61e6b", "#0b7fab", "#6d5a00"),
    "dark": ("#8ea2ff", "#f3a861", "#4fd1a5", "#f58cc0", "#63c8ee", "#d9c94f"),
}

Unit = Literal["ms", "percent"]

#: The hours of the viewer's day, and the day where one begins.
_MOMENT = "timeFormat(datum.value, hours(datum.value) + minutes(datum.value) == 0 ? '%a %-d %b' : '%H:%M')"

_LABELS: dict[Unit, str] = {
    "ms": "datum.value >= 1000 ? format(datum.value / 1000, '~g') + ' s' : format(datum.value, '~g') + ' ms'",
    "percent": "format(datum.value, '.4~g') + ' %'",
}


@cache
def over_time(theme: Theme, unit: Unit, up_to: float | None) -> Spec:
    """Lines of `value` and `before` by `line`; `up_to` is the highest value of the axis, None for any."""
    scale = alt.Scale(zero=up_to is None, nice=True)
    if up_to is not None:
        scale = alt.Scale(zero=False, nice=False, domainMax=up_to)
    axis = alt.Axis(title=None, labelExpr=_LABELS[unit], tickCount=5, grid=True)
    numbers = [str(number) for number in range(len(COLOURS[theme]))]
    colour = alt.Color("line:N", legend=None, scale=alt.Scale(domain=numbers, range=list(COLOURS[theme])))
    base = alt.Chart(alt.NamedData("rows")).encode(x=time_axis(labelExpr=_MOMENT), color=colour)
    y = alt.Y("value:Q", axis=axis, scale=scale)
    nearest = alt.selection_point(
        name="nearest", nearest=True, on="pointermove", clear="pointerout", fields=["at", "line"], empty=False
    )
    tooltip = [
        alt.Tooltip("at:T", title="From", format="%a %-d %b %H:%M"),
        alt.Tooltip("name:N", title="Of"),
        alt.Tooltip("said:N", title="Value"),
        alt.Tooltip("said_before:N", title="The period before"),
    ]
    points = base.mark_point(size=70, filled=True, stroke=PALETTE[theme]["surface"], strokeWidth=2)
    return spec(
        alt.layer(
            base.mark_point(opacity=0).encode(y=alt.Y("reach:Q", axis=axis, scale=scale)),
            base.mark_line(strokeWidth=1.5, strokeDash=[3, 3], opacity=0.45).encode(
                y=alt.Y("before:Q", axis=axis, scale=scale)
            ),
            base.mark_line(strokeWidth=2).encode(y=y),
            base.mark_point(size=25, filled=True)
            .transform_filter("datum.lonely")
            .encode(y=y, opacity=alt.value(1)),
            points.encode(
                y=y,
                opacity=alt.condition(nearest, alt.value(1), alt.value(0), empty=False),
                tooltip=tooltip,
            )
            .transform_filter("isValid(datum.value)")
            .add_params(nearest),
        ),
        height=200,
    )


def draw_course(course: Course, theme: Theme, unit: Unit, up_to: float | None, key: str, says: str) -> None:
    """Draw `course` in place; `says` tells it to screen readers."""
    if course not in _ready:
        _ready[course] = arrow(course.rows)
    draw(over_time(theme, unit, up_to), {"rows": _ready[course]}, key=key, says=says)


#: What was drawn once, as it is sent: to turn frames into Arrow costs more than all the rest of a chart.
_ready: WeakKeyDictionary[Course, bytes] = WeakKeyDictionary()
