"""Columns of numbers: out of what Arrow holds, and their running sums."""

from typing import Any

import numpy as np
import numpy.typing as npt


def numbers(table: Any, name: str, kind: npt.DTypeLike = np.int64) -> Any:
    """The whole numbers of that column of an Arrow table or batch, as `kind`."""
    return table[name].to_numpy().astype(kind, copy=False)


def running_sums(column: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """The sum of each first so many of `column`: one more than there are, of marks and of small numbers."""
    sums = np.zeros(len(column) + 1, dtype=np.int32)
    np.cumsum(column, out=sums[1:])
    return sums


def floats(table: Any, name: str) -> npt.NDArray[np.float64]:
    """The numbers of that column; what is missing is NaN."""
    found: npt.NDArray[np.float64] = table[name].to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
    return found
