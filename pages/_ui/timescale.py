"""From moments to places along a line, and where the line is labelled. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

#: How far apart labels may be; the first that leaves at most `_MOST_TICKS` of them is taken.
_APART = (
    *(number * _MINUTE for number in (1, 2, 5, 10, 15, 30)),
    *(number * _HOUR for number in (1, 2, 3, 6, 12)),
    *(number * _DAY for number in (1, 2, 5, 7, 14, 30, 60, 90, 180, 365, 1000)),
)
_MOST_TICKS = 9

#: From where on the line, in percent, a label has no room behind its mark: it ends where the line ends.
LAST_TICK = 93.0


@dataclass(frozen=True, slots=True)
class Scale:
    """A line from `since` to `until`, on which `parts` lengths can be told apart.

    It moves by whole parts only: a picture of the last 24 hours stays the same for minutes.
    """

    since: datetime
    until: datetime
    parts: int

    @property
    def shortest(self) -> timedelta:
        """The shortest time that can be seen."""
        return (self.until - self.since) / self.parts

    @property
    def since_ms(self) -> int:
        """Where the line begins, in milliseconds since 1970."""
        return self._grid(self.since)

    @property
    def until_ms(self) -> int:
        """Where the line ends, in milliseconds since 1970."""
        return self._grid(self.until, up=True)

    def place(self, begun: datetime, ended: datetime | None) -> tuple[float, float]:
        """Left edge and width in percent of the line, cut to it; what has no end goes on to the line's."""
        first, last = self.since_ms, self.until_ms
        left = min(max(begun.timestamp() * 1000, first), last)
        right = last if ended is None else min(max(ended.timestamp() * 1000, left), last)
        return 100 * (left - first) / (last - first), 100 * (right - left) / (last - first)

    def ticks(self, zone: ZoneInfo) -> list[tuple[datetime, str]]:
        """Moments to label and what to write there, by the clock of `zone`: hours, or days."""
        length = self.until - self.since
        apart = next((one for one in _APART if length / one <= _MOST_TICKS), _APART[-1])
        local = self.since.astimezone(zone)
        at = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        found = []
        while (moment := at.replace(tzinfo=zone).astimezone(UTC)) < self.until:
            if moment >= self.since:
                midnight = at.hour == at.minute == 0
                found.append((moment, f"{at.day} {at:%b}" if midnight else f"{at:%H:%M}"))
            at += apart
        return found

    def _grid(self, moment: datetime, up: bool = False) -> int:
        grain = max(1, int(self.shortest / timedelta(milliseconds=1)))
        at = int(moment.timestamp() * 1000)
        return -(-at // grain) * grain if up else at // grain * grain
