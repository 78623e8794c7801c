"""Links to runbooks, and where their files are when the collector cannot be reached. HTML."""

from html import escape
from urllib.parse import urlsplit

from pages._ui.runbooks import web_address


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
