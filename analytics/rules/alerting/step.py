"""One step: what was seen goes in; what changes, what is said and who is told comes out. Pure and total."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from analytics.alerting import AlertState, Health, Signal
from analytics.model import IncidentState
from analytics.rules.alerting.circumstances import Circumstances
from analytics.rules.alerting.incidents import close_without, decide, end
from analytics.rules.alerting.looks import see
from analytics.rules.alerting.machine import step_alert
from analytics.rules.alerting.notices import drop_unseen, end_notice, tell_notices
from analytics.rules.alerting.state import AlertingState, AlertKey, Draft, Step
from analytics.rules.alerting.suppression import remembered_for
from analytics.rules.alerting.telling import name_dependents, tell

#: So long a resolved alert is shown, and known to what depends on its service.
RESOLVED_KEPT = timedelta(hours=1)


def step(
    state: AlertingState,
    signals: Sequence[Signal],
    looks: Sequence[Health],
    circumstances: Circumstances,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Step:
    """What follows from `signals` and `looks` (both in order of time, none later than `now`).

    First every alert takes its looks, then every open incident; then it is decided who has to be told. So
    the order of services within a step does not matter. What was held back is looked at again in every
    step, also in one that saw nothing. Nothing is raised for any input.
    """
    if not state.alerts and not state.incidents and not any(signal.bad for signal in signals):
        return Step(state)
    draft = Draft(state, circumstances, now, new_id)
    _forget(draft)
    for signal in signals:
        _take(signal, draft)
    for look in looks:
        see(draft, look)
    if draft.alerts or draft.incidents:
        drop_unseen(draft)
        decide(draft)
        tell_notices(draft)
        name_dependents(draft)
        tell(draft)
        end(draft)
    return draft.finish()


def _take(signal: Signal, draft: Draft) -> None:
    key: AlertKey = (signal.rule, signal.service, signal.about)
    alert = draft.alerts.get(key)
    if alert is None and not signal.bad:
        return
    circumstances, service = draft.circumstances, signal.service
    if alert is None and service is not None and service not in circumstances.monitored:
        return
    settings = circumstances.policy.settings(signal.rule, service)
    recovery, gap = circumstances.policy.recovery_checks, circumstances.gap(service)
    after = step_alert(alert, signal, settings, recovery, gap, draft.now)
    if after is alert:
        return
    if after is None:
        draft.remove_alert(key)
        return
    was_firing = alert is not None and alert.state is AlertState.FIRING
    draft.put_alert(after)
    if was_firing and after.state is AlertState.RESOLVED:
        end_notice(after, "seen well again", draft)


def _forget(draft: Draft) -> None:
    """What is over for long, and the alerts of rules that were switched off."""
    policy, now = draft.circumstances.policy, draft.now
    remembered = remembered_for(policy)
    for incident in list(draft.incidents.values()):
        if incident.state is IncidentState.RESOLVED and (
            incident.resolved_at is None or now - incident.resolved_at > remembered
        ):
            draft.forget_incident(incident)
    for key, alert in list(draft.alerts.items()):
        if alert.state is AlertState.RESOLVED:
            if now - alert.since > RESOLVED_KEPT:
                draft.remove_alert(key)
        elif not policy.settings(alert.rule, alert.service).enabled:
            draft.remove_alert(key)
            end_notice(alert, "the rule was switched off", draft)
            close_without(alert, f"the rule {alert.rule} was switched off", draft)
