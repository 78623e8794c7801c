"""The incidents of the last seven days as a short list. HTML."""

from html import escape

from pages._ui import notices, panels, words
from pages._ui.marks import severity_pill
from pages._ui.overview.troubles import RECENT, Incident, Troubles
from pages._ui.shell import Visit
from pages._ui.times import lasting, moment

#: How many are listed; the page of incidents has all.
_LISTED = 5


def recent(found: Troubles, visit: Visit) -> str:
    """The card: what goes on first, then the newest."""
    every = visit.view.href("incidents", range=RECENT)
    aside = (
        f"{panels.download('incidents', period=RECENT, type=visit.view.service_type or '')}"
        f'<a class="link" data-in-app data-keep="all-incidents" href="{escape(every)}">View all</a>'
    )
    kind = visit.view.service_type
    shown = [
        one for one in found.incidents if kind is None or (one.service and one.service.service_type is kind)
    ]
    if not shown:
        body = notices.empty("No incident in the last 7 days")
    else:
        rows = "".join(_row(one, visit) for one in shown[:_LISTED])
        more = len(shown) - _LISTED
        rest = f'<li class="more">and {more} more in these 7 days</li>' if more > 0 else ""
        body = f"<ul>{rows}{rest}</ul>"
    about = f"{words.GROUPS[kind]}, last 7 days" if kind else "last 7 days"
    return panels.card("Recent incidents", body, about, aside, "recent")


def _row(one: Incident, visit: Visit) -> str:
    there = escape(visit.view.href("incidents", incident=one.id))
    service = words.label(one.service) if one.service else ""
    if one.resolved_at is None:
        who = f"{escape(one.acknowledged_by)} is on it" if one.acknowledged_by else "nobody on it yet"
        state = f'<b class="open">Open</b> {lasting(one.began_at)}, {who}'
    else:
        lasted = words.spelt((one.resolved_at - one.began_at).total_seconds())
        state = f"{moment(one.began_at, visit.zone, visit.now)} · lasted {lasted}"
    return (
        f'<li class="incident{"" if one.resolved_at else " is-open"}" data-row-link="yes">'
        f'<a data-in-app data-keep="recent-{escape(one.id)}" href="{there}" title="{escape(one.title)}">'
        f"{escape(one.title)}</a>{severity_pill(one.severity)}"
        f'<span class="about">{escape(service)} · {state}</span></li>'
    )
