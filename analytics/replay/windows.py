"""What a check of the past had seen, so far as its row still says: the window it is judged by once more.

A row keeps what was decided and the figures it was decided by, rounded, and not every word. What is missing
is filled up so that the limits of that time give the verdict of that time.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.model import MONITOR_REASONS, Basis, Finding, Policy, Reason, Status, Window

_OF_THE_HOUR = frozenset({Reason.ERROR_RATE, Reason.SLOW, Reason.PROCESSING_FAILED})
_RETRIED, _BUT = "passed on retry: ", "; but "
_STREAK = re.compile(r"(\d+) failures in a row(?:: (.*))?", re.DOTALL)
_NEWEST = re.compile(r"; the newest (?:failure|that was not): (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One row as it stands. `reason` is None when this version does not know the word."""

    at: datetime
    status: Status
    reason: Reason | None
    message: str
    errors: int
    response_ms: float | None
    attempt: int
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Probed:
    """What the probe of an API had found beside its calls."""

    finding: Finding
    streak: int
    retried: bool


def of_probe(recorded: Recorded, limits: Policy) -> Window | None:
    """The window of an attempt that was judged with `limits`; None when its verdict has to stay as it is."""
    reason, status = recorded.reason, recorded.status
    if reason is None or (status is Status.UNKNOWN and reason not in MONITOR_REASONS):
        return None
    passed = reason in (Reason.OK, Reason.SLOW, Reason.PASSED_ON_RETRY)
    streak = 0
    if not passed and reason not in MONITOR_REASONS:
        least = limits.sure_after if status is Status.DOWN else 1
        streak = max(recorded.errors, least)
    retried = reason is Reason.PASSED_ON_RETRY
    return Window(
        total=1,
        failed=0 if passed else 1,
        p95_ms=_exact(recorded, limits),
        consecutive_failures=streak,
        newest=recorded.at,
        reason=Reason.OK if passed else reason,
        message="" if reason is Reason.SLOW else recorded.message.removeprefix(_RETRIED),
        passed_on_retry=retried,
        retries=recorded.attempt - 1,
    )


def of_traffic(recorded: Recorded, limits: Policy) -> tuple[Window | None, Probed | None]:
    """The hour of traffic that was judged with `limits`, and what the probe of an API had found.

    No window when the verdict has to stay as it is: there was no traffic, or too old to say anything, or the
    row does not hold the figures.
    """
    details, reason = recorded.details, recorded.reason
    total, failed = _count(details, "total"), _count(details, "failed")
    if recorded.status is Status.UNKNOWN or reason is None or not total or failed is None:
        return None, None
    by_probe = recorded.status is Status.DEGRADED and reason not in _OF_THE_HOUR
    if by_probe and (limits.basis is not Basis.CALLS or _is_old(recorded, limits)):
        return None, None
    in_row, said = _streak(recorded, limits)
    measured = details.get("p95_ms")
    by_streak = _is_streak(recorded)
    told = by_streak and reason is not Reason.CONSECUTIVE_FAILURES
    window = Window(
        total=total,
        failed=failed,
        p95_ms=float(measured) if isinstance(measured, int | float) else None,
        consecutive_failures=in_row,
        newest=recorded.at,
        # Enough in a row, and not down: a success was so fresh that its order was not known.
        newest_success=recorded.at if in_row >= limits.sure_after and _was_not_down(recorded) else None,
        reason=reason if told else Reason.OK,
        message=said,
        handed_on=_count(details, "handed_on") or 0,
        unprocessed=_count(details, "unprocessed") or 0,
    )
    return window, _probe(recorded, by_probe) if limits.basis is Basis.CALLS else None


def _exact(recorded: Recorded, limits: Policy) -> float | None:
    """The time an answer took. The row has whole milliseconds, the verdict says on which side they lay."""
    measured = recorded.response_ms
    if measured is None:
        return None
    if recorded.reason is Reason.SLOW:
        return max(measured, limits.healthy_ms)
    if recorded.reason is Reason.OK and measured >= limits.healthy_ms:
        return math.nextafter(limits.healthy_ms, 0.0)
    return measured


def _is_streak(recorded: Recorded) -> bool:
    """Whether an API was down because of failures in a row."""
    return recorded.status is Status.DOWN and recorded.reason not in _OF_THE_HOUR


def _was_not_down(recorded: Recorded) -> bool:
    return not _is_streak(recorded)


def _streak(recorded: Recorded, limits: Policy) -> tuple[int, str]:
    """The failures in a row that end with the newest call, and what went wrong with it."""
    noted = _count(recorded.details, "in_row")
    found = _STREAK.match(recorded.message) if _is_streak(recorded) else None
    if found is not None:
        return noted or int(found[1]), found[2] or ""
    newest = _NEWEST.search(recorded.message)
    said = newest[1] if newest is not None else ""
    if _is_streak(recorded):
        return noted or limits.sure_after, said
    # Rows of earlier versions do not have it; then there were not enough of them.
    return noted or 0, said


def _probe(recorded: Recorded, by_probe: bool) -> Probed | None:
    streak = _count(recorded.details, "probe_failures_in_row") or 0
    reason = recorded.reason or Reason.CONSECUTIVE_FAILURES
    message = recorded.message.partition(_BUT)[0]
    if by_probe and reason is Reason.PASSED_ON_RETRY:
        return Probed(Finding(True, Reason.OK, message.removeprefix(_RETRIED)), streak, True)
    if by_probe:
        return Probed(Finding(False, reason, message), streak, False)
    if streak and recorded.status is Status.DOWN:
        # Its own reason was not kept: that the calls failed was worse.
        failed = reason if _is_streak(recorded) else Reason.CONSECUTIVE_FAILURES
        return Probed(Finding(False, failed, message), streak, False)
    return None


def _is_old(recorded: Recorded, limits: Policy) -> bool:
    text = recorded.details.get("newest")
    try:
        newest = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return True
    return newest is None or newest.tzinfo is None or recorded.at - newest > limits.stale_after


def _count(details: Mapping[str, Any], name: str) -> int | None:
    found = details.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
