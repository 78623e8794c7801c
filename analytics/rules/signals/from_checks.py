"""Is it down, is it degraded, is it slow: what a check says by itself. Pure functions."""

from analytics.alerting import AlertRule, RuleSettings, Signal
from analytics.model import ALIVE_REASONS, MONITOR_REASONS, Basis, Reason, Status
from analytics.rules.signals import titles
from analytics.rules.signals.observation import Observation, bad_now

#: Reasons of a degraded service that answered, so that its failures are not on the way to `down`.
_ANSWERED = ALIVE_REASONS | {
    Reason.OK,
    Reason.SLOW,
    Reason.PASSED_ON_RETRY,
    Reason.ERROR_RATE,
    Reason.PROCESSING_FAILED,
}
_TIMED = frozenset({Reason.OK, Reason.SLOW, Reason.PASSED_ON_RETRY, Reason.SCHEMA_CHANGED})


def service_down(seen: Observation, present: Status | None, settings: RuleSettings) -> Signal:
    """Down now. A failure that is being confirmed is bad already, so that the trouble begins with it.

    `present` is the status of the last minutes of traffic: what is down by its hour and well in its last
    minutes is up again.
    """
    bad, conclusive = _down(seen, present), seen.status is Status.DOWN
    return Signal(
        AlertRule.SERVICE_DOWN,
        seen.service,
        seen.at,
        bad,
        settings.severity,
        reason=seen.reason,
        title=titles.trouble(seen.service, seen.reason, seen.message) if bad else "",
        message=seen.message,
        conclusive=conclusive or not bad,
        in_row=seen.failures_in_row if bad else 0,
    )


def service_degraded(seen: Observation, present: Status | None, settings: RuleSettings) -> Signal:
    """Degraded or worse, now."""
    if seen.status in (Status.HEALTHY, Status.UNKNOWN):
        bad: bool | None = None if seen.status is Status.UNKNOWN else False
    else:
        bad = bad_now(seen, present)
    return Signal(
        AlertRule.SERVICE_DEGRADED,
        seen.service,
        seen.at,
        bad,
        settings.severity,
        reason=seen.reason,
        title=titles.trouble(seen.service, seen.reason, seen.message, "degraded") if bad else "",
        message=seen.message,
    )


def slow_answer(seen: Observation, settings: RuleSettings) -> Signal:
    """A probed service answered, but not within its healthy limit. None of one that did not answer."""
    measured, limit = seen.response_time_ms, seen.policy.healthy_ms
    bad: bool | None = None
    if seen.status in (Status.HEALTHY, Status.DEGRADED) and seen.reason in _TIMED and measured is not None:
        # A healthy one was judged by the exact time; rounded it may look as if it had reached the limit.
        bad = seen.status is Status.DEGRADED and measured >= limit
    return Signal(
        AlertRule.SLOW_RESPONSE,
        seen.service,
        seen.at,
        bad,
        settings.severity,
        reason=Reason.SLOW if bad else seen.reason,
        title=titles.slow_answer(seen.service, measured, limit) if bad and measured is not None else "",
        message=seen.message,
    )


def _down(seen: Observation, present: Status | None) -> bool | None:
    if seen.status is Status.UNKNOWN:
        return None
    if seen.status is Status.DOWN:
        return bad_now(seen, present)
    return _being_confirmed(seen)


def _being_confirmed(seen: Observation) -> bool:
    """A failure in a row that is not long enough yet to be sure.

    Once the failures of an API's probe are sure and it is not down, the calls of others get through: it is
    up.
    """
    if seen.status is not Status.DEGRADED or seen.reason in _ANSWERED | MONITOR_REASONS:
        return False
    in_row = seen.failures_in_row
    sure_after = seen.policy.sure_after
    return in_row >= 1 and (in_row < sure_after or seen.policy.basis is Basis.PRESENT)
