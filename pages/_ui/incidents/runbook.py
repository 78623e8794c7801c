"""Where it is written what to do about an incident."""

from html import escape
from urllib.parse import urlsplit

from analytics.alerting import AlertRule
from analytics.model import Reason
from analytics.rules.runbooks import runbook_page
from pages._ui import actions
from pages._ui.access_rules import is_loopback
from pages._ui.incidents.rows import Incident


def web_address(text: str) -> str:
    """`text` when it leads to a page of the web; anything else is refused as empty."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.hostname else ""


def runbook_link(own: str, incident: Incident, on_this_machine: bool) -> str:
    """A link to the service's `own` runbook, else to the one of the reason, which the collector serves. HTML.

    Where the collector listens for its own machine alone, others are told the name of the page.
    """
    address = web_address(own)
    page = runbook_page(_rule(incident.rule), _reason(incident.reason))
    if not address:
        served = web_address(actions.collector_address())
        if served and (on_this_machine or not is_loopback(urlsplit(served).hostname or "")):
            address = f"{_without_user(served)}/runbooks/{page}"
    if address:
        name = "Runbook" if web_address(own) else f"Runbook: {page}"
        return f'<a class="link" href="{escape(address)}" rel="noopener noreferrer">{escape(name)}</a>'
    return f"Runbook: <code>docs/runbooks/{escape(page)}.md</code>"


def _rule(word: str) -> AlertRule:
    return AlertRule(word) if word in list(AlertRule) else AlertRule.SERVICE_DOWN


def _reason(word: str) -> Reason:
    return Reason(word) if word in list(Reason) else Reason.OK


def _without_user(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
