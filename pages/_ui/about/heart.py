"""How the collector and the database are doing: figures, and the last day as a strip. HTML."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from analytics.report_queries import Stop
from pages._ui import panels, times, words
from pages._ui.about.question import SLOTS, STOPS_WITHIN, Kept, Monitor, Slot
from pages._ui.about.version import VERSION
from pages._ui.shell import Visit
from pages._ui.snapshot import Heartbeat

#: A slot in which at least this share of the cycles took place counts as one in which the collector ran.
_RAN = 0.9

#: Stops that are named; the others are counted.
_NAMED = 3


def figures(found: Monitor, kept: Kept | None, heartbeat: Heartbeat | None, visit: Visit) -> str:
    """Collector, coverage, database, history and version, as tiles."""
    ran = [slot for slot in found.slots if slot.ran >= _RAN]
    tiles = [
        _collector(heartbeat, visit),
        _tile("Watched", f"{sum(one.enabled for one in found.services):,}", _watched(found)),
        _tile(
            "Cycles, 24 hours", f"{found.cycles:,}", f"in {words.percent(100 * len(ran) / SLOTS)} of the day"
        ),
        _tile("Database", _size(kept), _database(kept)),
        _tile("History", _history(kept, visit.now), _since(kept, visit)),
        _tile("Version", VERSION, _versions(heartbeat)),
    ]
    return f'<section class="about-figures" aria-label="The monitor">{"".join(tiles)}</section>'


def heartbeat_card(found: Monitor, visit: Visit) -> str:
    """The last 24 hours of the collector, a slot a quarter of an hour, and when it stood still."""
    slots = "".join(
        f'<i{_look(slot)} data-tip="{escape(_tip(slot, visit.zone))}"></i>' for slot in found.slots
    )
    strip = (
        f'<div class="days about-beats" data-strip tabindex="0" data-keep="beats" role="img" '
        f'aria-label="{escape(summary(found.slots))}">{slots}</div>'
        f'<div class="about-ends" aria-hidden="true"><span>24 hours ago</span><span>now</span></div>'
    )
    aside = panels.download("collector_runs", period="24h")
    about = "the collector's cycles, a quarter of an hour each"
    return panels.card("Heartbeat", f"{strip}{_stops(found.stops, visit)}", about, aside, "about-heart")


def summary(slots: Sequence[Slot]) -> str:
    """The strip in one sentence."""
    full = sum(slot.ran >= _RAN for slot in slots)
    none = sum(slot.cycles == 0 for slot in slots)
    return (
        f"Last 24 hours: the collector ran in {full} of {len(slots)} quarters of an hour, "
        f"in part in {len(slots) - full - none}, not at all in {none}."
    )


def _look(slot: Slot) -> str:
    if slot.cycles == 0:
        return ' class="n"'
    if slot.ran >= _RAN:
        return ' class="h"'
    return f' class="s" style="--d:0%;--g:0%;--h:{100 * slot.ran:.0f}%"'


def _tip(slot: Slot, zone: ZoneInfo) -> str:
    span = f"{slot.begun.astimezone(zone):%H:%M}–{slot.ended.astimezone(zone):%H:%M}"
    if slot.cycles == 0:
        return f"{span}\nNo cycle: nothing was checked"
    share = "" if slot.ran >= _RAN else f", {words.percent(100 * slot.ran)} of those due"
    failed = f"{slot.failures:,} failed" if slot.failures else "none failed"
    return f"{span}\n{_counted(slot.cycles, 'cycle')}{share}\n{_counted(slot.checks, 'check')}, {failed}"


def _stops(stops: Sequence[Stop], visit: Visit) -> str:
    within = f"the last {STOPS_WITHIN.days} days"
    if not stops:
        return f'<p class="about-note">It did not stand still in {within}.</p>'
    total = sum(((one.until - one.begun) for one in stops), timedelta())
    named = ", ".join(_stop(one, visit) for one in stops[:_NAMED])
    more = f", and {len(stops) - _NAMED} more" if len(stops) > _NAMED else ""
    return (
        f'<p class="about-note"><b>{_counted(len(stops), "stop")}</b> in {within}, '
        f"{words.spelt(total.total_seconds())} together: {named}{more}. "
        "What it did not see is a gap, never down time.</p>"
    )


def _stop(stop: Stop, visit: Visit) -> str:
    length = (stop.until - stop.begun).total_seconds()
    return f"{times.moment(stop.begun, visit.zone, visit.now)} for {words.spelt(length)}"


def _collector(heartbeat: Heartbeat | None, visit: Visit) -> str:
    if heartbeat is None:
        return _tile("Collector", "Not yet", "it never ran on this database", "unknown")
    stopped = visit.situation.collector_stopped
    note = f"heartbeat {times.ago(heartbeat.at)}, due every {words.span(heartbeat.interval)}"
    return _tile("Collector", "Stopped" if stopped else "Running", note, "down" if stopped else "healthy")


def _tile(label: str, value: str, note: str, status: str = "") -> str:
    """`note` is HTML."""
    shape = f'<span class="mark is-{status}" aria-hidden="true"></span>' if status else ""
    return (
        f'<div class="tile"><span class="label">{escape(label)}</span>'
        f'<strong>{shape}{escape(value)}</strong><span class="about-under">{note}</span></div>'
    )


def _watched(found: Monitor) -> str:
    off = sum(not one.enabled for one in found.services)
    groups = len({one.key.service_type for one in found.services if one.enabled})
    return f"in {_counted(groups, 'group')}" + (f", {off} switched off" if off else "")


def _size(kept: Kept | None) -> str:
    if kept is None:
        return "–"
    return size(kept.size) if kept.size is not None else "DuckLake"


def size(count: int) -> str:
    """Bytes in the largest decimal unit: `412 kB`, `88 MB`, `1.4 GB`."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= unit:
            number = count / unit
            return f"{number:.1f} {name}" if number < 10 else f"{number:.0f} {name}"
    return f"{count} B"


def _database(kept: Kept | None) -> str:
    if kept is None:
        return "not known just now"
    named = f"{escape(kept.name)}, " if kept.size is not None else ""
    return f"{named}{short(kept.rows)} rows"


def short(count: int) -> str:
    """A large number, shortened: `912`, `658 k`, `2.9 M`."""
    if count >= 999_500:
        return f"{count / 1e6:.1f} M"
    return f"{count / 1e3:.0f} k" if count >= 10_000 else f"{count:,}"


def _history(kept: Kept | None, now: datetime) -> str:
    return words.span(now - kept.since) if kept and kept.since else "–"


def _since(kept: Kept | None, visit: Visit) -> str:
    return (
        f"since {times.moment(kept.since, visit.zone, visit.now)}"
        if kept and kept.since
        else "nothing recorded yet"
    )


def _versions(heartbeat: Heartbeat | None) -> str:
    if heartbeat is None or not heartbeat.version:
        return "of this dashboard"
    same = heartbeat.version == VERSION
    return "dashboard and collector" if same else f"the collector is {escape(heartbeat.version)}"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
