"""Where the page of a runbook is: the collector serves them, where the viewer can reach it."""

from html import escape
from urllib.parse import urlsplit

from pages._ui import actions
from pages._ui.access_rules import is_loopback
from pages._ui.incidents.runbook import web_address


def shelf(on_this_machine: bool) -> str:
    """The address below which the collector serves the runbooks; empty when the viewer cannot reach it."""
    served = web_address(actions.collector_address())
    if not served:
        return ""
    parts = urlsplit(served)
    if is_loopback(parts.hostname or "") and not on_this_machine:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}/runbooks"


def link(page: str, shelf: str, label: str = "") -> str:
    """A link to the runbook called `page`, or where its file is when no `shelf` can be reached. HTML."""
    if not shelf:
        return f"<code>docs/runbooks/{escape(page)}.md</code>"
    said = escape(label or page)
    return f'<a class="link" href="{escape(shelf)}/{escape(page)}" rel="noopener noreferrer">{said}</a>'


def own_link(address: str) -> str:
    """A link to a service's own runbook; its text when it is no address of the web. HTML."""
    if not address:
        return ""
    there = web_address(address)
    if not there:
        return f"<code>{escape(address)}</code>"
    host = urlsplit(there).hostname or there
    return f'<a class="link" href="{escape(there)}" rel="noopener noreferrer">{escape(host)}</a>'
