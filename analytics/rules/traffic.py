"""The rules for traffic: an API's calls and a webhook source's deliveries in the last hour. Pure functions.

Each rule gives a row of (status, reason, sentence); the worst row wins, of equals the first.
"""

from datetime import datetime, timedelta

from analytics.model import Policy, Reason, Status, Verdict, Window
from analytics.rules.wording import milliseconds, percent

Row = tuple[Status, Reason, str]

_WORSE = (Status.HEALTHY, Status.DEGRADED, Status.DOWN)
_FINE: Row = (Status.HEALTHY, Reason.OK, "")

#: A share of few says little: one failure of one is no outage. More than five, as of failures in a row.
FEWEST_FAILURES = 6
#: A program may take so long to report a call (exporters of OpenTelemetry gather for 5 s). Failures that are
#: newer than every known success are only in a row when that success is older.
_REPORTED_WITHIN = timedelta(seconds=10)


def decide_calls(window: Window, policy: Policy, now: datetime) -> Verdict:
    """Failures in a row, success rate and P95 of the calls of an API, as of `now`."""
    rate = _share(window.total - window.failed, window.total)
    good = f"{window.total - window.failed} of {window.total} calls succeeded ({percent(rate)})"
    by_rate = _judge_rate(rate, window.failed, good, Reason.ERROR_RATE, policy)
    rows = [
        _judge_streak(window, policy, now),
        _explained(by_rate, "the newest failure", window.message),
        _judge_latency(window, policy),
    ]
    status, reason, message = max(rows, key=lambda row: _WORSE.index(row[0]))
    if status is Status.HEALTHY:
        message = ", ".join(said for _, _, said in rows if said)
    return Verdict(status, reason, message, True, rate, window.p95_ms)


def decide_deliveries(window: Window, policy: Policy) -> Verdict:
    """The share of deliveries that were genuine, and the share of these that the application processed."""
    rate = _share(window.total - window.failed, window.total)
    verified = f"{window.total - window.failed} of {window.total} deliveries verified ({percent(rate)})"
    verification = _judge_rate(rate, window.failed, verified, Reason.ERROR_RATE, policy)
    rows = [
        (rate, _explained(verification, "the newest that was not", window.message)),
        (_share(window.handed_on - window.unprocessed, window.handed_on), _judge_processing(window, policy)),
    ]
    # The worse one first, and the other too when it is not well either: one is theirs, one is ours.
    rows.sort(key=lambda row: (-_WORSE.index(row[1][0]), row[0]))
    (status, reason, _), *_ = (row for _, row in rows)
    said = [
        text
        for _, (found, _, text) in rows
        if text and (found is not Status.HEALTHY) == (status is not Status.HEALTHY)
    ]
    return Verdict(
        status, reason, ("; " if status is not Status.HEALTHY else ", ").join(said), True, rate, window.p95_ms
    )


def _explained(row: Row, what: str, message: str) -> Row:
    """`row` with an example of what went wrong, when that matters."""
    status, reason, said = row
    return row if status is Status.HEALTHY or not message else (status, reason, f"{said}; {what}: {message}")


def _share(good: int, total: int) -> float:
    """In percent. Of nothing, all is well."""
    return 100.0 * good / total if total else 100.0


def _judge_streak(window: Window, policy: Policy, now: datetime) -> Row:
    if window.consecutive_failures < policy.sure_after:
        return _FINE
    if window.newest_success is not None and now - window.newest_success < _REPORTED_WITHIN:
        return _FINE
    reason = window.reason if window.reason is not Reason.OK else Reason.CONSECUTIVE_FAILURES
    said = f": {window.message}" if window.message else ""
    return Status.DOWN, reason, f"{window.consecutive_failures} failures in a row{said}"


def _judge_rate(rate: float, failed: int, message: str, reason: Reason, policy: Policy) -> Row:
    if rate < policy.down_below_percent and failed >= FEWEST_FAILURES:
        return Status.DOWN, reason, message
    if rate <= policy.healthy_above_percent:
        return Status.DEGRADED, reason, message
    return Status.HEALTHY, Reason.OK, message


def _judge_latency(window: Window, policy: Policy) -> Row:
    if window.p95_ms is None:
        return _FINE
    message = f"P95 {milliseconds(window.p95_ms)}"
    if window.p95_ms > policy.down_ms:
        return Status.DOWN, Reason.SLOW, f"{message}, limit {milliseconds(policy.down_ms)}"
    if window.p95_ms >= policy.healthy_ms:
        return Status.DEGRADED, Reason.SLOW, f"{message}, limit {milliseconds(policy.healthy_ms)}"
    return Status.HEALTHY, Reason.OK, message


def _judge_processing(window: Window, policy: Policy) -> Row:
    """Genuine deliveries that our own application did not process: us, not them."""
    if not window.handed_on:
        return _FINE
    good = window.handed_on - window.unprocessed
    rate = _share(good, window.handed_on)
    message = f"{good} of {window.handed_on} processed by the application ({percent(rate)})"
    row = _judge_rate(rate, window.unprocessed, message, Reason.PROCESSING_FAILED, policy)
    return _explained(row, "the newest failure", window.unprocessed_message)
