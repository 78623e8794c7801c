"""How much of a time a service spent in which status. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from analytics.model import Status
from analytics.report_queries import StatusSpan

Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Shares:
    """A time divided by status, in seconds. `unseen` is what nobody looked at: neither up nor down."""

    healthy: float = 0.0
    degraded: float = 0.0
    down: float = 0.0
    unknown: float = 0.0
    unseen: float = 0.0

    @property
    def whole(self) -> float:
        """All of it, in seconds."""
        return self.known + self.unknown + self.unseen

    @property
    def known(self) -> float:
        """What is known, in seconds."""
        return self.healthy + self.degraded + self.down

    def percent(self, name: str) -> float | None:
        """The share of one field in the whole, in percent; None of an empty time."""
        return None if not self.whole else 100.0 * (float(getattr(self, name)) / self.whole)


NOTHING = Shares()


def shares(spans: Iterable[StatusSpan], start: datetime, end: datetime) -> Shares:
    """The time from `start` to `end` divided by `spans` of one service; what they leave out is unseen."""
    seconds = dict.fromkeys((status.value for status in Status), 0.0)
    for span in spans:
        length = (min(span.until, end) - max(span.begun, start)).total_seconds()
        if length > 0:
            seconds[span.status] = seconds.get(span.status, 0.0) + length
    whole = (end - start).total_seconds()
    # Rounded: sums of fractions of seconds must not leave a trace of time that nobody looked at.
    return Shares(**seconds, unseen=max(0.0, round(whole - sum(seconds.values()), 3)))


def total(parts: Sequence[Shares]) -> Shares:
    """All of `parts` together."""
    return Shares(
        **{field.name: sum(getattr(part, field.name) for part in parts) for field in fields(Shares)}
    )


def merged(intervals: Iterable[Interval], start: datetime, end: datetime) -> list[Interval]:
    """`intervals` cut to the time from `start` to `end`, in order, those that overlap made one."""
    found: list[Interval] = []
    for begun, until in sorted((max(a, start), min(b, end)) for a, b in intervals):
        if until <= begun:
            continue
        if found and begun <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((begun, until))
    return found


def outside(intervals: Sequence[Interval], start: datetime, end: datetime) -> list[Interval]:
    """What `intervals` (as `merged` returns them) leave of the time from `start` to `end`."""
    edges = [start, *(edge for interval in intervals for edge in interval), end]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(begun, until) for begun, until in pairs if until > begun]


def length(intervals: Iterable[Interval]) -> timedelta:
    """How long `intervals` are together."""
    return sum((until - begun for begun, until in intervals), timedelta())
