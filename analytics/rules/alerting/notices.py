"""Alerts that are no incident: each is told under a key of its own, and told to be over."""

from dataclasses import replace
from datetime import datetime, timedelta

from analytics.alerting import Action, Alert, AlertRule, AlertState
from analytics.rules.alerting.flapping import stays_bad
from analytics.rules.alerting.looks import is_bad_now, opens_incident
from analytics.rules.alerting.machine import ONE_SHOT
from analytics.rules.alerting.messages import about_notice
from analytics.rules.alerting.routing import channels_but, channels_for
from analytics.rules.alerting.severity import worse
from analytics.rules.alerting.state import Draft, key_of
from analytics.rules.alerting.suppression import clock, reason_to_be_quiet
from analytics.rules.wording import lasting

#: A notice of which a service that is well has shown nothing for so long is about what is there no more: a
#: quota nobody uses, a certificate of an address that has none now.
UNSEEN_FOR = timedelta(days=1)
#: A notice that comes and goes is told no more often.
TOLD_AT_MOST, TOLD_WITHIN = 3, timedelta(hours=1)
_NOBODY = "no channel is configured that could be told"
_ONCE = "This is told once; there will be no message that it is over."


def tell_notices(draft: Draft) -> None:
    """Triggers of notices that fire and are not quiet; updates of those that got worse."""
    for alert in draft.firing():
        if opens_incident(alert):
            continue
        missing = tuple(one for one in _concerned(alert, draft) if one not in alert.told)
        # What got worse while it was quiet on purpose is told when that ends.
        raised = _was_raised(alert, draft) or bool(alert.told and alert.suppressed_by)
        if (missing or raised or not alert.told) and is_bad_now(alert, draft):
            _tell(alert, missing, raised, draft)


def _tell(alert: Alert, missing: tuple[str, ...], raised: bool, draft: Draft) -> None:
    reason = (
        reason_to_be_quiet(alert, draft)
        or _told_already(alert, draft)
        or (None if missing or alert.told else _NOBODY)
    )
    if reason is not None:
        if alert.suppressed_by != reason:
            draft.put_alert(replace(alert, suppressed_by=reason))
        return
    told = replace(
        alert,
        dedup_key=alert.dedup_key or _dedup_key(alert, draft),
        told=(*alert.told, *missing),
        told_times=_told_times(alert, missing, draft.now),
        suppressed_by=None,
    )
    draft.put_alert(told)
    if raised:
        draft.send(alert.told, about_notice(Action.UPDATE, told, draft.circumstances, draft.now))
    text = f"{told.message} {_ONCE}".strip() if told.rule in ONE_SHOT else ""
    draft.send(missing, about_notice(Action.TRIGGER, told, draft.circumstances, draft.now, text=text))


def _told_times(alert: Alert, channels: tuple[str, ...], now: datetime) -> tuple[datetime, ...]:
    """When people were told in the last hour, and now, unless `channels` only hear of it late."""
    recent = tuple(at for at in alert.told_times if now - at < TOLD_WITHIN)
    return (*recent, now) if channels and not alert.told else recent


def _told_already(alert: Alert, draft: Draft) -> str | None:
    """What comes and goes is told three times an hour at most, unless it comes to stay."""
    recent = [at for at in alert.told_times if draft.now - at < TOLD_WITHIN]
    if alert.told or len(recent) < TOLD_AT_MOST:
        return None
    flapping = draft.circumstances.policy.flapping
    if alert.rule not in ONE_SHOT and stays_bad(alert.streak_since or alert.bad_since, flapping, draft.now):
        return None
    return f"flapping: told {len(recent)} times since {clock(recent[0], draft.now)}"


def end_notice(alert: Alert, why: str, draft: Draft) -> None:
    """Tells everybody who was told of `alert` that it is over; of what is told once nobody is."""
    if opens_incident(alert) or alert.rule in ONE_SHOT or not alert.told:
        return
    text = f"{why}, {lasting(draft.now - alert.bad_since)} after it began"
    draft.send(alert.told, about_notice(Action.RESOLVE, alert, draft.circumstances, draft.now, text=text))


def drop_unseen(draft: Draft) -> None:
    """Ends notices of services that are seen well and of which no look has said a word for `UNSEEN_FOR`.

    Time in which nobody looked at the service does not count, nor does a look that found it in trouble or
    could not see it.
    """
    for key, alert in list(draft.alerts.items()):
        if alert.service is None or alert.state is AlertState.RESOLVED or opens_incident(alert):
            continue
        unseen_for = max(UNSEEN_FOR, 3 * draft.circumstances.gap(alert.service))
        if draft.now - alert.last_at <= unseen_for:
            continue  # no look is later than now, and to look one up takes a while
        look = draft.circumstances.health.get(alert.service)
        if look is not None and look.well and look.at - alert.last_at > unseen_for:
            draft.remove_alert(key)
            if alert.state is AlertState.FIRING:
                end_notice(alert, "not seen any more", draft)


def _concerned(alert: Alert, draft: Draft) -> tuple[str, ...]:
    routes = draft.circumstances.routes
    if alert.rule is AlertRule.DELIVERY_FAILING:
        return channels_but(alert.about, alert.severity, routes)
    return channels_for(alert.severity, routes)


def _was_raised(alert: Alert, draft: Draft) -> bool:
    before = draft.before.alerts.get(key_of(alert))
    return (
        before is not None
        and before.state is AlertState.FIRING
        and bool(alert.told)
        and worse(alert.severity, before.severity)
    )


def _dedup_key(alert: Alert, draft: Draft) -> str:
    """Never the same twice, so that the next trouble is news to the other side."""
    about = f"/{alert.about}" if alert.about else ""
    return f"alert/{alert.rule}/{alert.service or 'collector'}{about}/{draft.new_id()}"
