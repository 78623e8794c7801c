"""Which page of the runbooks an alert leads to. Standard library only."""

from analytics.alerting import AlertRule
from analytics.model import Reason

#: Rules whose page is the same whatever the reason is.
_BY_RULE = {
    AlertRule.SLOW_RESPONSE: "slow",
    AlertRule.CIRCUIT_OPEN: "circuit_open",
    AlertRule.WEBHOOK_VERIFICATION: "webhook_verification",
    AlertRule.WEBHOOK_SILENT: "no_data",
    AlertRule.QUOTA_HEADROOM: "quota_exhausted",
    AlertRule.TOOLS_CHANGED: "schema_changed",
    AlertRule.CERTIFICATE_EXPIRY: "certificate_expiry",
    AlertRule.SLO_BURN: "slo_burn",
    AlertRule.COLLECTOR_BLIND: "collector_offline",
    AlertRule.DELIVERY_FAILING: "delivery_failing",
}
#: The pages that are named after no reason.
RULE_PAGES = frozenset({"webhook_verification", "certificate_expiry", "slo_burn", "delivery_failing"})


def runbook_page(rule: AlertRule, reason: Reason) -> str:
    """The name of the page for an alert of `rule` with `reason`, as in docs/runbooks/<name>.md.

    "README" is the index: for an alert that bears no reason.
    """
    return _BY_RULE.get(rule) or ("README" if reason is Reason.OK else str(reason))
