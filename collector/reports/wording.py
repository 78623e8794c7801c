"""How figures, times and services read in a report. Pure text, not yet escaped."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.model import ServiceKey, ServiceType
from analytics.rules.naming import label, own_name
from analytics.rules.wording import percent as floored
from collector.reports.periods import Period, ReportKind

NONE = "–"
TITLES = {ReportKind.DAILY: "Daily health summary", ReportKind.WEEKLY: "Weekly trend report"}


def title(period: Period) -> str:
    """`Daily health summary, Tue 24 Nov 2026`: also the subject of the letter."""
    return f"{TITLES[period.kind]}, {period.end.astimezone(ZoneInfo(period.timezone)):%a %d %b %Y}"


def stretch(period: Period) -> str:
    """`Mon 23 Nov 08:00 to Tue 24 Nov 2026 08:00, Europe/Berlin`."""
    zone = ZoneInfo(period.timezone)
    start, end = period.start.astimezone(zone), period.end.astimezone(zone)
    return f"{start:%a %d %b %H:%M} to {end:%a %d %b %Y %H:%M}, {period.timezone}"


def moment(at: datetime, period: Period) -> str:
    """`23 Nov 09:48` in the report's time zone."""
    return f"{at.astimezone(ZoneInfo(period.timezone)):%d %b %H:%M}"


def service(service_type: str, name: str) -> str:
    """What people call a service; of a type this version does not know, its name."""
    if service_type not in list(ServiceType):
        return own_name(name)
    return label(ServiceKey(ServiceType(service_type), name))


def was(service_type: str) -> str:
    """The verb that goes with `service`."""
    return "were" if service_type == ServiceType.WEBHOOK else "was"


def words(name: str) -> str:
    """`service_down` as `service down`."""
    return name.replace("_", " ")


def duration(value: timedelta | float) -> str:
    """In full and cut: `42 seconds`, `1 minute`, `14 minutes`, `2 h 5 min`, `3 d 4 h`. A float is seconds."""
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    if seconds < 60:
        return _counted(seconds, "second")
    if seconds < 7200:
        return _counted(seconds // 60, "minute")
    if seconds < 172_800:
        return _two(seconds // 3600, "h", seconds % 3600 // 60, "min")
    return _two(seconds // 86_400, "d", seconds % 86_400 // 3600, "h")


def percent(value: float | None) -> str:
    """Two decimals, cut: 100 % is all of it. What is more than nothing never reads as nothing."""
    if value is None:
        return NONE
    if 0 < value < 0.01:
        return "<0.01 %"
    # A float may lie just below the figure it stands for; what is just below 100 is no 100.
    return floored(value + 1e-9 if value <= 99.99 else value)


def milliseconds(value: float | None) -> str:
    """`842 ms`, `3.2 s`."""
    if value is None:
        return NONE
    return f"{value / 1000:.1f} s" if value >= 999.5 else f"{value:.0f} ms"


def count(value: int) -> str:
    """With narrow blanks between the thousands: `17 466`."""
    return f"{value:,}".replace(",", "\u202f")


def change(value: float | None, before: float | None) -> str:
    """How much more or less than before, in percent: ` (+12 %)`; empty where there is nothing to compare."""
    if value is None or not before:
        return ""
    share = round(100 * (value - before) / before)
    if not share:
        return " (±0 %)"
    return f" (×{value / before:.0f})" if share >= 1000 else f" ({'+' if share > 0 else '−'}{abs(share)} %)"


def times(number: int) -> str:
    """`once`, `2 times`."""
    return "once" if number == 1 else f"{number} times"


def counted(number: int, noun: str) -> str:
    """`1 incident`, `2 incidents`."""
    return _counted(number, noun)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _two(first: int, unit: str, second: int, smaller: str) -> str:
    return f"{first} {unit} {second} {smaller}" if second else f"{first} {unit}"
