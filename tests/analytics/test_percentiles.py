"""Percentiles of histograms are those of the single times, as DuckDB has them."""

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from analytics import percentiles
from analytics.percentiles import coded, figures, summed

Integers = npt.NDArray[np.int64]

EXACT = """
    SELECT count(*), quantile_cont(time, 0.5), quantile_cont(time, 0.95), quantile_cont(time, 0.99),
        avg(time), max(time)
    FROM (SELECT unnest($times) AS time)
"""


NOTHING = np.array([], dtype=np.int64)


def histograms(number: int, seed: int = 4) -> tuple[Integers, Integers, Integers]:
    """Rows of histograms, some of which have none; owners and times come several times and in no order."""
    chance = np.random.default_rng(seed)
    owners = chance.permutation(np.repeat(np.arange(number), chance.integers(0, 9, number)))
    times = chance.choice(np.array([0, 1, 2, 5, 8, 120, 560, 2_147_400_000]), len(owners))
    return owners, times, chance.integers(1, 40, len(owners))


def exact(number: int, owners: Integers, times: Integers, counts: Integers) -> list[list[float]]:
    """The same from single times."""
    found = []
    for owner in range(number):
        rows = owners == owner
        single = np.repeat(times[rows], counts[rows]).tolist()
        row = duckdb.execute(EXACT, {"times": single}).fetchone()
        assert row is not None
        found.append([np.nan if value is None else value for value in row])
    return found


@pytest.mark.parametrize("cells", [1, 20, percentiles._CELLS])
def test_figures_are_those_of_the_single_times(monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    monkeypatch.setattr(percentiles, "_CELLS", cells)
    given = histograms(60)
    assert len(np.unique(given[0])) < 60
    found = figures(60, *given)
    assert list(found) == ["timed", "p50_ms", "p95_ms", "p99_ms", "mean_ms", "max_ms"]
    np.testing.assert_allclose(found.to_numpy(), np.array(exact(60, *given), dtype=float), rtol=1e-12)


def test_many_requests_are_counted_exactly() -> None:
    found = figures(1, np.array([0, 0]), np.array([7, 3]), np.array([10**12, 10**12 - 1]))
    assert found["timed"].tolist() == [2 * 10**12 - 1]
    # The middle one of all is the first that took 7 ms.
    assert found["p50_ms"].tolist() == [7.0]


def test_nothing_at_all_keeps_its_columns() -> None:
    found = figures(0, NOTHING, NOTHING, NOTHING)
    assert found.empty
    assert found.dtypes.astype(str).to_dict() == {"timed": "int64"} | dict.fromkeys(
        ["p50_ms", "p95_ms", "p99_ms", "mean_ms", "max_ms"], "float64"
    )


def test_histograms_without_a_row_have_no_percentile() -> None:
    found = figures(2, NOTHING, NOTHING, NOTHING)
    assert found["timed"].tolist() == [0, 0]
    assert pd.isna(found.drop(columns="timed")).all(axis=None)


@pytest.mark.parametrize("in_order", [True, False])
def test_rows_of_one_key_and_time_become_one(in_order: bool) -> None:
    owners, times, counts = histograms(60)
    if in_order:
        order = np.lexsort((times, owners))
        owners, times, counts = owners[order], times[order], counts[order]
    keys = owners.astype(np.uint64) + np.uint64(2**64 - 60)
    (found_keys, found_times), found_counts = summed([keys, times], counts)
    assert len(found_keys) == len(set(zip(found_keys, found_times, strict=True))) < len(keys)
    wanted = pd.DataFrame({"key": keys, "time": times, "count": counts}).groupby(["key", "time"]).sum()
    same = pd.DataFrame({"key": found_keys, "time": found_times, "count": found_counts})
    pd.testing.assert_frame_equal(same.set_index(["key", "time"]).sort_index(), wanted)


def test_rows_are_left_as_they_are_where_they_would_be_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(percentiles, "_CELLS", 20)
    owners, times, counts = histograms(60)
    columns, same = summed([owners.astype(np.uint64), times], counts)
    for given, found in zip((owners, times, counts), (*columns, same), strict=True):
        np.testing.assert_array_equal(found, given)
    columns, same = summed([owners[:0], times[:0]], counts[:0])
    assert [len(column) for column in (*columns, same)] == [0, 0, 0]


@pytest.mark.parametrize("values", [[], [7], [7, 7, 7, 7, 7, 9, 9, 9, 9, 7, 7], [3, 1, 2, 3]])
def test_what_follows_itself_and_what_does_not_is_coded_alike(values: list[int]) -> None:
    codes, known = coded(np.array(values, dtype=np.int64))
    assert known[codes].tolist() == values
    assert sorted(known) == sorted(set(values))
