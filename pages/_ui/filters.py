"""The filters common to all pages, as links and forms that change the address. HTML, safe as it is."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from analytics.model import ServiceKey, ServiceType, Status
from analytics.periods import Period
from pages._ui import words
from pages._ui.answers import utc_now
from pages._ui.marks import mark
from pages._ui.situation import Seen, Situation
from pages._ui.view import View

_UTC = ZoneInfo("UTC")

#: The periods offered beside a chosen one: what the address says, and what it is called.
RANGES = (("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days"))


def bar(*parts: str) -> str:
    """The row of filters under the headline."""
    return f'<div class="filters" role="group" aria-label="Filters">{"".join(parts)}</div>'


def ranges(
    view: View, page: str, default: str = "24h", zone: ZoneInfo = _UTC, now: datetime | None = None
) -> str:
    """The time range: the usual ones, and any other between two moments of the viewer's clock, in `zone`."""
    chosen = view.range or default
    usual = _segments(
        "Time range",
        [(text, view.href(page, **_kept(view, range=text)), chosen == text) for text, _ in RANGES],
        dict(RANGES),
    )
    own = chosen not in dict(RANGES)
    label = escape(_between(view.period(now or utc_now()), zone)) if own else "Custom"
    return usual + (
        f'<details class="custom"><summary data-keep="custom"{_current(own)}>{label}</summary>'
        f'<form data-in-app data-period="{escape(chosen)}" action="{escape(_path(page))}">'
        '<label>From <input type="datetime-local" name="since" required></label>'
        '<label>to <input type="datetime-local" name="until"></label>'
        '<button type="submit">Show</button></form></details>'
    )


def _between(period: Period, zone: ZoneInfo) -> str:
    """`7h`, or two moments of the viewer's clock: `22 Nov 06:00 – 09:30`."""
    if "/" not in period.text:
        return period.text
    since, until = period.since.astimezone(zone), period.until.astimezone(zone)
    last = f"{until:%H:%M}" if since.date() == until.date() else f"{until.day} {until:%b %H:%M}"
    return f"{since.day} {since:%b %H:%M} – {last}"


def types(view: View, page: str) -> str:
    """The type of service: all, or one of the four groups."""
    every = view.href(page, **_kept(view, service_type=None, service=None))
    choices = [("All", every, not view.service_type)]
    for kind in ServiceType:
        there = view.href(page, **_kept(view, service_type=kind, service=None))
        choices.append((words.GROUPS[kind], there, view.service_type is kind))
    return _segments("Service type", choices)


def statuses(view: View, page: str) -> str:
    """The status a service has now; the chosen one is taken back by choosing it again."""
    chips = "".join(
        _chip(status, view.status is status, view.href(page, **_kept(view, status=wanted)))
        for status in (Status.DOWN, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)
        for wanted in (None if view.status is status else status,)
    )
    return f'<nav class="chips" aria-label="Status">{chips}</nav>'


def _chip(status: Status, chosen: bool, href: str) -> str:
    return (
        f'<a data-in-app data-keep="status-{status}" class="chip is-{status}"{_current(chosen)} '
        f'href="{escape(href)}">{mark(status)}{words.STATUSES[status]}</a>'
    )


def services(view: View, page: str, keys: Iterable[ServiceKey], every: str = "All services") -> str:
    """A choice of one service, in groups; without `every` one is always chosen."""
    options = [f'<option value="">{escape(every)}</option>'] if every else []
    listed = list(keys)
    for kind in ServiceType:
        members = [key for key in listed if key.service_type is kind]
        if members:
            inner = "".join(
                f'<option value="{escape(str(key))}"{" selected" if key == view.service else ""}>'
                f"{escape(words.label(key))}</option>"
                for key in members
            )
            options.append(f'<optgroup label="{words.GROUPS[kind]}">{inner}</optgroup>')
    return (
        f'<form class="choice" data-in-app data-at-once="yes" action="{escape(_path(page))}">'
        f'<label><span class="unseen">Service</span><select name="service" data-keep="service">'
        f"{''.join(options)}</select></label></form>"
    )


def search(page: str, label: str = "Search services") -> str:
    """A search field. The browser puts its text in from the address: a refresh never interrupts typing."""
    return (
        f'<form class="search" data-in-app role="search" action="{escape(_path(page))}">'
        f'<label><span class="unseen">{escape(label)}</span><input type="search" name="q" data-keep="q" '
        f'data-from-address="yes" placeholder="{escape(label)}" autocomplete="off" maxlength="100">'
        "</label></form>"
    )


def pager(view: View, page: str, pages: int, name: str = "page") -> str:
    """Links to the page before and after this one; empty when there is one page."""
    if pages <= 1:
        return ""
    at = min(view.page, pages)
    parts = []
    for label, to in (("Previous", at - 1), ("Next", at + 1)):
        there = view.href(page, **_kept(view, page=to))
        parts.append(
            f'<a data-in-app data-keep="page-{label}" href="{escape(there)}">{label}</a>'
            if 1 <= to <= pages
            else f'<span class="off" aria-disabled="true">{label}</span>'
        )
    here = f"<span>{name} {at} of {pages}</span>"
    return f'<nav class="pager" aria-label="Pages of this list">{parts[0]}{here}{parts[1]}</nav>'


def chosen(view: View, now: Situation) -> tuple[Seen, ...]:
    """The services that type, service, status and search of `view` leave, worst first within their groups."""
    wanted = view.search.casefold().split()
    return tuple(
        seen
        for seen in now.services
        if view.service_type in (None, seen.key.service_type)
        and view.service in (None, seen.key)
        and view.status in (None, seen.status)
        and all(word in _searched(seen) for word in wanted)
    )


def _searched(seen: Seen) -> str:
    return f"{seen.key} {words.service_name(seen.key.service_name)} {seen.reason} {seen.message}".casefold()


def _segments(
    label: str, choices: Sequence[tuple[str, str, bool]], titles: dict[str, str] | None = None
) -> str:
    links = "".join(
        f'<a data-in-app data-keep="{escape(label)}-{escape(text)}" href="{escape(href)}"{_current(current)}'
        f"{_title(text, titles)}>{escape(text)}</a>"
        for text, href, current in choices
    )
    return f'<nav class="segments" aria-label="{escape(label)}">{links}</nav>'


def _title(text: str, titles: dict[str, str] | None) -> str:
    return f' title="{escape(titles[text])}"' if titles and text in titles else ""


def _current(current: bool) -> str:
    return ' aria-current="true"' if current else ""


def _kept(view: View, **changes: object) -> dict[str, object]:
    """A change of a filter stays on its page: what only this page knows is kept, but its number of page."""
    return {"search": view.search, **dict(view.own), **changes}


def _path(page: str) -> str:
    return View().href(page)
