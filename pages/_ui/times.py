"""Times as the viewer's own clock shows them, with UTC on hover. HTML, safe as it is."""

import re
from datetime import UTC, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pages._ui import words

#: How the collector writes a time into a sentence; without a date it is of the last day.
_TOLD = re.compile(r"\b(?:(\d{4}-\d\d-\d\d) )?((?:[01]\d|2[0-3]):[0-5]\d)(?::[0-5]\d)? UTC\b", re.ASCII)


def zone_of(name: str | None) -> ZoneInfo:
    """The time zone a browser calls `name`; UTC when it says none, or one that is not known here."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def ago(moment: datetime) -> str:
    """A time that the ticker turns into `12 s ago` and keeps counting; until then the time itself."""
    return f"<time{_at(moment)}>at {words.clock(moment)}</time>"


def lasting(since: datetime) -> str:
    """A time that the ticker turns into `for 12 min` and keeps counting; until then the time itself."""
    return f'<time{_at(since, "since ")} data-lasting="yes">since {words.clock(since)}</time>'


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A date and time: `14:02` today, `23 Nov 14:02` this year, else with the year."""
    return _time(at, day_and_minute(at, zone, now))


def exact(at: datetime, zone: ZoneInfo) -> str:
    """A date and time to the second: `2026-11-23 14:02:11`."""
    return _time(at, f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}")


def day(at: datetime, zone: ZoneInfo) -> str:
    """A day: `Mon 23 Nov`. Plain text."""
    return f"{at.astimezone(zone):%a} {at.astimezone(zone).day} {at.astimezone(zone):%b}"


def day_and_minute(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """What `moment` shows, as plain text."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {local:%b}{year} {local:%H:%M}"


def zone_name(zone: ZoneInfo, now: datetime) -> str:
    """How the zone is called beside times: `Europe/Berlin (UTC+1)`, or `UTC`. Plain text."""
    offset = now.astimezone(zone).utcoffset()
    if zone.key == "UTC" or offset is None:
        return "UTC"
    hours = offset.total_seconds() / 3600
    return f"{zone.key} (UTC{hours:+g})" if hours else f"{zone.key} (UTC)"


def told(text: str, zone: ZoneInfo, now: datetime) -> str:
    """`text`, escaped, with the times in it by the viewer's clock: `since 04:44 UTC` reads `since 05:44`."""
    said, done = "", 0
    for found in _TOLD.finditer(text):
        at = _of_the_last_day(found[2], now) if not found[1] else _read(f"{found[1]} {found[2]}")
        if at is not None:
            said += escape(text[done : found.start()]) + moment(at, zone, now)
            done = found.end()
    return said + escape(text[done:])


def _of_the_last_day(clock: str, now: datetime) -> datetime | None:
    at = _read(f"{now.astimezone(UTC):%Y-%m-%d} {clock}")
    return at - timedelta(days=1) if at and at > now + timedelta(minutes=1) else at


def _read(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def stretch(since: datetime, until: datetime, zone: ZoneInfo, now: datetime) -> str:
    """The time that is looked at and by whose clock: `22 Nov 07:00 to now · Europe/Berlin (UTC+1)`."""
    last = "now" if until >= now else moment(until, zone, now)
    return f"{moment(since, zone, now)} to {last} · {escape(zone_name(zone, now))}"


def _time(at: datetime, text: str) -> str:
    stamp = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f'<time datetime="{stamp}" title="{words.day_and_clock(at)}">{text}</time>'


def _at(at: datetime, before: str = "") -> str:
    milliseconds = int(at.timestamp() * 1000)
    return f' data-at="{milliseconds}" title="{before}{words.day_and_clock(at)}"'
