"""What ends at a start because it is not looked at any more: nothing would ever end it otherwise."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from analytics.alerting import Alert, AlertRule, AlertState
from analytics.rules.alerting.circumstances import Circumstances
from analytics.rules.alerting.incidents import close, open_ones
from analytics.rules.alerting.notices import end_notice
from analytics.rules.alerting.state import AlertingState, Draft, Step

_WHY = "no longer monitored"


def retire(
    state: AlertingState, circumstances: Circumstances, now: datetime, new_id: Callable[[], UUID]
) -> Step:
    """Ends the alerts and incidents of services that are no longer monitored, and of channels that are gone.

    Whoever was told of them is told that they are over, and why.
    """
    draft = Draft(state, circumstances, now, new_id)
    for key, alert in state.alerts.items():
        if _is_gone(alert, circumstances):
            draft.remove_alert(key)
            if alert.state is AlertState.FIRING:
                end_notice(alert, _WHY, draft)
    for incident in open_ones(draft):
        if incident.service not in circumstances.monitored:
            close(incident, _WHY, draft)
    return draft.finish()


def _is_gone(alert: Alert, circumstances: Circumstances) -> bool:
    if alert.service is not None:
        return alert.service not in circumstances.monitored
    return alert.rule is AlertRule.DELIVERY_FAILING and alert.about not in {
        route.channel for route in circumstances.routes
    }
