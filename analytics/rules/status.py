"""The status rules: one pure function decides, from a window of observations and a policy.

| | healthy | degraded | down | unknown |
|---|---|---|---|---|
| success rate | > 95 % | 90 % to 95 %, both ends in | < 90 % | |
| P95 latency | < healthy limit | healthy limit to down limit, both ends in | > down limit | |
| consecutive failures | | | > 5 | |
| data | | | | newest observation older than `stale_after` |

The worst row wins; unknown wins over all. A probed service (MCP servers, infrastructure) is judged by
the present: answering in time is healthy, slower is degraded, not answering is down once it is sure.
A webhook source that usually speaks is unknown as soon as its silence is unusual.
"""

from datetime import datetime

from analytics.model import (
    ALIVE_REASONS,
    MONITOR_REASONS,
    Basis,
    Policy,
    Reason,
    Status,
    Verdict,
    Window,
)
from analytics.rules.silence import silence, silent_after
from analytics.rules.traffic import decide_calls, decide_deliveries
from analytics.rules.wording import milliseconds, span

_SILENCE = {Basis.PRESENT: "no check", Basis.CALLS: "no calls recorded"}


def decide(window: Window, policy: Policy, now: datetime) -> Verdict:
    """Judge `window` with the limits of `policy` as of `now` (aware UTC); pure and total."""
    present = policy.basis is Basis.PRESENT
    if present and window.newest is not None and window.reason in MONITOR_REASONS:
        return Verdict(Status.UNKNOWN, window.reason, window.message)
    limit = silent_after(window.rhythm, policy.stale_after)
    if window.newest is None or now - window.newest > limit:
        return Verdict(Status.UNKNOWN, Reason.NO_DATA, _no_data(window, policy, now))
    if present:
        return _decide_present(window, policy)
    if policy.basis is Basis.CALLS:
        return decide_calls(window, policy, now)
    verdict = decide_deliveries(window, policy)
    genuine = window.newest_success
    if verdict.status is Status.HEALTHY and genuine is not None and now - genuine > limit:
        # What strangers post does not make up for the silence of the source.
        return Verdict(
            Status.UNKNOWN, Reason.NO_DATA, silence(genuine, window.rhythm, policy.stale_after, now)
        )
    return verdict


def _no_data(window: Window, policy: Policy, now: datetime) -> str:
    if policy.basis is Basis.DELIVERIES:
        return silence(window.newest, window.rhythm, policy.stale_after, now)
    what = _SILENCE[policy.basis]
    if window.newest is None:
        return f"{what} in the last {span(policy.stale_after)}"
    return f"{what} for {span(now - window.newest)}"


def _decide_present(window: Window, policy: Policy) -> Verdict:
    measured = window.p95_ms
    if window.consecutive_failures:
        if window.reason in ALIVE_REASONS:
            return Verdict(Status.DEGRADED, window.reason, window.message, True, 100.0, measured)
        sure = window.consecutive_failures >= policy.sure_after
        status = Status.DOWN if sure else Status.DEGRADED
        return Verdict(status, window.reason, window.message, sure, 0.0, measured)
    if window.passed_on_retry:
        message = f"passed on retry: {window.message}" if window.message else "passed on retry"
        return Verdict(Status.DEGRADED, Reason.PASSED_ON_RETRY, message, True, 100.0, measured)
    if measured is not None and measured >= policy.healthy_ms:
        message = f"answered in {milliseconds(measured)}, slower than {milliseconds(policy.healthy_ms)}"
        return Verdict(Status.DEGRADED, Reason.SLOW, message, True, 100.0, measured)
    return Verdict(Status.HEALTHY, Reason.OK, window.message, True, 100.0, measured)
