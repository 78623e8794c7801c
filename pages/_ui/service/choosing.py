"""The page of a service when the address names none, or one that is not monitored: the choice of all."""

from html import escape

from analytics.model import ServiceKey
from pages._ui import words
from pages._ui.filters import chosen
from pages._ui.service.state import service_link
from pages._ui.shell import Visit
from pages._ui.view import View

#: Services of one group that are listed; the others are found by search.
_SHOWN = 60


def heading(asked: ServiceKey | None) -> str:
    """What is missing, in one line."""
    if asked is None:
        return "Choose a service"
    return f"{asked} is not monitored"


def said(asked: ServiceKey | None) -> str:
    """A line below the heading. HTML."""
    if asked is None:
        return "<p>Each has a page with its state, its past and what it is judged by.</p>"
    return (
        f"<p>The address names <code>{escape(str(asked))}</code>, which was taken out of services.toml, "
        'or is spelt otherwise. <a class="link" data-in-app href="./">Back to the overview</a>, '
        "or choose one:</p>"
    )


def choice(visit: Visit) -> str:
    """Links to all services that type and search leave, in their groups."""
    view = View(visit.view.range, visit.view.service_type, search=visit.view.search)
    found = chosen(view, visit.situation)
    groups = ""
    for kind, name in words.GROUPS.items():
        members = [one for one in found if one.key.service_type is kind]
        if members:
            items = "".join(f"<li>{service_link(one, visit)}</li>" for one in members[:_SHOWN])
            rest = len(members) - _SHOWN
            more = f'<li class="soft">and {rest} more: search for them</li>' if rest > 0 else ""
            groups += f'<section class="card"><h2>{name}</h2><ul>{items}{more}</ul></section>'
    nothing = '<section class="card"><p class="soft">No service is called so.</p></section>'
    return f'<div class="service-choice">{groups or nothing}</div>'
