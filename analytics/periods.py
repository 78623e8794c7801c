"""The times that are looked at: "24h", "7d", "2026-11-01/2026-11-08", and how fine a chart of them is. Pure.

A period holds its first moment and not its last, so two that follow each other share nothing.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: 240 months, for which the figures of hours may be kept at most.
LONGEST = timedelta(days=7305)

#: How long a step of a chart is, up to which length of the period; what is longer has steps of two weeks.
#: Steps under an hour are read from single rows, all others from whole hours.
STEPS = (
    (timedelta(hours=49), timedelta(minutes=5)),
    (timedelta(days=9), timedelta(hours=2)),
    (timedelta(days=63), timedelta(hours=12)),
    (timedelta(days=600), timedelta(days=1)),
)
_LONG_STEP = timedelta(days=14)

#: A length of days begins at a full hour: all but its end is whole hours then, which are read in no time.
_WHOLE_HOURS_FROM = timedelta(hours=48)

#: Before it nobody recorded anything, and arithmetic on moments has room on both sides.
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

_LENGTH = re.compile(r"([0-9]{1,6})\s?(m|h|d)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_HOW = 'write a length such as "90m", "24h" or "30d", or two moments such as "2026-11-01/2026-11-08T12:00"'


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` until just before `until`, aware UTC. `text` is how it was asked for."""

    text: str
    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        """How long it is; above zero."""
        return self.until - self.since

    @property
    def step(self) -> timedelta:
        """How long a step of its charts is."""
        return step_for(self.length)

    @property
    def before(self) -> "Period":
        """The period of the same length that ends where this one begins: what a change is measured
        against."""
        return Period(f"before {self.text}", self.since - self.length, self.since)


def step_for(length: timedelta) -> timedelta:
    """The step of a chart over `length`: some 40 to 600 steps, of a short time fewer."""
    return next((step for longest, step in STEPS if length <= longest), _LONG_STEP)


def parse_period(text: str, now: datetime, longest: timedelta | None = LONGEST) -> Period:
    """The period that `text` means at `now`.

    A length ("90m", "24h", "30d") ends now; one over 48 hours begins at the full hour before. Of two moments
    in ISO 8601 with "/" between them the second may be left out, and is now then; a moment without an offset
    is UTC, one to come is cut to now. It is at most `longest`, and begins in 1970 at the earliest. Raises
    ValueError with one line that says what is wrong with it and what would be right.
    """
    words = text.strip()
    if "/" in words:
        return _between(words, now.astimezone(UTC), longest)
    written = _LENGTH.fullmatch(words)
    if written is None:
        raise ValueError(f"period {text!r} is not understood; {_HOW}")
    length = int(written[1]) * _UNITS[written[2]]
    now = now.astimezone(UTC)
    if longest is None:
        # Nothing is older.
        return _checked(words, now - min(length, now - _EARLIEST), now, None)
    since = now - min(length, longest + _UNITS["d"])
    if length > _WHOLE_HOURS_FROM:
        since = since.replace(minute=0, second=0, microsecond=0)
    return _checked(words, since, now, longest)


def parse_moment(text: str) -> datetime:
    """A moment in ISO 8601, of UTC without an offset, in 1970 at the earliest. Raises ValueError, which says
    what it is instead."""
    try:
        found = datetime.fromisoformat(text.strip())
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is no moment") from None
    if found < _EARLIEST:
        raise ValueError("is before 1970")
    return found


def _between(text: str, now: datetime, longest: timedelta | None) -> Period:
    first, _, last = text.partition("/")
    since = _moment(first, text)
    until = min(_moment(last, text), now) if last.strip() else now
    if since >= now:
        raise ValueError(f"period {text!r} has not begun yet; its first moment must be before now")
    return _checked(text, since, until, longest)


def _moment(text: str, period: str) -> datetime:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise ValueError(f"period {period!r}: {text.strip()!r} {error}; {_HOW}") from None


def _checked(text: str, since: datetime, until: datetime, longest: timedelta | None) -> Period:
    if since > until:
        raise ValueError(f"period {text!r} ends before it begins; write the earlier moment first")
    if since == until:
        raise ValueError(f"period {text!r} has no length; {_HOW}")
    if longest is not None and until - since > longest + _UNITS["h"]:
        raise ValueError(
            f"period {text!r} is longer than the 20 years that may be kept; write at most {longest.days}d"
        )
    return Period(text, since, until)
