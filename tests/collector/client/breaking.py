"""A clock of the test's own, and a circuit breaker that is open by it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from collector.client import CircuitBreaker

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker(clock=clock)
    for _ in range(5):
        breaker.leave(breaker.enter("shop", NOW), failed=True)
    return breaker
