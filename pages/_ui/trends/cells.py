"""One cell of the map: how long a service was what, how that looks, and what it says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pages._ui import times, words
from pages._ui.trends import wording

#: What the first letter of a look means.
LOOKS: Mapping[str, str] = MappingProxyType(
    {"d": "with down time", "g": "degraded for a time", "h": "healthy", "u": "unknown", "n": "not checked"}
)

#: From which share of its time on a cell looks worse.
_DOWN_STEPS = (0.05, 0.25)
_DEGRADED_STEPS = (0.01, 0.25)


@dataclass(frozen=True, slots=True)
class Cell:
    """From `begun` until just before `ended` (aware UTC), for how many seconds a service was what."""

    begun: datetime
    ended: datetime
    healthy: float = 0.0
    degraded: float = 0.0
    down: float = 0.0
    unknown: float = 0.0
    gap: float = 0.0

    @classmethod
    def joined(cls, cells: Sequence["Cell"]) -> "Cell":
        """`cells`, which follow each other, as one."""
        return cls(
            cells[0].begun,
            cells[-1].ended,
            *(sum(getattr(cell, name) for cell in cells) for name in _SECONDS),
        )

    @property
    def seconds(self) -> float:
        """How long it is, in all."""
        return self.known + self.unknown + self.gap

    @property
    def known(self) -> float:
        """For how many seconds it is known what the service was."""
        return self.healthy + self.degraded + self.down


_SECONDS = ("healthy", "degraded", "down", "unknown", "gap")


def look(cell: Cell) -> str:
    """How a cell looks, as a class: `d1` to `d3` by the share of its time that was down, `g1` to `g3` by the
    share that was degraded, `h` healthy, `u` unknown, `n` not checked."""
    seconds = cell.seconds
    if cell.down >= 1:
        return f"d{1 + sum(cell.down >= limit * seconds for limit in _DOWN_STEPS)}"
    if cell.degraded >= 1:
        return f"g{1 + sum(cell.degraded >= limit * seconds for limit in _DEGRADED_STEPS)}"
    if cell.known >= 1:
        return "h"
    return "u" if cell.unknown >= 1 else "n"


def said(cell: Cell, when: str) -> str:
    """The exact figures of a cell, a line each; `when` is the first."""
    lines, seconds = [when], cell.seconds
    for name, word in (
        ("down", "Down"),
        ("degraded", "Degraded"),
        ("unknown", "Unknown"),
        ("gap", "Not checked"),
    ):
        lasted = getattr(cell, name)
        if lasted >= 1:
            lines.append(
                f"{word} {words.spelt(round(lasted))} ({wording.share_of_time(100 * lasted / seconds)})"
            )
    if len(lines) == 1:
        lines.append("Healthy all the time")
    elif cell.down >= 1:
        lines.append(f"Uptime {wording.uptime(100 * (cell.known - cell.down) / cell.known)}")
    return "\n".join(lines)


def when(cell: Cell, step: timedelta, zone: ZoneInfo) -> str:
    """The time of a cell, of a column that is `step` long, by the clock of `zone`."""
    begun, ended = cell.begun.astimezone(zone), cell.ended.astimezone(zone)
    if step < timedelta(days=1):
        last = f"{ended:%H:%M}" if ended.date() == begun.date() else f"{times.day(ended, zone)} {ended:%H:%M}"
        return f"{times.day(begun, zone)} {begun:%H:%M} to {last}"
    end = times.day(cell.ended - timedelta(seconds=1), zone)
    return end if times.day(begun, zone) == end else f"{times.day(begun, zone)} to {end}"
