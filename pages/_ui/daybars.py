"""A service's last days as a bar: one slot a day, split by how long it was what. HTML, safe as it is.

    daybar(days, visit.zone, keep="days-api/shopify")

What was bad stands at the foot, so that days can be compared, and is never too thin to be seen; a day without
data is hollow. The exact figures are in the tooltip of each day, for mouse and arrow keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from pages._ui import times, words

#: Incidents of a day that its tooltip names; the others it counts.
_NAMED = 3

#: How much of a slot, in percent, the shortest down and degraded time fill.
_LEAST_SHARES = (18.0, 9.0)


@dataclass(frozen=True, slots=True)
class Day:
    """What a service was on one day, from `begun` until just before `ended` (aware UTC).

    `uptime` is the share of its known `checks` that were not down, in percent; None without one. Seconds that
    add up to less than the day are gaps: nobody looked. `incidents` are the titles of those of that day.
    """

    begun: datetime
    ended: datetime
    healthy: float = 0.0
    degraded: float = 0.0
    down: float = 0.0
    unknown: float = 0.0
    checks: int = 0
    uptime: float | None = None
    incidents: tuple[str, ...] = ()

    @property
    def known(self) -> float:
        """For how many seconds it is known what the service was."""
        return self.healthy + self.degraded + self.down

    @property
    def gap(self) -> float:
        """For how many seconds nobody looked."""
        return max(0.0, (self.ended - self.begun).total_seconds() - self.known - self.unknown)


def daybar(days: Sequence[Day], zone: ZoneInfo, keep: str = "") -> str:
    """The bar of `days`, oldest first; `keep` is the name that keeps the keyboard on it across refreshes."""
    slots = "".join(f'<i{_look(day)} data-tip="{escape(tip(day, zone))}"></i>' for day in days)
    kept = f' data-keep="{escape(keep)}"' if keep else ""
    return (
        f'<span class="days" data-strip tabindex="0" role="img"{kept} '
        f'aria-label="{escape(summary(days))}">{slots}</span>'
    )


def summary(days: Sequence[Day]) -> str:
    """The bar in one sentence: `Last 30 days: 3 days with down time, 1 degraded, 26 without trouble.`"""
    known = [day for day in days if day.known > 0]
    down = sum(day.down > 0 for day in known)
    degraded = sum(day.degraded > 0 and day.down == 0 for day in known)
    counted = (
        (down, "with down time"),
        (degraded, "degraded for a time"),
        (len(known) - down - degraded, "without trouble"),
        (len(days) - len(known), "without data"),
    )
    said = ", ".join(f"{number} {words}" for number, words in counted if number)
    return f"Last {len(days)} days: {said}." if said else "No days yet."


def tip(day: Day, zone: ZoneInfo) -> str:
    """The exact figures of one day, a line each. Plain text."""
    return "\n".join([times.day(day.begun, zone), *_figures(day), *_named(day.incidents)])


def _figures(day: Day) -> list[str]:
    if day.known + day.unknown <= 0:
        return ["No data"]
    if day.healthy == day.known and day.unknown == 0 and day.gap < 1:
        return [f"Healthy all day, {day.checks:,} checks"]
    lengths = (
        ("Down", day.down),
        ("Degraded", day.degraded),
        ("Healthy", day.healthy),
        ("Unknown", day.unknown),
        ("Not checked", day.gap),
    )
    said = [f"{word} {words.spelt(seconds)}" for word, seconds in lengths if seconds >= 1]
    return [f"Uptime {exact_percent(day.uptime)} of {day.checks:,} checks", *said]


def _named(incidents: Sequence[str]) -> list[str]:
    more = len(incidents) - _NAMED
    rest = [f"and {more} more incident{'s' if more > 1 else ''}"] if more > 0 else []
    return [*incidents[:_NAMED], *rest]


def exact_percent(value: float | None) -> str:
    """A share with two digits, cut and never rounded up: `99.98 %`; `100 %` means all of it; `–` for None."""
    if value is None:
        return "–"
    cut = int(value * 100 + 1e-9) / 100
    return f"{cut:.0f} %" if cut == 100 else f"{cut:.2f} %"


def shares(day: Day) -> tuple[float, float, float]:
    """Where in a slot, in percent from its foot, down ends, then degraded, then healthy.

    Above that it is unknown, or a gap. Trouble that lasted at all fills enough to be seen.
    """
    whole = day.known + day.unknown + day.gap
    if whole <= 0 or day.known <= 0:
        return 0.0, 0.0, 0.0
    parts = [100.0 * seconds / whole for seconds in (day.down, day.degraded, day.healthy)]
    raised = [
        max(part, least) if part > 0 else 0.0 for part, least in zip(parts, _LEAST_SHARES, strict=False)
    ]
    left = 100.0 - sum(raised) - max(0.0, 100.0 - sum(parts))
    edges = raised[0], sum(raised), min(100.0, sum(raised) + max(0.0, left))
    return edges[0], min(edges[1], 100.0), edges[2]


def _look(day: Day) -> str:
    if day.known + day.unknown <= 0:
        return ' class="n"'
    down, degraded, healthy = shares(day)
    if down == 0 and degraded == 0 and healthy > 99.5:
        return ' class="h"'
    return f' class="s" style="--d:{down:.0f}%;--g:{degraded:.0f}%;--h:{healthy:.0f}%"'
