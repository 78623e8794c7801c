"""The status rules: one pure function decides, from a window of observations and a policy.

| | healthy | degraded | down | unknown |
|---|---|---|---|---|
| success rate | > 95 % | 90 % to 95 %, both ends in | < 90 % | |
| P95 latency | < healthy limit | healthy limit to down limit, both ends in | > down limit | |
| consecutive failures | | | > 5 | |
| data | | | | newest observation older than `stale_after` |

The worst row wins; unknown wins over all. A probed service (MCP servers, infrastructure) is judged by
the present: answering in time is healthy, slower is degraded, not answering is down once it is sure.
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

_WORSE = (Status.HEALTHY, Status.DEGRADED, Status.DOWN)

_SILENCE = {
    Basis.PRESENT: "no check",
    Basis.CALLS: "no calls recorded",
    Basis.DELIVERIES: "no deliveries recorded",
}


def decide(window: Window, policy: Policy, now: datetime) -> Verdict:
    """Judge `window` with the limits of `policy` as of `now` (aware UTC); pure and total."""
    if window.newest is not None and window.reason in MONITOR_REASONS:
        return Verdict(Status.UNKNOWN, window.reason, window.message)
    if window.newest is None or now - window.newest > policy.stale_after:
        return Verdict(Status.UNKNOWN, Reason.NO_DATA, _no_data(window, policy, now))
    if policy.basis is Basis.PRESENT:
        return _decide_present(window, policy)
    return _decide_traffic(window, policy)


def _no_data(window: Window, policy: Policy, now: datetime) -> str:
    what = _SILENCE[policy.basis]
    if window.newest is None:
        return f"{what} in the last {_span(policy.stale_after.total_seconds())}"
    return f"{what} for {_span((now - window.newest).total_seconds())}"


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
        message = f"answered in {_ms(measured)}, slower than {_ms(policy.healthy_ms)}"
        return Verdict(Status.DEGRADED, Reason.SLOW, message, True, 100.0, measured)
    return Verdict(Status.HEALTHY, Reason.OK, window.message, True, 100.0, measured)


def _decide_traffic(window: Window, policy: Policy) -> Verdict:
    """The worst of the three rows of the table; of equals the first named gives the reason."""
    rate = 100.0 * (window.total - window.failed) / window.total if window.total else 0.0
    rows = [
        _judge_failures(window, policy),
        _judge_rate(rate, window, policy),
        _judge_latency(window, policy),
    ]
    status, reason, message = max(rows, key=lambda row: _WORSE.index(row[0]))
    if status is Status.HEALTHY:
        message = ", ".join(said for _, _, said in rows if said)
    return Verdict(status, reason, message, True, rate, window.p95_ms)


def _judge_failures(window: Window, policy: Policy) -> tuple[Status, Reason, str]:
    if window.consecutive_failures < policy.sure_after:
        return Status.HEALTHY, Reason.OK, ""
    reason = window.reason if window.reason is not Reason.OK else Reason.CONSECUTIVE_FAILURES
    said = f": {window.message}" if window.message else ""
    return Status.DOWN, reason, f"{window.consecutive_failures} failures in a row{said}"


def _judge_rate(rate: float, window: Window, policy: Policy) -> tuple[Status, Reason, str]:
    noun = "deliveries verified" if policy.basis is Basis.DELIVERIES else "calls succeeded"
    good = window.total - window.failed
    message = f"{good} of {window.total} {noun} ({_percent(rate)})"
    if rate < policy.down_below_percent:
        return Status.DOWN, Reason.ERROR_RATE, message
    if rate <= policy.healthy_above_percent:
        return Status.DEGRADED, Reason.ERROR_RATE, message
    return Status.HEALTHY, Reason.OK, message


def _judge_latency(window: Window, policy: Policy) -> tuple[Status, Reason, str]:
    if window.p95_ms is None or policy.basis is Basis.DELIVERIES:
        return Status.HEALTHY, Reason.OK, ""
    message = f"P95 {_ms(window.p95_ms)}"
    if window.p95_ms > policy.down_ms:
        return Status.DOWN, Reason.SLOW, f"{message}, limit {_ms(policy.down_ms)}"
    if window.p95_ms >= policy.healthy_ms:
        return Status.DEGRADED, Reason.SLOW, f"{message}, limit {_ms(policy.healthy_ms)}"
    return Status.HEALTHY, Reason.OK, message


def _ms(value: float) -> str:
    return f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms"


def _percent(value: float) -> str:
    """Two decimals, cut and never rounded up: 94.999 % must not read as 95 %."""
    return f"{int(value * 100) / 100:g} %"


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
