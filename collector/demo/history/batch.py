"""Rows by the column: what the generator hands over, and how it becomes an Arrow table.

Times are microseconds since 1970 (int64), ids are UUID version 7. Text is coded: each text
once, and a code a row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

MICROSECONDS = 1_000_000
MINUTE = 60 * MICROSECONDS
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_datetime(moment: datetime) -> int:
    """An aware time as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(microseconds: int) -> datetime:
    """The other way."""
    return _EPOCH + timedelta(microseconds=int(microseconds))


class Texts:
    """A growing list of different texts; a text's code is its place in it. None has a code too."""

    def __init__(self, texts: Sequence[str | None] = ()) -> None:
        self._codes: dict[str | None, int] = {}
        self._listed: list[str | None] = []
        for text in texts:
            self.code(text)

    def code(self, text: str | None) -> int:
        """The code of `text`, which is added when it is new."""
        return self._codes.setdefault(text, len(self._codes))

    def text(self, code: int) -> str | None:
        """The text of `code`."""
        if len(self._listed) != len(self._codes):
            self._listed = self.all()
        return self._listed[code]

    def all(self) -> list[str | None]:
        """The texts in the order of their codes."""
        return list(self._codes)


@dataclass(frozen=True)
class Coded:
    """A column of text."""

    codes: Ints
    texts: Texts


@dataclass(frozen=True)
class Batch:
    """Rows of one table by the column.

    A column is an array (int64 columns named in `times` are times, a negative one is NULL; so is NaN in a
    float column), `Coded` text, or an array of 16 bytes a row for UUIDs.
    """

    table: str
    columns: Mapping[str, npt.NDArray[Any] | Coded]
    times: frozenset[str] = field(default_factory=lambda: frozenset({"timestamp"}))

    def __len__(self) -> int:
        first = next(iter(self.columns.values()))
        return len(first.codes if isinstance(first, Coded) else first)

    def take(self, places: Ints) -> "Batch":
        """The rows at `places`, in that order."""
        columns = {
            name: Coded(column.codes[places], column.texts) if isinstance(column, Coded) else column[places]
            for name, column in self.columns.items()
        }
        return Batch(self.table, columns, self.times)

    def arrow(self) -> Any:
        """The same as a `pyarrow.Table`."""
        return pa.table({name: self._array(name, column) for name, column in self.columns.items()})

    def _array(self, name: str, column: "npt.NDArray[Any] | Coded") -> Any:
        if isinstance(column, Coded):
            texts = pa.array(column.texts.all(), pa.string())
            return pa.DictionaryArray.from_arrays(pa.array(column.codes, pa.int32()), texts)
        if name in self.times:
            return pa.array(column, pa.int64(), mask=column < 0).cast(pa.timestamp("us", "UTC"))
        if column.ndim == 2:
            stored = pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(16), len(column), [None, pa.py_buffer(np.ascontiguousarray(column))]
            )
            return pa.ExtensionArray.from_storage(pa.uuid(), stored)
        if column.dtype.kind == "f":
            return pa.array(column, mask=np.isnan(column))
        return pa.array(column)


def identifiers(times: Ints, chance: np.random.Generator) -> Bytes:
    """A UUID version 7 (RFC 9562) for each time, as 16 bytes a row."""
    identifier = chance.integers(0, 256, (len(times), 16), dtype=np.uint8)
    milliseconds = times // 1000
    for place in range(6):
        identifier[:, place] = (milliseconds >> (8 * (5 - place))) & 0xFF
    identifier[:, 6] = 0x70 | identifier[:, 6] & 0x0F
    identifier[:, 8] = 0x80 | identifier[:, 8] & 0x3F
    return identifier


def joined_batches(batches: Sequence[Batch]) -> Batch:
    """All rows of batches of one table, in the order of `timestamp`. Their coded columns share texts."""
    columns = {name: _joined([batch.columns[name] for batch in batches]) for name in batches[0].columns}
    times = columns["timestamp"]
    assert not isinstance(times, Coded)
    return Batch(batches[0].table, columns, batches[0].times).take(np.argsort(times, kind="stable"))


def _joined(columns: Sequence[npt.NDArray[Any] | Coded]) -> npt.NDArray[Any] | Coded:
    coded = [column for column in columns if isinstance(column, Coded)]
    if coded:
        return Coded(np.concatenate([column.codes for column in coded]), coded[0].texts)
    return np.concatenate([column for column in columns if not isinstance(column, Coded)])
