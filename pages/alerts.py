"""Alerts: rules and how they stand, what fired and what was kept quiet, channels, and changing a rule."""

from pages._ui.alerts import one, overview
from pages._ui.alerts.selection import wish_of
from pages._ui.shell import Visit, live


def body(visit: Visit) -> None:
    """The rule the address names, else all of them."""
    wish = wish_of(visit.view)
    if wish.rule:
        one.draw(visit, wish.rule)
    else:
        overview.draw(visit, wish)


live("alerts", "Alerts", body)
