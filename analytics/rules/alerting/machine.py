"""One alert: inactive → pending → firing → resolved. Pure; `None` stands for inactive."""

from dataclasses import replace
from datetime import datetime, timedelta

from analytics.alerting import Alert, AlertRule, AlertState, RuleSettings, Signal
from analytics.rules.alerting.severity import worst

#: These tell of a single event. One good look ends them, and there is nothing to tell when they end.
ONE_SHOT = frozenset({AlertRule.TOOLS_CHANGED})


def step_alert(
    alert: Alert | None,
    signal: Signal,
    settings: RuleSettings,
    recovery_checks: int,
    longest_gap: timedelta,
    now: datetime,
) -> Alert | None:
    """The alert after one look of its rule.

    A bad look makes it pending; it fires with a conclusive look when enough were bad in a row and for long
    enough. One good look ends a pending alert, `recovery_checks` in a row one that fires. A look that says
    neither changes nothing, nor does one that is older than the newest. After a pause of more than
    `longest_gap` a pending alert begins anew: nobody knows what was in between. A resolved alert stays as
    it is until it is bad again (the step forgets it in time). A rule that is switched off has no alert.
    """
    if not settings.enabled:
        return _ended(alert, now)
    if signal.bad is None or (alert is not None and signal.at < alert.last_at):
        return alert
    if not signal.bad:
        return _good(alert, signal, recovery_checks)
    if alert is not None and alert.state is AlertState.FIRING and not _is_another(alert, signal):
        return _still_bad(alert, signal)
    return _pending(alert, signal, settings, longest_gap)


def _ended(alert: Alert | None, now: datetime) -> Alert | None:
    if alert is None or alert.state is AlertState.PENDING:
        return None
    return (
        alert if alert.state is AlertState.RESOLVED else replace(alert, state=AlertState.RESOLVED, since=now)
    )


def _is_another(alert: Alert, signal: Signal) -> bool:
    return alert.rule in ONE_SHOT and (signal.title, signal.message) != (alert.title, alert.message)


def _good(alert: Alert | None, signal: Signal, recovery_checks: int) -> Alert | None:
    if alert is None or alert.state is AlertState.PENDING:
        return None
    if alert.state is AlertState.RESOLVED:
        return alert
    good = alert.good + 1
    seen = replace(alert, good=good, count=0, last_at=signal.at, dismissed=None, streak_since=None)
    if good < recovery_checks and alert.rule not in ONE_SHOT:
        return seen
    return replace(seen, state=AlertState.RESOLVED, since=signal.at)


def _still_bad(alert: Alert, signal: Signal) -> Alert:
    told = signal if signal.conclusive else alert
    return replace(
        alert,
        good=0,
        count=max(alert.count + 1, signal.in_row),
        last_at=signal.at,
        severity=worst(alert.severity, signal.severity),
        streak_since=alert.streak_since or signal.at,
        reason=told.reason,
        title=told.title,
        message=told.message,
    )


def _pending(alert: Alert | None, signal: Signal, settings: RuleSettings, longest_gap: timedelta) -> Alert:
    goes_on = (
        alert is not None and alert.state is AlertState.PENDING and signal.at - alert.last_at <= longest_gap
    )
    before = alert if goes_on else None
    bad_since = before.bad_since if before else signal.begun or signal.at
    count = max(before.count + 1 if before else 1, signal.in_row)
    fires = signal.conclusive and count >= settings.checks and signal.at - bad_since >= settings.lasting
    return Alert(
        rule=signal.rule,
        service=signal.service,
        state=AlertState.FIRING if fires else AlertState.PENDING,
        since=signal.at if fires or before is None else before.since,
        bad_since=bad_since,
        last_at=signal.at,
        severity=signal.severity,
        reason=signal.reason,
        title=signal.title,
        message=signal.message,
        count=count,
        about=signal.about,
        streak_since=bad_since,
        told_times=alert.told_times if alert else (),
    )
