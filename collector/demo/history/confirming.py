"""Past cycles in which an attempt failed: attempt by attempt, as the running collector confirms a failure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np

from analytics.model import Attempt, Finding, Reason, ServiceKey
from analytics.rules.confirmation import is_failure, present_window, retry_delay
from analytics.rules.status import decide
from collector.demo.history.batch import to_datetime
from collector.demo.history.checks import Checks, Words, verdict_codes
from collector.demo.history.plan import Effect, Trouble
from collector.memory import Memory
from collector.network import OFFLINE
from collector.probes.base import ServiceSpec

#: What of a cycle ends within this many microseconds is written with its first part.
FIRST_PART = 2_500_000
#: The collector's own value.
_RETRY_INTERVAL = timedelta(seconds=5)

_BLIP = Finding(False, Reason.CONNECT, "connection reset by peer")
#: How long a failed attempt takes, in ms, where it is not as long as an answer.
_FAILED_MS = {Reason.CONNECT: 3.0, Reason.DNS: 42.0, Reason.TLS: 28.0, Reason.COLLECTOR_OFFLINE: 12.0}


@dataclass
class FailingCycles:
    """Collects the rows of one service's failing cycles, which are given in the order of time.

    `found` are the troubles in which its attempts fail; `answer` is what it says when it is well.
    """

    spec: ServiceSpec
    answer: str
    found: Sequence[Trouble]
    words: Words
    _memory: Memory = field(default_factory=Memory)
    _rows: list[tuple[float, ...]] = field(default_factory=list)

    def forget(self) -> None:
        """A cycle in which all was well lies between."""
        self._memory = Memory()

    def add(self, cycle: int, start: int, latency: float, blip: bool, details: int) -> None:
        """One cycle that began at `start` (microseconds); `latency` (ms) is that of an answer."""
        number, begin, failed_before = 1, start, False
        while True:
            finding = self._finding(begin, failing=blip and number == 1)
            took = latency if finding.ok else _FAILED_MS.get(finding.reason, latency)
            attempt = Attempt(self.spec.key, to_datetime(begin), took, number, finding)
            self._add_attempt(attempt, begin, start, cycle, failed_before, details)
            delay = None
            if is_failure(finding):
                failures = self._memory.failures_in_row
                delay = retry_delay(failures, number, self.spec.policy, _RETRY_INTERVAL)
            if delay is None:
                return
            begin += int(1000 * took) + delay // timedelta(microseconds=1)
            number, failed_before = number + 1, True

    def _finding(self, begin: int, failing: bool) -> Finding:
        for trouble in self.found:
            if trouble.start <= begin < trouble.end:
                if trouble.effect is Effect.OFFLINE:
                    return OFFLINE
                return Finding(False, trouble.reason, trouble.message)
        return _BLIP if failing else Finding(True, Reason.OK, self.answer)

    def _add_attempt(
        self, attempt: Attempt, begin: int, start: int, cycle: int, failed_before: bool, details: int
    ) -> None:
        window = present_window(attempt, self._memory.failures_in_row, failed_before)
        verdict = decide(window, self.spec.policy, attempt.started_at)
        self._memory.learn(attempt, verdict)
        ends = begin + int(1000 * attempt.duration_ms)
        status, reason, message, response, rate = verdict_codes(verdict, self.words)
        kept = details if attempt.finding.ok else self.words.details.code("{}")
        row = (begin, ends, cycle, self._code(), status, reason, message, kept, response, rate)
        self._rows.append(
            (
                *row,
                window.consecutive_failures,
                window.retries,
                attempt.number,
                ends - start > FIRST_PART,
                attempt.finding.ok,
            )
        )

    def _code(self) -> int:
        return self.words.services.index(self.spec.key)

    def checks(self) -> Checks:
        """All rows."""
        dtypes = [np.int64] * 8 + [np.float64] * 2 + [np.int64] * 3 + [np.bool_] * 2
        columns = list(zip(*self._rows, strict=True)) or [()] * len(dtypes)
        arrays: list[Any] = [np.array(column, dtype) for column, dtype in zip(columns, dtypes, strict=True)]
        return Checks(*arrays)


def touches(found: Sequence[Trouble], service: ServiceKey, needs_network: bool) -> list[Trouble]:
    """The troubles in which attempts at `service` fail, the collector's own network among them."""
    return [
        trouble
        for trouble in found
        if (service in trouble.services and trouble.effect is Effect.FAILS)
        or (trouble.effect is Effect.OFFLINE and needs_network)
    ]
