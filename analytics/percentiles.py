"""From histograms to percentiles, many at once. Pure.

A database sorts for this, which takes longer than all that comes before it. The rounded times of the rollups
are few and the same everywhere, so that here it is enough to count up.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

SHARES = (50, 95, 99)

#: The columns of `figures`.
FIGURES = ["timed", *(f"p{share}_ms" for share in SHARES), "mean_ms", "max_ms"]

#: How many counts are in memory at a time: 16 bytes each.
_CELLS = 2_000_000

_Floats = npt.NDArray[np.float64]
_Integers = npt.NDArray[np.int64]
#: Whole numbers, of any size and with or without a sign.
_Numbers = npt.NDArray[Any]


def coded(values: _Numbers) -> tuple[_Integers, _Numbers]:
    """Which of the known values each of `values` is, and the known ones, in no order.

    Quickest where the same value often follows itself.
    """
    starts = np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1))
    few = len(starts) * 4 < len(values)
    codes, known = pd.factorize(values[starts] if few else values)
    return np.repeat(codes, np.diff(starts, append=len(values))) if few else codes, np.asarray(known)


def summed(columns: Sequence[_Numbers], counts: _Integers) -> tuple[list[_Numbers], _Integers]:
    """The same in fewer rows, one for each combination that `columns` have, if those are few enough.

    `counts` says how many there are of each row.
    """
    found = [coded(column) for column in columns]
    cells = math.prod(len(known) for _, known in found)
    if not 0 < cells <= _CELLS:
        return list(columns), counts
    places = found[0][0]
    for codes, known in found[1:]:
        places = places * len(known) + codes
    # Counts are floats in between: up to 2 ** 53 they are as exact as integers.
    filled = np.bincount(places, weights=counts)
    used = np.flatnonzero(filled)
    codes_of_used = np.unravel_index(used, [len(known) for _, known in found])
    kept = [known[codes] for (_, known), codes in zip(found, codes_of_used, strict=True)]
    return kept, filled[used].astype(np.int64)


def figures(number: int, owners: _Integers, times: _Integers, counts: _Integers) -> pd.DataFrame:
    """P50, P95 and P99 of histograms, as DuckDB's quantile_cont has them: between the times of two ranks.

    There are `number` of them. `counts` says how many took one of `times` (ms), `owners` (from 0 on) which
    histogram that belongs to; rows are in no order, and a time may have several. Columns, a row a histogram:
    timed (the sum of its counts), p50_ms, p95_ms, p99_ms, mean_ms, max_ms; all but `timed` are NaN where that
    is 0.
    """
    codes, known = pd.factorize(times, sort=True)
    levels = np.asarray(known, dtype=np.int64)
    weights = counts.astype(np.float64)
    at_once = max(1, _CELLS // max(1, len(levels)))
    if number > at_once:
        order = np.argsort(owners, kind="stable")
        owners, codes, weights = owners[order], codes[order], weights[order]
    parts = []
    for first in range(0, number, at_once):
        some = min(at_once, number - first)
        rows = slice(*np.searchsorted(owners, [first, first + some])) if number > at_once else slice(None)
        places = (owners[rows] - first) * len(levels) + codes[rows]
        filled = np.bincount(places, weights=weights[rows], minlength=some * len(levels))
        parts.append(_of_filled(filled.astype(np.float64, copy=False).reshape(some, len(levels)), levels))
    found = np.concatenate(parts) if parts else np.empty((0, len(FIGURES)))
    return pd.DataFrame(found, columns=FIGURES).astype({"timed": "int64"})


def _of_filled(filled: _Floats, levels: _Integers) -> _Floats:
    """The columns of `figures`, of histograms with a column for each of `levels`."""
    if not len(levels):
        empty = np.full((len(filled), len(FIGURES)), np.nan)
        empty[:, 0] = 0
        return empty
    width = len(levels)
    reached = np.cumsum(filled)
    until = reached[width - 1 :: width]
    before = np.concatenate(([0.0], until[:-1]))
    total = until - before
    last = np.maximum(total - 1, 0)

    def at(rank: _Floats) -> _Integers:
        place = np.searchsorted(reached, before + rank, side="right") - width * np.arange(len(total))
        found: _Integers = levels[np.clip(place, 0, width - 1)]
        return found

    columns: list[_Floats] = [total]
    for share in SHARES:
        low: _Floats = share * last // 100
        fastest, slowest = at(low), at(np.minimum(low + 1, last))
        over: _Floats = share * last % 100 / 100.0 * (slowest - fastest)
        columns.append(fastest.astype(np.float64) + over)
    columns += [filled @ levels / np.maximum(total, 1), at(last).astype(np.float64)]
    found: _Floats = np.column_stack(columns)
    found[total == 0, 1:] = np.nan
    return found
