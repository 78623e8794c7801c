"""Which statuses a service can have with a reason: asked of the rules, so that no page says otherwise.

Each rule is shown what would make it give the reason, at the edges of its limits.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from analytics.model import (
    MONITOR_REASONS,
    Attempt,
    Basis,
    Finding,
    Policy,
    Reason,
    ServiceKey,
    ServiceType,
    Status,
    Verdict,
    Window,
)
from analytics.rules.confirmation import present_window
from analytics.rules.probed_calls import with_probe
from analytics.rules.status import decide

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_LIMITS = Policy(Basis.PRESENT, 1000, 3000, 3, timedelta(minutes=5))
_POLICIES = {basis: replace(_LIMITS, basis=basis) for basis in Basis}
_SERVICE = ServiceKey(ServiceType.INFRASTRUCTURE, "any")

#: What the rules conclude by themselves; every other reason is what one attempt or call found.
_CONCLUDED = frozenset(
    {
        Reason.OK,
        Reason.SLOW,
        Reason.PASSED_ON_RETRY,
        Reason.ERROR_RATE,
        Reason.CONSECUTIVE_FAILURES,
        Reason.PROCESSING_FAILED,
        Reason.NO_DATA,
    }
)
#: No call of an API is found so: MCP servers alone are, or it says nothing of the service.
_NO_CALL = MONITOR_REASONS | {Reason.EXITED, Reason.SCHEMA_CHANGED}
#: A call that was never made: no probe finds it.
_NO_PROBE = frozenset({Reason.CIRCUIT_OPEN})


@cache
def statuses_of(reason: Reason) -> tuple[Status, ...]:
    """The statuses a service can have while `reason` is the word beside them, the best first."""
    found = {verdict.status for verdict in _verdicts(reason) if verdict.reason is reason}
    return tuple(status for status in Status if status in found)


def _verdicts(reason: Reason) -> Iterator[Verdict]:
    if reason in _CONCLUDED:
        for basis, windows in _WINDOWS.items():
            yield from (decide(window, _POLICIES[basis], _NOW) for window in windows)
        return
    calls = _POLICIES[Basis.CALLS]
    if reason not in _NO_PROBE:
        finding = Finding(False, reason, "")
        attempt = Attempt(_SERVICE, _NOW, 1.0, 1, finding)
        for before in range(_LIMITS.sure_after):
            yield decide(present_window(attempt, before, False), _LIMITS, _NOW)
        if reason not in _NO_CALL:
            for seen in (Window(total=1, newest=_NOW), Window()):
                yield with_probe(decide(seen, calls, _NOW), finding, 1, calls, False)
    if reason not in _NO_CALL:
        in_row = calls.sure_after
        yield decide(
            _window(total=in_row, failed=in_row, consecutive_failures=in_row, reason=reason), calls, _NOW
        )


def _window(**seen: Any) -> Window:
    return replace(Window(newest=_NOW), **seen)


_WINDOWS = {
    Basis.PRESENT: [_window(), _window(p95_ms=1000), _window(passed_on_retry=True), Window()],
    Basis.CALLS: [
        _window(total=100),
        _window(total=100, p95_ms=1000),
        _window(total=100, p95_ms=3001),
        _window(total=100, failed=8),
        _window(total=100, failed=11),
        _window(total=3, failed=3, consecutive_failures=3),
    ],
    Basis.DELIVERIES: [
        _window(total=100, failed=8),
        _window(total=100, failed=11),
        _window(total=100, handed_on=100, unprocessed=8),
        _window(total=100, handed_on=100, unprocessed=11),
    ],
}
