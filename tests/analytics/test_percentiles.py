"""Percentiles of histograms are those of the single times, as DuckDB has them."""

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from analytics import percentiles
from analytics.percentiles import figures

Integers = npt.NDArray[np.int64]

EXACT = """
    SELECT count(*), quantile_cont(time, 0.5), quantile_cont(time, 0.95), quantile_cont(time, 0.99),
        avg(time), max(time)
    FROM (SELECT unnest($times) AS time)
"""


def histograms(number: int, seed: int = 4) -> tuple[Integers, Integers, Integers]:
    """Some of them have no row, and times come several times and in no order."""
    chance = np.random.default_rng(seed)
    lengths = chance.integers(0, 9, number)
    rows = int(lengths.sum())
    times = chance.choice(np.array([0, 1, 2, 5, 8, 120, 560, 2_147_400_000]), rows)
    return lengths, times, chance.integers(1, 40, rows)


def exact(lengths: Integers, times: Integers, counts: Integers) -> list[list[float]]:
    """The same from single times."""
    found = []
    for end, length in zip(np.cumsum(lengths), lengths, strict=True):
        rows = slice(end - length, end)
        single = np.repeat(times[rows], counts[rows]).tolist()
        row = duckdb.execute(EXACT, {"times": single}).fetchone()
        assert row is not None
        found.append([np.nan if value is None else value for value in row])
    return found


@pytest.mark.parametrize("cells", [1, 20, percentiles._CELLS])
def test_figures_are_those_of_the_single_times(monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    monkeypatch.setattr(percentiles, "_CELLS", cells)
    given = histograms(60)
    assert (given[0] == 0).any()
    found = figures(*given)
    assert list(found) == ["timed", "p50_ms", "p95_ms", "p99_ms", "mean_ms", "max_ms"]
    np.testing.assert_allclose(found.to_numpy(), np.array(exact(*given), dtype=float), rtol=1e-12)


def test_many_requests_are_counted_exactly() -> None:
    found = figures(np.array([2]), np.array([7, 3]), np.array([10**12, 10**12 - 1]))
    assert found["timed"].tolist() == [2 * 10**12 - 1]
    # The middle one of all is the first that took 7 ms.
    assert found["p50_ms"].tolist() == [7.0]


def test_nothing_at_all_keeps_its_columns() -> None:
    nothing = np.array([], dtype=np.int64)
    found = figures(nothing, nothing, nothing)
    assert found.empty
    assert found.dtypes.astype(str).to_dict() == {"timed": "int64"} | dict.fromkeys(
        ["p50_ms", "p95_ms", "p99_ms", "mean_ms", "max_ms"], "float64"
    )


def test_histograms_without_a_row_have_no_percentile() -> None:
    nothing = np.array([], dtype=np.int64)
    found = figures(np.array([0, 0]), nothing, nothing)
    assert found["timed"].tolist() == [0, 0]
    assert pd.isna(found.drop(columns="timed")).all(axis=None)
