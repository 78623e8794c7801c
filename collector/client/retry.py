"""When a failed call may be sent again, and after how long. Pure rules.

Backoff with full jitter after M. Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
Idempotent methods after RFC 9110, section 9.2.2; `Retry-After` after section 10.2.3.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from collector.client.reasons import is_lasting, is_transport_failure, was_not_processed

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
RETRIABLE_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})

#: Beyond these the power would be no float any more; any `cap` is reached long before.
_MOST_FACTOR, _MOST_GROWTH = 100, 100
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently a call is repeated. Times are seconds.

    Before repetition n (from 0) it waits a random time up to `base * factor ** n`, never more than `cap`.
    A server that asks for more than `max_retry_after` gets its way: the call is not repeated. After
    `deadline` from the start of the call no repetition begins, and one under way is cut short.
    """

    retries: int = 2
    base: float = 0.5
    factor: float = 2.0
    cap: float = 8.0
    max_retry_after: float = 30.0
    deadline: float = 60.0

    def __post_init__(self) -> None:
        for name, lowest in (("retries", 0), ("base", 0), ("factor", 1), ("cap", 0), ("max_retry_after", 0)):
            value = getattr(self, name)
            if not lowest <= value < float("inf"):
                raise ValueError(f"RetryPolicy: {name} is {value}; {lowest} or more would be right")
        if self.factor > _MOST_FACTOR:
            raise ValueError(f"RetryPolicy: factor is {self.factor}; {_MOST_FACTOR} or less would be right")
        if not 0 < self.deadline < float("inf"):
            raise ValueError(f"RetryPolicy: deadline is {self.deadline}; more than 0 seconds would be right")

    def pause(self, repeated: int, retry_after: float | None, random: Callable[[], float]) -> float | None:
        """Seconds to wait after `repeated` repetitions; None to give up. `random` gives 0 up to 1."""
        if repeated >= self.retries:
            return None
        if retry_after is not None:
            return retry_after if retry_after <= self.max_retry_after else None
        growth: float = self.factor ** min(repeated, _MOST_GROWTH)
        return random() * min(self.cap, self.base * growth)


class Safety(Enum):
    """What may be repeated: any failure, only what the server provably did not process, or nothing."""

    ANY = "any"
    UNPROCESSED = "unprocessed"
    NEVER = "never"


def safety(method: str, headers: Mapping[str, str], idempotent: bool | None, replayable: bool) -> Safety:
    """How far a request may be repeated. `idempotent` is the caller's own word, None leaves it to the rule.

    `headers` must ignore case. A body that can be read only once makes `replayable` False.
    """
    if not replayable:
        return Safety.NEVER
    if idempotent is None:
        idempotent = method.upper() in IDEMPOTENT_METHODS or "idempotency-key" in headers
    return Safety.ANY if idempotent else Safety.UNPROCESSED


def may_repeat_status(status: int, safe: Safety) -> bool:
    """Whether an answer with `status` may be followed by another try; 429 says: not processed."""
    return safe is not Safety.NEVER and (
        status == 429 or (safe is Safety.ANY and status in RETRIABLE_STATUSES)
    )


def may_repeat_error(error: BaseException, safe: Safety) -> bool:
    """Whether `error` may be followed by another try."""
    if safe is Safety.NEVER or not is_transport_failure(error) or is_lasting(error):
        return False
    return safe is Safety.ANY or was_not_processed(error)


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """What `Retry-After` (or OpenAI's `retry-after-ms`) asks for; None without one, or when it is garbage.

    `headers` must ignore case. A date is compared with the server's own `Date`, so that a clock that is wrong
    on either side does no harm; without one with `now`.
    """
    milliseconds = headers.get("retry-after-ms", "").strip()
    if _SECONDS.fullmatch(milliseconds):
        return float(milliseconds) / 1000.0
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    until = _http_date(value)
    if until is None:
        return None
    return max(0.0, (until - (_http_date(headers.get("date", "")) or now)).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
