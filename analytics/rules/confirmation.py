"""When to look again: a failure is confirmed before it counts, at once and then every few seconds."""

from datetime import timedelta

from analytics.model import ALIVE_REASONS, MONITOR_REASONS, Attempt, Finding, Policy, Window


def is_failure(finding: Finding) -> bool:
    """Whether `finding` counts towards a streak of failures.

    What is wrong with the monitor does not; neither does a service that is alive and says so.
    """
    return not (finding.ok or finding.reason in MONITOR_REASONS or finding.reason in ALIVE_REASONS)


def present_window(attempt: Attempt, streak_before: int, failed_in_cycle: bool) -> Window:
    """The window of a probed service: its newest attempt and the failures in a row that end with it.

    `streak_before` counts the failures in a row before this attempt; `failed_in_cycle` says whether an
    earlier attempt of the same cycle failed, so that a pass now is a pass on retry.
    """
    finding = attempt.finding
    alive_but_wrong = not finding.ok and finding.reason in ALIVE_REASONS
    streak = streak_before + 1 if is_failure(finding) else 1 if alive_but_wrong else 0
    return Window(
        total=1,
        failed=0 if finding.ok else 1,
        p95_ms=attempt.response_time_ms,
        consecutive_failures=streak,
        newest=attempt.started_at,
        reason=finding.reason,
        message=finding.message,
        passed_on_retry=finding.ok and failed_in_cycle,
        retries=attempt.number - 1,
    )


def retry_delay(
    failures_in_row: int, number: int, policy: Policy, retry_interval: timedelta
) -> timedelta | None:
    """How long to wait before the next attempt, None when the verdict is sure.

    `failures_in_row` counts all failures up to now, those of earlier cycles too; `number` is the attempt
    of this cycle that just failed, counted from 1. The first retry is at once.
    """
    if failures_in_row >= policy.sure_after:
        return None
    return timedelta(0) if number == 1 else retry_interval
