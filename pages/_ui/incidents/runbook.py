"""Where it is written what to do about an incident."""

from html import escape

from analytics.alerting import AlertRule
from analytics.model import Reason
from analytics.rules.runbooks import runbook_page
from pages._ui.incidents.rows import Incident
from pages._ui.runbooks import served_page, web_address


def runbook_link(own: str, incident: Incident) -> str:
    """A link to the service's `own` runbook, else to that of the reason, served here. HTML."""
    address = web_address(own)
    page = runbook_page(_rule(incident.rule), _reason(incident.reason))
    address = address or served_page(page)
    if address:
        name = "Runbook" if web_address(own) else f"Runbook: {page}"
        return f'<a class="link" href="{escape(address)}" rel="noopener noreferrer">{escape(name)}</a>'
    return f"Runbook: <code>docs/runbooks/{escape(page)}.md</code>"


def _rule(word: str) -> AlertRule:
    return AlertRule(word) if word in list(AlertRule) else AlertRule.SERVICE_DOWN


def _reason(word: str) -> Reason:
    return Reason(word) if word in list(Reason) else Reason.OK
