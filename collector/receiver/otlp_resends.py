"""Which spans of a request are one call: attempts that OpenTelemetry counts in `http.request.resend_count`.

The count goes up with every resend, after a failure as after a redirect (semantic conventions, HTTP spans).
Attempts have the same trace and the same parent. What came in an earlier request is not looked for.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from collector.receiver.otlp_span import Span

#: How far back a predecessor is looked for when the count skips numbers.
_FURTHEST = 8


@dataclass(slots=True)
class Attempt:
    """One span that is an HTTP call to a known API. `status` is None without an answer."""

    span: Span
    api_name: str
    method: str
    host: str
    path: str
    status: int | None
    resend: int

    @property
    def is_redirect(self) -> bool:
        """Whether its answer only says where to go on."""
        return self.status is not None and 300 <= self.status < 400 and self.status != 304


@dataclass(slots=True)
class LogicalCall:
    """A call as the program made it: its first and its last attempt, which may be the same."""

    first: Attempt
    last: Attempt
    retries: int = 0


def logical_calls(attempts: Sequence[Attempt]) -> Iterator[LogicalCall]:
    """The calls `attempts` belong to. A redirect that was followed is no attempt and no retry."""
    if not any(attempt.resend for attempt in attempts):
        for attempt in attempts:
            yield LogicalCall(attempt, attempt)
        return
    for chain in _chains(attempts):
        last = chain[-1]
        same = [attempt for attempt in chain if attempt is last or not attempt.is_redirect]
        yield LogicalCall(same[0], last, max(0, last.resend - (len(chain) - len(same))))


class _Ending(IntEnum):
    """How an attempt ended, the likeliest to be followed by another one first."""

    FAILED = 0
    REDIRECTED = 1
    SUCCEEDED = 2


_Key = tuple[bytes, bytes, str, str, str, int, _Ending]


def _chains(attempts: Sequence[Attempt]) -> list[list[Attempt]]:
    chains: list[list[Attempt]] = []
    waiting: dict[_Key, deque[list[Attempt]]] = defaultdict(deque)
    for attempt in sorted(attempts, key=lambda item: (item.span.start_ns, item.resend)):
        chain = _predecessors(attempt, waiting) if attempt.resend else None
        if chain is None:
            chain = []
            chains.append(chain)
        chain.append(attempt)
        waiting[_key(attempt, attempt.resend, _ending(attempt))].append(chain)
    return chains


def _predecessors(attempt: Attempt, waiting: dict[_Key, deque[list[Attempt]]]) -> list[Attempt] | None:
    """The chain that `attempt` goes on, of several the oldest."""
    for count in range(attempt.resend - 1, max(-1, attempt.resend - 1 - _FURTHEST), -1):
        for ending in _Ending:
            chains = waiting.get(_key(attempt, count, ending))
            if chains:
                return chains.popleft()
    return None


def _ending(attempt: Attempt) -> _Ending:
    if attempt.is_redirect:
        return _Ending.REDIRECTED
    return _Ending.SUCCEEDED if attempt.status is not None and attempt.status < 400 else _Ending.FAILED


def _key(attempt: Attempt, resend: int, ending: _Ending) -> _Key:
    """Where an attempt waits for its next: the same target, or after a redirect any."""
    trace, parent = attempt.span.trace_id, attempt.span.parent_id
    if ending is _Ending.REDIRECTED:
        return trace, parent, "", "", "", resend, ending
    return trace, parent, attempt.method, attempt.host, attempt.path, resend, ending
