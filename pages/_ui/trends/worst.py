"""The services that were worst off in the period: how long, and mostly why. HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from types import MappingProxyType

from analytics.availability_queries import reasons
from analytics.db import Connection
from analytics.frames import records
from analytics.incident_queries import incident_durations
from analytics.model import ServiceKey, ServiceType
from analytics.periods import parse_period
from pages._ui import words
from pages._ui.reading import paced
from pages._ui.trends.lines import Line, in_order
from pages._ui.view import View

#: So many are named.
_NAMED = 6


@dataclass(frozen=True, slots=True)
class Why:
    """What a service mostly suffered from (empty: nothing), and how many of its incidents began then."""

    reason: str
    incidents: int


@paced(60)
def causes(
    connection: Connection, now: datetime, text: str, services: tuple[ServiceKey, ...]
) -> Mapping[ServiceKey, Why]:
    """Why each of `services` was not healthy in the period that `text` means, down before degraded."""
    period = parse_period(text, now)
    found: dict[ServiceKey, str] = {}
    rows = list(records(reasons(connection, period.since, period.until, services)))
    for status in ("down", "degraded"):
        for row in rows:
            if row["status"] == status and row["seconds"] >= 1:
                key = ServiceKey(ServiceType(row["service_type"]), row["service_name"])
                found.setdefault(key, row["reason"])
    counts = {
        (row["service_type"], row["service_name"]): row["incidents"]
        for row in records(incident_durations(connection, period.since, period.until, now))
    }
    return MappingProxyType(
        {
            key: Why(found.get(key, ""), counts.get((key.service_type.value, key.service_name), 0))
            for key in services
        }
    )


def worst_of(lines: Sequence[Line]) -> list[Line]:
    """The lines of those that were down or degraded for a time, the worst first, at most a few."""
    troubled = [line for line in lines if line.down_seconds >= 1 or line.degraded_seconds >= 1]
    return sorted(
        in_order(troubled, "worst"), key=lambda line: (line.down_seconds, line.degraded_seconds), reverse=True
    )[:_NAMED]


def worst_list(lines: Sequence[Line], why: Mapping[ServiceKey, Why], view: View) -> str:
    """A list with a bar each: how long it was down, and behind it how long degraded."""
    longest = max(line.down_seconds + line.degraded_seconds for line in lines)
    items = ""
    for line in lines:
        key = line.of
        assert isinstance(key, ServiceKey)
        there = escape(view.href("service", service=key))
        kind = "" if view.service_type else f"<small>{words.KINDS[key.service_type]}</small>"
        down, degraded = (100 * one / longest for one in (line.down_seconds, line.degraded_seconds))
        items += (
            f'<li data-row-link="yes"><a class="tr-who" data-in-app data-keep="worst-{escape(str(key))}" '
            f'href="{there}">{escape(words.service_name(key.service_name))}{kind}</a>'
            f'<span class="tr-time">{_lasted(line)}</span>'
            f'<span class="tr-share" aria-hidden="true"><i class="d" style="width:{down:.2f}%"></i>'
            f'<i class="g" style="width:{degraded:.2f}%"></i></span>'
            f'<span class="tr-why">{escape(_why(why.get(key)))}</span></li>'
        )
    return f'<ol class="tr-worst">{items}</ol>'


def _lasted(line: Line) -> str:
    parts = [
        f"{word} {words.spelt(seconds)}"
        for word, seconds in (("down", line.down_seconds), ("degraded", line.degraded_seconds))
        if seconds >= 1
    ]
    return " · ".join(parts)


def _why(why: Why | None) -> str:
    if why is None:
        return ""
    counted = f"{why.incidents} incident{'s' if why.incidents != 1 else ''}" if why.incidents else ""
    reason = f"mostly {words.reason(why.reason).lower()}" if why.reason else ""
    return " · ".join(part for part in (reason, counted) if part)
