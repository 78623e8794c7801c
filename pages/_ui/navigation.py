"""The bar at the top: where one can go, taking the filters along, and how everything stands. HTML."""

from datetime import datetime
from html import escape

from analytics.model import Status
from pages._ui import words
from pages._ui.marks import CHARACTERS, mark
from pages._ui.situation import Situation
from pages._ui.times import ago
from pages._ui.view import ROOT, View

#: The pages in order: the name in the address, and what it is called. A service is reached from all others.
PAGES = (
    ("overview", "Overview"),
    ("trends", "Trends"),
    ("incidents", "Incidents"),
    ("alerts", "Alerts"),
    ("export", "Export"),
    ("about", "About"),
)


def bar(page: str, title: str, view: View, now: datetime, seen: Situation | None) -> str:
    """Name, pages and freshness; and, not shown, the server's time and the title of the browser's tab."""
    carried = View(view.range, view.service_type, None, view.status)
    links = "".join(
        f'<a data-in-app data-keep="nav-{name}" href="{escape(carried.href(name))}"'
        f"{_current(name == page)}>{label}{_open_incidents(name, seen)}</a>"
        for name, label in PAGES
    )
    return (
        f'<div class="nav"><a class="brand" data-in-app aria-label="Integration Health, to the overview" '
        f'href="{escape(carried.href(ROOT))}"><img src="app/static/logo.svg" alt=""></a>'
        f'<nav aria-label="Pages">{links}</nav>{_freshness(seen)}'
        f"{_clock(page, _title(page, title, view), now, seen)}</div>"
    )


def _title(page: str, title: str, view: View) -> str:
    """What the browser's tab is called by: of several open services each by its name."""
    return words.service_name(view.service.service_name) if page == "service" and view.service else title


def own_title(status: Status | None, said: str) -> str:
    """Not shown: the title of the browser's tab where a page knows a better one than its name."""
    return f'<span id="health-title" hidden>{_titled(status or Status.UNKNOWN, said)}</span>'


def _titled(status: Status, said: str) -> str:
    """As text, for an attribute in which a tag stands is taken away; and with single spaces, as a browser
    gives a title back."""
    return escape(f"{CHARACTERS[status]} {' '.join(said.split())} · Integration Health")


def _current(current: bool) -> str:
    return ' aria-current="page"' if current else ""


def _open_incidents(name: str, seen: Situation | None) -> str:
    if name != "incidents" or seen is None or not seen.open_incidents:
        return ""
    return f'<span class="count" title="services with an open incident">{seen.open_incidents}</span>'


def _freshness(seen: Situation | None) -> str:
    if seen is None:
        return '<p class="fresh"></p>'
    checked = f"last checked {ago(seen.last_checked)}" if seen.last_checked else "nothing checked yet"
    live = " live" if seen.collector == "live" else ""
    word = seen.collector.capitalize()
    return f'<p class="fresh{live}">{mark(seen.worst)}<b>{word}</b><span> · {checked}</span></p>'


def _clock(page: str, title: str, now: datetime, seen: Situation | None) -> str:
    worst = seen.worst if seen else Status.UNKNOWN
    said = seen.headline if seen else "No data"
    name = said if page == ROOT else f"{title} · {said}"
    return (
        f'<span id="health-clock" hidden data-now="{int(now.timestamp() * 1000)}" data-page="{escape(page)}">'
        f"{_titled(worst, name)}</span>"
    )
