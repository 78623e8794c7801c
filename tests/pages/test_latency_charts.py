"""The chart of percentiles: its rows, its limits, and that it stays the same picture while rows change."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow
import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.latency_charts import Percentiles, limits, on_grid, out_of_reach
from pages._ui.latency_looks import percentiles

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
STEP = timedelta(minutes=15)


def found(*minutes: int, p99: float = 900) -> pd.DataFrame:
    """Steps that begin so many minutes after noon."""
    row = {"p50_ms": 100.0, "p95_ms": 400.0, "p99_ms": p99, "requests": 7}
    return pd.DataFrame(
        [{"step_start": pd.Timestamp(NOON) + timedelta(minutes=minute), **row} for minute in minutes],
        columns=["step_start", "p50_ms", "p95_ms", "p99_ms", "requests"],
    )


def span(begun: int, ended: int, said: str) -> dict[str, Any]:
    begins, ends = (NOON + timedelta(minutes=minute) for minute in (begun, ended))
    return {"begun": begins, "ended": ends, "severity": "critical", "said": said}


def test_every_step_has_a_row_and_what_is_missing_is_a_gap() -> None:
    times = on_grid(found(0, 15, 45), NOON, NOON + timedelta(hours=1), STEP)

    assert [moment.minute for moment in times["at"]] == [0, 15, 30, 45]
    assert times["p95_ms"].isna().tolist() == [False, False, True, False]
    assert times["alone"].tolist() == [False, False, False, True]


def test_a_period_that_begins_within_a_step_begins_with_that_step() -> None:
    times = on_grid(found(0), NOON + timedelta(minutes=7), NOON + timedelta(minutes=16), STEP)

    assert [moment.minute for moment in times["at"]] == [0, 15]


def test_nothing_measured_is_a_grid_of_gaps() -> None:
    times = on_grid(
        found().astype({"step_start": "datetime64[us, UTC]"}), NOON, NOON + timedelta(hours=1), STEP
    )

    assert len(times) == 4
    assert times["p99_ms"].isna().all()


def test_a_step_says_what_went_on_in_it() -> None:
    spans = pd.DataFrame([span(10, 20, "slow"), span(16, 17, "down")])

    times = on_grid(found(0, 15, 30), NOON, NOON + timedelta(minutes=45), STEP, spans)

    assert times["during"].tolist() == ["slow", "slow; down", ""]


def test_limits_far_above_the_times_are_told_and_not_drawn() -> None:
    times = on_grid(found(0, 15, p99=900), NOON, NOON + timedelta(minutes=30), STEP)
    shown = Percentiles(times, limits=limits(1000, 3000))

    assert out_of_reach(shown) == "down above 3.0 s"
    assert out_of_reach(Percentiles(times, limits=limits(1000, 2000))) == ""
    assert limits(None, None).empty


def script() -> None:
    """A page with the chart of `session_state`."""
    import streamlit as st

    from pages._ui.latency_charts import draw_percentiles

    draw_percentiles(st.session_state["shown"], "light", "chart", "Response times.")


def drawn(shown: Percentiles) -> tuple[str, dict[str, pd.DataFrame]]:
    """The specification that reaches the browser, and its rows by name."""
    app = AppTest.from_function(script)
    app.session_state["shown"] = shown
    app.run()
    assert not app.exception
    proto = app.get("vega_lite_chart")[0].proto
    rows = {
        one.name: pyarrow.ipc.open_stream(io.BytesIO(one.data.data)).read_pandas() for one in proto.datasets
    }
    return proto.spec, rows


@pytest.fixture(scope="module")
def full() -> tuple[str, dict[str, pd.DataFrame]]:
    times = on_grid(found(0, 15, 45), NOON, NOON + timedelta(hours=1), STEP)
    spans = pd.DataFrame([span(10, 20, "<b>down</b>")])
    markers = pd.DataFrame([{"at": NOON, "said": "Collector started"}])
    return drawn(Percentiles(times, spans, markers, limits(1000, 9000)))


def test_all_rows_reach_the_browser(full: tuple[str, dict[str, pd.DataFrame]]) -> None:
    rows = full[1]

    assert rows["times"]["p95_ms"].notna().sum() == 3
    assert str(rows["times"]["at"].dt.tz) == "UTC"
    assert rows["spans"]["said"].tolist() == ["<b>down</b>"]
    assert rows["markers"]["said"].tolist() == ["Collector started"]
    assert rows["limits"]["said"].tolist() == ["degraded above 1.0 s"]


def test_the_picture_stays_the_same_while_rows_change(full: tuple[str, dict[str, pd.DataFrame]]) -> None:
    """A specification that changes is drawn anew: a flicker every few seconds."""
    empty, rows = drawn(Percentiles(on_grid(found(15), NOON, NOON + timedelta(hours=1), STEP)))

    assert empty == full[0]
    assert [len(rows[name]) for name in ("spans", "markers", "limits")] == [0, 0, 0]


def test_every_layer_reads_a_named_table(full: tuple[str, dict[str, pd.DataFrame]]) -> None:
    spec = json.loads(full[0])

    named = {layer["data"]["name"] for layer in spec["layer"]}
    assert named == {"times", "spans", "markers", "limits", "before"}
    assert spec["description"] == "Response times."


def test_light_and_dark_differ_in_colours_alone() -> None:
    light, dark = json.loads(percentiles("light", 320).text), json.loads(percentiles("dark", 320).text)

    assert light != dark
    assert len(light["layer"]) == len(dark["layer"])
