"""One cycle: every due service is probed at once, judged, and written in as few transactions as it takes.

    probe → judge → record

A failing service is tried again until its verdict is sure, while the others are written already. A part is
written as soon as no attempt is under way, or two seconds after its oldest result, whichever is first.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from analytics.ids import uuid7
from analytics.model import (
    MONITOR_REASONS,
    Attempt,
    Basis,
    CheckResult,
    ServiceKey,
    Status,
)
from analytics.rules.confirmation import present_window
from analytics.rules.status import decide
from collector.confirming import Attempts, for_retries, pause
from collector.judging import Look
from collector.log import Logger
from collector.memory import Memory, is_due
from collector.network import Network
from collector.pacing import Pacer
from collector.probes.base import ServiceSpec
from collector.probes.runner import Runner
from collector.recorder import Part, Recorder
from collector.store import Run

#: How long a result may wait for the attempts that are still under way.
_SETTLE_SECONDS = 2.0
#: Share of a cycle kept free at its end, so that its last write is done when the next one starts.
_MARGIN = 0.02


@dataclass(frozen=True, slots=True)
class Summary:
    """What one cycle did: services looked at, rows written, attempts that failed, milliseconds it took."""

    services: int
    checks: int
    failures: int
    duration_ms: float


@dataclass
class Cycle:
    """Runs cycles, one after the other, over the same services and the same memory of them.

    A retry that would not end before the next cycle is left to that one, unless `alone`: then none follows.
    """

    specs: Sequence[ServiceSpec]
    interval: timedelta
    retry_interval: timedelta
    runner: Runner
    network: Network
    recorder: Recorder
    log: Logger
    collector: str
    version: str
    memory: dict[ServiceKey, Memory] = field(default_factory=dict)
    pacer: Pacer = field(default_factory=Pacer)
    alone: bool = False
    clock: Callable[[], float] = time.monotonic

    async def run(self) -> Summary:
        """One cycle from start to end. When cancelled it still writes what is known, then raises."""
        return await _Running(self, self.runner.now()).run()


class _Running:
    """The state of one running cycle."""

    def __init__(self, cycle: Cycle, started_at: datetime) -> None:
        self._cycle = cycle
        self._started_at = started_at
        self._started = cycle.clock()
        self._id = uuid7(int(started_at.timestamp() * 1000))
        due = [spec for spec in cycle.specs if is_due(spec, self._memory(spec), cycle.interval, started_at)]
        self._probed = [spec for spec in due if spec.kind.run and not self._memory(spec).pausing(started_at)]
        self._services = len(due)
        self._unsaved: list[CheckResult] = []
        probed = {spec.key for spec in self._probed}
        self._looks = [self._look_at(spec) for spec in due if spec.key not in probed]
        self._calls: list[Mapping[str, Any]] = []
        self._oldest_unsaved = 0.0
        self._under_way = 0
        self._changed = asyncio.Event()
        self._attempts = Attempts(cycle.runner, cycle.network, cycle.pacer)
        self._part = self._checks = self._failures = self._part_failures = 0

    def _memory(self, spec: ServiceSpec) -> Memory:
        return self._cycle.memory.setdefault(spec.key, Memory())

    def _look_at(self, spec: ServiceSpec) -> Look:
        """At the traffic of a service that has no probe, or whose probe asked for a pause."""
        memory = self._memory(spec)
        return Look(spec, finding=memory.finding, streak=memory.failures_in_row)

    async def run(self) -> Summary:
        self._cycle.network.begin_cycle()
        tasks = [asyncio.create_task(self._check(spec)) for spec in self._probed]
        try:
            await self._record_while_running(tasks)
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._something_unsaved():
                await self._write(complete=False)
            raise
        await asyncio.gather(*tasks)
        duration_ms = 1000.0 * (self._cycle.clock() - self._started)
        return Summary(self._services, self._checks, self._failures, duration_ms)

    async def _record_while_running(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        while True:
            done = all(task.done() for task in tasks)
            waited = self._cycle.clock() - self._oldest_unsaved
            settled = not self._under_way or waited >= _SETTLE_SECONDS
            if done or (self._something_unsaved() and settled):
                await self._write(complete=done)
            if done:
                return
            self._changed.clear()
            patience = max(0.0, _SETTLE_SECONDS - waited) if self._something_unsaved() else None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._changed.wait()

    async def _check(self, spec: ServiceSpec) -> None:
        """Attempts of one service until its verdict is sure, or until the next cycle is near."""
        memory, number, failed_before = self._memory(spec), 1, False
        memory.started_at = self._started_at
        tried = spec
        self._under_way += 1
        try:
            while True:
                attempt = await self._attempts.make(tried, number, memory.baseline)
                self._report(spec, attempt, failed_before)
                if number == 1:
                    tried = for_retries(spec, attempt)
                delay = pause(spec, attempt, memory.failures_in_row, self._cycle.retry_interval)
                if delay is None or not self._fits(delay + tried.timeout):
                    return
                failed_before, number = True, number + 1
                self._under_way -= 1
                self._changed.set()
                try:
                    await asyncio.sleep(delay.total_seconds())
                finally:
                    self._under_way += 1
        finally:
            self._under_way -= 1
            self._changed.set()

    def _fits(self, span: timedelta) -> bool:
        """Whether what takes `span` from now on is over before the next cycle begins."""
        cycle = self._cycle
        ends = cycle.clock() - self._started + span.total_seconds()
        return cycle.alone or ends <= (1 - _MARGIN) * cycle.interval.total_seconds()

    def _something_unsaved(self) -> bool:
        return bool(self._unsaved) or any(look.attempt for look in self._looks)

    def _report(self, spec: ServiceSpec, attempt: Attempt, failed_before: bool) -> None:
        """Keep one attempt for the next part. What an API is judged by is known when that is written."""
        memory, finding = self._memory(spec), attempt.finding
        window = present_window(attempt, memory.failures_in_row, failed_before)
        verdict = decide(window, replace(spec.policy, basis=Basis.PRESENT), attempt.started_at)
        memory.learn(attempt, verdict)
        if not self._something_unsaved():
            self._oldest_unsaved = self._cycle.clock()
        self._part_failures += 0 if finding.ok or finding.reason in MONITOR_REASONS else 1
        self._calls += attempt.calls
        if spec.policy.basis is Basis.CALLS:
            self._looks.append(Look(spec, attempt, finding, window.consecutive_failures, failed_before))
        else:
            result = CheckResult(
                service=spec.key,
                timestamp=attempt.started_at,
                verdict=verdict,
                error_count=window.consecutive_failures,
                retry_count=window.retries,
                attempt=attempt.number,
                details=finding.details,
            )
            self._unsaved.append(result)
            self._tell(result, memory)
        self._changed.set()

    async def _write(self, complete: bool) -> None:
        checks, self._unsaved = self._unsaved, []
        looks, self._looks = self._looks, []
        calls, self._calls = self._calls, []
        failures, self._part_failures = self._part_failures, 0
        self._part += 1
        finished_at = self._cycle.runner.now()
        run = Run(
            id=uuid7(int(finished_at.timestamp() * 1000)),
            cycle_id=self._id,
            part=self._part,
            complete=complete,
            collector=self._cycle.collector,
            version=self._cycle.version,
            started_at=self._started_at,
            finished_at=finished_at,
            interval=self._cycle.interval,
            services=len({check.service for check in checks} | {look.spec.key for look in looks}),
            failures=failures,
        )
        judged = await self._cycle.recorder.write(Part(run, checks, looks, calls))
        self._checks += len(checks) + len(judged)
        self._failures += failures
        for result in judged:
            self._tell(result, self._cycle.memory.setdefault(result.service, Memory()))

    def _tell(self, result: CheckResult, memory: Memory) -> None:
        """Remember the newest verdict; one log line a change of status."""
        verdict, before = result.verdict, memory.status
        memory.status, memory.last_check = verdict.status, result.timestamp
        memory.response_time_ms = verdict.response_time_ms
        if before is verdict.status:
            return
        calm = verdict.status is Status.HEALTHY or (before is None and verdict.status is Status.UNKNOWN)
        tell = self._cycle.log.info if calm else self._cycle.log.warning
        tell(
            "status_changed",
            service=str(result.service),
            before=before.value if before else "new",
            now=verdict.status.value,
            reason=verdict.reason.value,
            message=verdict.message,
        )
