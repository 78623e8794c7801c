"""Charts: a specification made once a process, fresh rows for it at every refresh.

Building a chart costs 15 ms, sending a ready specification with new rows under one: so what a chart looks
like is a cached function that gives a `Spec`, and only rows are made anew. A chart whose specification stays
the same is not drawn anew either: text that changes belongs beside the chart, never in it.

    @cache
    def response_times(theme: Theme) -> Spec:
        return spec(alt.Chart().mark_line().encode(x=time_axis(), y="p95_ms:Q"))

    draw(response_times(visit.theme), rows, key="response-times", says="P95 by time: …")
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import altair as alt
import pandas as pd
import pyarrow
import streamlit as st

from analytics.model import Status

Theme: TypeAlias = Literal["light", "dark"]

#: The colours of `css/1_base.css`: statuses, and the three percentiles told apart by lightness too.
PALETTE: Mapping[Theme, Mapping[str, str]] = MappingProxyType(
    {
        "light": MappingProxyType(
            {
                Status.HEALTHY: "#12a17b",
                Status.DEGRADED: "#e08e0b",
                Status.DOWN: "#d4372c",
                Status.UNKNOWN: "#8d96a8",
                "p50": "#7b93f0",
                "p95": "#3b5bdb",
                "p99": "#1b2f86",
                "brand": "#3b5bdb",
                "ink": "#10172a",
                "quiet": "#596275",
                "line": "#e2e5ec",
                "surface": "#ffffff",
            }
        ),
        "dark": MappingProxyType(
            {
                Status.HEALTHY: "#2fbf92",
                Status.DEGRADED: "#f0ab3d",
                Status.DOWN: "#ff6a5c",
                Status.UNKNOWN: "#727d92",
                "p50": "#5069c9",
                "p95": "#8ea2ff",
                "p99": "#d5dcff",
                "brand": "#7c93ff",
                "ink": "#e9ecf3",
                "quiet": "#97a1b5",
                "line": "#242936",
                "surface": "#12151c",
            }
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Spec:
    """A chart ready to be sent, as JSON text: whoever draws it may change what it is read into."""

    text: str


def spec(chart: Any, height: int = 240) -> Spec:
    """`chart` (Altair, without data, every type written out) ready to be sent; `height` in pixels."""
    alt.data_transformers.disable_max_rows()
    found = chart.to_dict(validate=False)
    ready = _without_data(found)
    ready.update(height=height, padding={"left": 0, "right": 4, "top": 4, "bottom": 0})
    ready.setdefault("autosize", {"type": "fit", "contains": "padding"})
    # A chart is read out as its description; thousands of marks one by one, or empty groups, are noise.
    ready["config"] = {"mark": {"aria": False}}
    return Spec(json.dumps(ready))


def draw(drawn: Spec, rows: pd.DataFrame | Mapping[str, pd.DataFrame | bytes], key: str, says: str) -> None:
    """Draw `rows` in place, by name where layers read `{"name": …}`; `says` tells it to screen readers.

    Rows by name may be in Arrow's stream format already (`arrow`): done once for all viewers.
    """
    ready = json.loads(drawn.text)
    ready["description"] = says
    if isinstance(rows, pd.DataFrame):
        st.vega_lite_chart(rows, ready, key=key, width="stretch", theme="streamlit")
        return
    ready["datasets"] = dict(rows)
    st.vega_lite_chart(None, ready, key=key, width="stretch", theme="streamlit")


def arrow(rows: pd.DataFrame) -> bytes:
    """`rows` as `draw` takes them by name: turning them into Arrow costs more than the rest of a chart."""
    table = pyarrow.Table.from_pandas(rows, preserve_index=False)
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def time_axis(field: str = "at", **more: Any) -> alt.X:
    """The x axis of moments in the viewer's own zone (Vega reads aware times as the browser's)."""
    axis = alt.Axis(title=None, grid=False, labelOverlap=True, tickCount=8, **more)
    return alt.X(f"{field}:T", axis=axis)


def status_scale(theme: Theme) -> alt.Scale:
    """Statuses in their colours, worst first."""
    order = [Status.DOWN, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY]
    return alt.Scale(domain=[one.value for one in order], range=[PALETTE[theme][one] for one in order])


def _without_data(part: Any) -> Any:
    """`part` without schema, settings and the empty data that Altair puts into every layer."""
    if isinstance(part, dict):
        return {
            name: _without_data(value)
            for name, value in part.items()
            if name not in ("$schema", "config", "datasets")
            and not (name == "data" and isinstance(value, dict) and value.get("name") == "empty")
        }
    return [_without_data(value) for value in part] if isinstance(part, list) else part
