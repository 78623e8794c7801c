"""Incidents: what goes on and what went on, who is on it, and one incident in full."""

from pages._ui.incidents import one, overview
from pages._ui.incidents.selection import wish_of
from pages._ui.shell import Visit, live


def body(visit: Visit) -> None:
    """The incident the address names, else all of them."""
    wish = wish_of(visit.view)
    if wish.incident:
        one.draw(visit, wish)
    else:
        overview.draw(visit, wish)


live("incidents", "Incidents", body)
