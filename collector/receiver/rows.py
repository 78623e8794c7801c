"""Rows of other programs, checked and made into rows of the tables.

Everything here is pure and works on one slice of a body at a time: `now`, the mask and the oldest time that
is kept are given.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from analytics.ids import uuid7_texts
from analytics.model import MONITOR_REASONS
from collector.client import call_reason, endpoint_template
from collector.client.messages import clean
from collector.receiver.row_faults import Fault, faults_of
from collector.receiver.row_shapes import SHAPES, Shape
from collector.receiver.row_slices import LONGEST_ROW, Slice

Row = dict[str, Any]

#: Clocks of other machines may be ahead by so much.
AHEAD = timedelta(minutes=5)
KEPT = timedelta(days=30)
_TIMES = ("timestamp", "quota_reset_at")
#: As `origin` it is the collector's own checks, which are judged otherwise than the calls of programs.
_PROBE = "probe"
_OF_THE_MONITOR = frozenset(map(str, MONITOR_REASONS))
_OTHER_REASONS = "say why the other side failed, as in timeout or http_5xx"


@dataclass(slots=True)
class Checked:
    """What became of one slice: rows for the table, the number of refused ones, and what is wrong with them.

    `well_formed` is False when the pieces were no single JSON values, and then nothing else is said.
    """

    rows: list[Row] = field(default_factory=list)
    refused: int = 0
    faults: list[Fault] = field(default_factory=list)
    well_formed: bool = True


class RowChecker:
    """Checks rows of one table.

    `mask` takes known secrets out of a text. Rows older than `kept` before `now` are refused, and rows that
    are more than 5 minutes ahead; less far ahead ones get the time `now`.
    """

    def __init__(self, table: str, mask: Callable[[str], str], now: datetime, kept: timedelta = KEPT) -> None:
        self._shape: Shape = SHAPES[table]
        self._mask = mask
        self._now = now.astimezone(UTC)
        self._latest, self._oldest, self._days = self._now + AHEAD, self._now - kept, kept.days

    def check(self, slice_: Slice) -> Checked:
        """All rows of `slice_` at once, which works when every piece is a row and right; else `well_formed`
        is False, and `check_each` says more.
        """
        texts = [text for text in slice_.texts if text is not None]
        if len(texts) < len(slice_.texts):
            return Checked(well_formed=False)
        try:
            # No text can go on behind a line break, and no row holds another: pieces stay pieces.
            rows = self._shape.many.validate_json(b"[" + b",\n".join(texts) + b"]")
        except ValidationError:
            return Checked(well_formed=False)
        if len(rows) != len(texts):
            return Checked(well_formed=False)
        checked = Checked()
        for index, row in zip(slice_.places, rows, strict=True):
            self._keep(checked, index, row, listing=True)
        return _with_ids(checked)

    def check_each(self, slice_: Slice, listing: bool) -> Checked:
        """The rows of `slice_` one by one. Without `listing` refused ones are counted alone."""
        checked = Checked()
        for index, text in zip(slice_.places, slice_.texts, strict=True):
            if text is None:
                _refuse(checked, listing, Fault(index, None, f"is longer than {LONGEST_ROW} bytes"))
                continue
            try:
                row = self._shape.one.validate_json(text)
            except ValidationError as error:
                _refuse(checked, listing, *(faults_of(index, error, self._shape) if listing else ()))
                continue
            self._keep(checked, index, row, listing)
        return _with_ids(checked)

    def _keep(self, checked: Checked, index: int, row: Row, listing: bool) -> None:
        fault = self._finish(index, row)
        if fault is None:
            checked.rows.append(row)
        else:
            _refuse(checked, listing, fault)

    def _finish(self, index: int, row: Row) -> Fault | None:
        """Bring `row` into the form of its table; what no shape can say about times is said here."""
        given = row.get("id")
        if given:
            row["id"] = given.lower()
        if row.get("reason") in _OF_THE_MONITOR:
            return Fault(index, "reason", f"is for the collector to say about itself; {_OTHER_REASONS}")
        fault = self._set_times(index, row)
        if fault is not None:
            return fault
        if row.get("origin") == _PROBE:
            row["origin"] = f"{_PROBE} (reported)"
        shape = self._shape
        milliseconds = row.get(shape.milliseconds) if shape.milliseconds else None
        if milliseconds is not None:
            row[shape.milliseconds or ""] = round(milliseconds)
        if row.get(shape.message) is not None:
            # Masked before it is cut, so that no half of a secret stays.
            row[shape.message] = _cleaned(self._mask(row[shape.message])) or None
        if row.get("endpoint"):
            row["endpoint"] = endpoint_template(row["endpoint"])
        if row.get("method"):
            row["method"] = row["method"].upper()
        if shape.table == "api_metrics" and row.get("reason") is None:
            status = row.get("status_code")
            row["reason"] = "connect" if status is None else call_reason(status)
        return None

    def _set_times(self, index: int, row: Row) -> Fault | None:
        for name in _TIMES:
            text = row.get(name)
            if text is not None:
                try:
                    row[name] = datetime.fromisoformat(text.upper()).astimezone(UTC)
                except (ValueError, OverflowError):
                    return Fault(index, name, "is no time of the calendar")
        moment = row.get("timestamp")
        if moment is None:
            row["timestamp"] = self._moment_of(row.get("id"))
        elif moment > self._latest:
            return Fault(index, "timestamp", "is more than 5 minutes ahead; set the clock of that machine")
        elif moment < self._oldest:
            return Fault(index, "timestamp", f"is older than {self._days} days; such rows are not kept")
        elif moment > self._now:
            # Later rows of others would seem older; nothing happens after it was reported.
            row["timestamp"] = self._now
        return None

    def _moment_of(self, id_: str | None) -> datetime:
        """The time within an id of version 7 if that can be, else now (RFC 9562, section 5.7)."""
        if id_ and id_[14] == "7":
            milliseconds = int(id_[:8] + id_[9:13], 16)
            try:
                moment = datetime.fromtimestamp(milliseconds / 1000.0, UTC)
            except (ValueError, OverflowError):
                return self._now
            if self._oldest <= moment <= self._latest:
                return min(moment, self._now)
        return self._now


def _with_ids(checked: Checked) -> Checked:
    """Every row with an id: here, slice by slice, the event loop does not have to wait for it."""
    nameless = [row for row in checked.rows if not row.get("id")]
    for row, id_ in zip(nameless, uuid7_texts(len(nameless)), strict=True):
        row["id"] = id_
    return checked


def _refuse(checked: Checked, listing: bool, *faults: Fault) -> None:
    checked.refused += 1
    if listing:
        checked.faults.extend(faults)


@lru_cache(maxsize=1024)
def _cleaned(text: str) -> str:
    return clean(text)
