"""What ends at a start because it is not looked at any more: nothing would ever end it otherwise."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from analytics.alerting import Alert, AlertRule, AlertState
from analytics.rules.alerting.circumstances import Circumstances
from analytics.rules.alerting.incidents import close, close_without, open_ones
from analytics.rules.alerting.notices import end_notice
from analytics.rules.alerting.state import AlertingState, Draft, Step

_WHY = "no longer monitored"


def retire(
    state: AlertingState, circumstances: Circumstances, now: datetime, new_id: Callable[[], UUID]
) -> Step:
    """Ends the alerts and incidents of services that are no longer monitored, and of channels that are gone.

    Also alerts of rules that say nothing of their service any more, as it is looked at in another way now.
    Whoever was told of them is told that they are over, and why.
    """
    draft = Draft(state, circumstances, now, new_id)
    for key, alert in list(draft.alerts.items()):
        why = _why_gone(alert, circumstances)
        if why is None:
            continue
        draft.remove_alert(key)
        if alert.state is AlertState.FIRING:
            end_notice(alert, why, draft)
            close_without(alert, why, draft)
    for incident in open_ones(draft):
        if incident.service not in circumstances.monitored:
            close(incident, _WHY, draft)
    return draft.finish()


def _why_gone(alert: Alert, circumstances: Circumstances) -> str | None:
    """None of an alert that may still be seen to end."""
    if alert.service is not None:
        if alert.service not in circumstances.monitored:
            return _WHY
        fits = circumstances.fits.get(alert.service, frozenset({alert.rule}))
        return None if alert.rule in fits else f"the rule {alert.rule} does not apply any more"
    channels = {route.channel for route in circumstances.routes}
    return _WHY if alert.rule is AlertRule.DELIVERY_FAILING and alert.about not in channels else None
