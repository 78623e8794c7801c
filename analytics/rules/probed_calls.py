"""An API has two witnesses: the calls of everybody in the last hour, and our own probe of this minute.

The calls decide. The probe can only make the verdict worse, and never alone make it `down`: while the calls
of others get through, the API is up, and what fails is on our side of the probe.
"""

from dataclasses import replace
from datetime import timedelta

from analytics.model import (
    ALIVE_REASONS,
    MONITOR_REASONS,
    Attempt,
    Finding,
    Policy,
    Reason,
    Status,
    Verdict,
    Window,
)

#: How much longer than the pause a probe asked for its last result is still taken for the present.
_PAUSES = 2.5


def with_probe(by_calls: Verdict, finding: Finding, streak: int, policy: Policy, retried: bool) -> Verdict:
    """`by_calls` in the light of the newest `finding` of the probe, which failed `streak` times in a row now.

    `retried` says that an earlier attempt of the same check failed. Pure and total.
    """
    if finding.ok:
        return _passed_on_retry(by_calls, finding) if retried else by_calls
    if finding.reason in MONITOR_REASONS:
        return _not_probed(by_calls, finding)
    if by_calls.status is Status.DOWN:
        return by_calls
    sure = finding.reason in ALIVE_REASONS or streak >= policy.sure_after
    message = finding.message
    if by_calls.status is Status.HEALTHY and by_calls.message:
        message = f"{message}; but {by_calls.message}" if message else by_calls.message
    return replace(by_calls, status=Status.DEGRADED, reason=finding.reason, message=message, sure=sure)


def patient(policy: Policy, finding: Finding | None) -> Policy:
    """`policy` for a probe that asked for a pause: its result stays the present for longer."""
    pause = finding.ask_again_after if finding is not None else None
    if pause is None:
        return policy
    return replace(
        policy, stale_after=max(policy.stale_after, timedelta(seconds=_PAUSES * pause.total_seconds()))
    )


def with_calls(window: Window, attempt: Attempt) -> Window:
    """`window` as it will be when the calls of `attempt` are recorded; their P95 only where there was none.

    A refusal of the probe's own credentials is no call to be counted, as in the recorded windows.
    """
    refused = attempt.finding.reason is Reason.AUTH
    if not attempt.calls or refused:
        return window
    failed = 0 if attempt.finding.ok else len(attempt.calls)
    return replace(
        window,
        total=window.total + len(attempt.calls),
        failed=window.failed + failed,
        p95_ms=attempt.response_time_ms if window.p95_ms is None and not failed else window.p95_ms,
        consecutive_failures=window.consecutive_failures + failed if failed else 0,
        newest=attempt.started_at,
        reason=attempt.finding.reason if failed else window.reason,
        message=attempt.finding.message if failed else window.message,
    )


def _passed_on_retry(by_calls: Verdict, finding: Finding) -> Verdict:
    if by_calls.status is not Status.HEALTHY:
        return by_calls
    message = f"passed on retry: {finding.message}" if finding.message else "passed on retry"
    return replace(by_calls, status=Status.DEGRADED, reason=Reason.PASSED_ON_RETRY, message=message)


def _not_probed(by_calls: Verdict, finding: Finding) -> Verdict:
    """What is wrong with the monitor says nothing about the API; recorded calls still do."""
    if by_calls.status is Status.UNKNOWN:
        return Verdict(Status.UNKNOWN, finding.reason, finding.message)
    said = ", ".join(part for part in (by_calls.message, f"not probed: {finding.message}") if part)
    return replace(by_calls, message=said)
