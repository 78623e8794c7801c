"""One service in a card: how it is, since when and why, who is on it, what its vendor says, its days. HTML.

Everything that comes from the database goes through `html.escape`; nothing of it is read as HTML or Markdown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from analytics.model import Reason, ServiceType, Status
from pages._ui import words
from pages._ui.daybars import exact_percent
from pages._ui.marks import mark
from pages._ui.overview import month, troubles
from pages._ui.overview.month import DAYS, Months
from pages._ui.overview.troubles import Troubles
from pages._ui.situation import Seen
from pages._ui.times import ago, day_and_minute, lasting, told
from pages._ui.view import View

#: A check this much older than the newest one is shown with its age.
_OLDER = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Setting:
    """What rows are drawn from beside their services. `checked` is when anything was checked last."""

    view: View
    now: datetime
    zone: ZoneInfo
    checked: datetime | None
    troubles: Troubles = troubles.NONE
    months: Months = month.NONE


def row(seen: Seen, setting: Setting) -> str:
    """The row of a service; all of it leads to its page."""
    key, status = seen.key, seen.status
    there = escape(setting.view.href("service", service=key))
    name = escape(words.service_name(key.service_name))
    return (
        f'<li class="row is-{status}" data-row-link="yes" data-service="{escape(str(key))}">{mark(status)}'
        f'<a class="name" data-in-app data-keep="row-{escape(str(key))}" href="{there}" '
        f'title="{escape(str(key))}">{name}</a>'
        f'<span class="word"{_healthy_tip(seen)}>{words.STATUSES[status]}{_lasting(seen)}</span>'
        f"{_why(seen, setting)}{_notes(seen, setting)}{_track(seen, setting)}</li>"
    )


def _lasting(seen: Seen) -> str:
    """How long a trouble has lasted, or has been over while its incident is not; where that is known."""
    matters = seen.status is not Status.HEALTHY or seen.service.incident is not None
    return f" {lasting(seen.since)}" if seen.since and matters else ""


def _healthy_tip(seen: Seen) -> str:
    """A healthy service says only when asked what its newest check found."""
    if seen.status is not Status.HEALTHY or not seen.message.strip():
        return ""
    return f' data-tip="{escape(seen.message.strip())}"'


def _why(seen: Seen, setting: Setting) -> str:
    """Why it is so, and how old that is where others were checked later; nothing for what is simply well."""
    newest, checked = seen.service.newest, setting.checked
    old = newest is not None and checked is not None and checked - newest.at > _OLDER
    if seen.status is Status.HEALTHY and not _reason(seen) and not old:
        return ""
    age = f'<span class="age"> · checked {ago(newest.at)}</span>' if newest and old else ""
    full = " · ".join(part for part in (_reason(seen), seen.message.strip()) if part)
    return f'<span class="why" title="{escape(full)}">{_reason_and_message(seen)}{age}</span>'


def _reason(seen: Seen) -> str:
    return "" if seen.reason in ("", Reason.OK) else words.reason(seen.reason)


def _reason_and_message(seen: Seen) -> str:
    """The reason in words and the message; what the message begins with anyway is not said twice."""
    reason, message = _reason(seen), seen.message.strip()
    if not reason:
        return escape(message)
    if not message:
        return f"<b>{escape(reason)}</b>"
    if message.lower().startswith(reason.lower()):
        return f"<b>{escape(reason)}</b>{escape(message[len(reason) :])}"
    return f"<b>{escape(reason)}</b> · {escape(message)}"


def _notes(seen: Seen, setting: Setting) -> str:
    """Who is on it, whether its vendor has trouble, and whether work was announced."""
    parts = []
    incident = seen.service.incident
    if incident is not None:
        there = escape(setting.view.href("incidents", incident=incident.id))
        who = (
            f"{escape(incident.acknowledged_by)} is on it" if incident.acknowledged_by else "nobody on it yet"
        )
        still = "open" if seen.status is not Status.HEALTHY else "still open"
        parts.append(
            f'<a class="link" data-in-app data-keep="incident-{escape(incident.id)}" href="{there}" '
            f'title="{escape(incident.title)}">Incident</a> {still} {lasting(incident.began_at)}, {who}'
        )
    vendor = setting.troubles.vendor_notes.get(seen.key)
    if vendor:
        parts.append(f'<span class="vendor">{told(vendor, setting.zone, setting.now)}</span>')
    window = setting.troubles.maintenance.get(seen.key)
    if window is not None:
        until = day_and_minute(window.ends_at, setting.zone, setting.now)
        name = f": {escape(window.name)}" if window.name else ""
        parts.append(f'<span class="work">In maintenance until {until}{name}</span>')
    lines = "".join(f"<span>{part}</span>" for part in parts)
    return f'<span class="notes">{lines}</span>' if lines else ""


def _track(seen: Seen, setting: Setting) -> str:
    found = setting.months.of(seen.key)
    return (
        f'<span class="track">{found.bar}<span class="uptime" data-tip="Uptime of the last {DAYS} days">'
        f"{exact_percent(found.uptime)}</span>{_latency(seen)}</span>"
    )


def _latency(seen: Seen) -> str:
    """How long the service takes now; nothing for one that does not answer."""
    newest = seen.service.newest
    answered = newest is not None and seen.status in (Status.HEALTHY, Status.DEGRADED)
    if newest is None or not answered or newest.response_time_ms is None:
        return '<span class="latency"></span>'
    traffic = seen.key.service_type in (ServiceType.API, ServiceType.WEBHOOK)
    what = "P95 of the last hour" if traffic else "Newest check"
    said = escape(words.milliseconds(newest.response_time_ms))
    return f'<span class="latency" data-tip="{what}">{said}</span>'
