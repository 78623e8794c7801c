"""Rows of `integration_health_checks` while they are made: arrays side by side, one entry a row."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from analytics.model import Reason, ServiceKey, Status, Verdict
from collector.demo.history.batch import Bools, Floats, Ints, Texts

STATUSES = list(Status)
REASONS = list(Reason)

_STATUS_CODE = {status: code for code, status in enumerate(STATUSES)}
_REASON_CODE = {reason: code for code, reason in enumerate(REASONS)}


@dataclass(frozen=True)
class Words:
    """The texts that the rows' codes stand for."""

    services: Sequence[ServiceKey]
    messages: Texts
    details: Texts


@dataclass(frozen=True)
class Checks:
    """`time` and `ends` are microseconds since 1970, `cycle` is the number of the cycle, and `late` says
    whether the row belongs to the cycle's second part. The others are codes, or columns of the table; NaN is
    NULL."""

    time: Ints
    ends: Ints
    cycle: Ints
    service: Ints
    status: Ints
    reason: Ints
    message: Ints
    details: Ints
    response_ms: Floats
    success_rate: Floats
    errors: Ints
    retries: Ints
    attempt: Ints
    late: Bools
    passed: Bools

    def __len__(self) -> int:
        return len(self.time)

    def take(self, places: Ints | Bools) -> "Checks":
        """The rows at `places`, or those where it is true."""
        return Checks(*(getattr(self, field.name)[places] for field in fields(Checks)))


def joined(parts: Sequence[Checks]) -> Checks:
    """All rows in the order of time."""
    together = Checks(
        *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Checks))
    )
    return together.take(np.argsort(together.time, kind="stable"))


def verdict_codes(verdict: Verdict, words: Words) -> tuple[int, int, int, float, float]:
    """Status, reason, message, response time and success rate of a verdict, as the arrays hold them."""
    return (
        _STATUS_CODE[verdict.status],
        _REASON_CODE[verdict.reason],
        words.messages.code(verdict.message),
        np.nan if verdict.response_time_ms is None else float(round(verdict.response_time_ms)),
        np.nan if verdict.success_rate is None else verdict.success_rate,
    )
