"""Where the collector serves its runbooks, as far as the viewer can reach them."""

from urllib.parse import urlsplit

from pages._ui import actions
from pages._ui.access_rules import is_loopback


def web_address(text: str) -> str:
    """`text` when it leads to a page of the web; anything else is refused as empty."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.hostname else ""


def shelf(on_this_machine: bool) -> str:
    """The address below which the runbooks are, without user and password.

    Empty when the collector listens for its own machine alone and the viewer is elsewhere.
    """
    served = web_address(actions.collector_address())
    if not served:
        return ""
    parts = urlsplit(served)
    if is_loopback(parts.hostname or "") and not on_this_machine:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}/runbooks"


def served_page(page: str, on_this_machine: bool) -> str:
    """The address of the runbook called `page`; empty when the viewer cannot reach it."""
    there = shelf(on_this_machine)
    return f"{there}/{page}" if there else ""
