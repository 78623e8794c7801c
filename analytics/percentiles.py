"""From histograms to percentiles, many at once. Pure.

A database sorts for this, which takes longer than all that comes before it. The rounded times of the rollups
are few and the same everywhere, so that here it is enough to count up.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

SHARES = (50, 95, 99)

#: How many counts are in memory at a time: 16 bytes each.
_CELLS = 2_000_000

_Floats = npt.NDArray[np.float64]
_Integers = npt.NDArray[np.int64]


def figures(lengths: _Integers, times: _Integers, counts: _Integers) -> pd.DataFrame:
    """P50, P95 and P99 of each histogram, as DuckDB's quantile_cont has them: between the times of two ranks.

    `lengths` are the numbers of rows of the histograms, which stand one after the other in `times` (ms) and
    `counts` (how many took that long); those of one are in no order, and a time may have several. Columns, a
    row a histogram: timed (the sum of its counts), p50_ms, p95_ms, p99_ms, mean_ms, max_ms; all but `timed`
    are NaN where that is 0.
    """
    codes, known = pd.factorize(times, sort=True)
    levels = np.asarray(known, dtype=np.int64)
    at_once = max(1, _CELLS // max(1, len(levels)))
    ends = np.cumsum(lengths)
    weights = counts.astype(np.float64)
    parts = []
    for first in range(0, len(lengths), at_once):
        some = lengths[first : first + at_once]
        rows = slice(ends[first] - some[0], ends[first + len(some) - 1])
        owners = np.repeat(np.arange(len(some)), some)
        cells = len(some) * len(levels)
        places = owners * len(levels) + codes[rows]
        filled = np.bincount(places, weights=weights[rows], minlength=cells).astype(np.float64, copy=False)
        parts.append(_of_filled(filled.reshape(len(some), len(levels)), levels))
    found = np.concatenate(parts) if parts else np.empty((0, len(SHARES) + 3))
    frame = pd.DataFrame(found, columns=["timed", *(f"p{share}_ms" for share in SHARES), "mean_ms", "max_ms"])
    return frame.astype({"timed": "int64"})


def _of_filled(filled: _Floats, levels: _Integers) -> _Floats:
    """The columns of `figures`, of histograms with a column for each of `levels`.

    Counts are floats: up to 2 ** 53 they are as exact as integers.
    """
    if not len(levels):
        empty = np.full((len(filled), len(SHARES) + 3), np.nan)
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
