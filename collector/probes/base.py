"""The contract of a probe, and what the runner gives to one.

A probe is `async def probe(options, context) -> Finding`. It measures one attempt and never retries; it
knows nothing of scheduling, storage or alerts. It may raise `ProbeFailure` for a failure it has a reason
for; the runner turns that, the deadline and anything unexpected into a finding, masks secrets, and stamps
start and duration. Third-party exceptions become reasons in one place a protocol.
"""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from analytics.model import Basis, Finding, Policy, Reason, ServiceKey
from collector.probes.options import ProbeOptions


class ProbeFailure(Exception):
    """The service did not answer as it should. `message` is one plain sentence; `details` is JSON."""

    def __init__(self, reason: Reason, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.details = dict(details or {})


class Steps:
    """Milliseconds of each step of one attempt, kept even when the attempt ends early.

    The runner puts them into `details["steps_ms"]`, and names the unfinished step when the deadline hits.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._done: dict[str, float] = {}
        self._open: list[str] = []
        self._ended: float | None = None

    @contextmanager
    def step(self, name: str, follows: bool = False) -> Iterator[None]:
        """Measure the body as step `name`; a step that raises is kept as the unfinished one.

        One that `follows` began when the step before it ended: what this program did in between is its own.
        """
        started = self._ended if follows and self._ended is not None else self._clock()
        self._open.append(name)
        try:
            yield
        finally:
            self._ended = self._clock()
            self.record(name, 1000.0 * (self._ended - started))
        self._open.remove(name)

    def record(self, name: str, milliseconds: float) -> None:
        """Add a step measured elsewhere; the same name twice adds up."""
        self._done[name] = self._done.get(name, 0.0) + milliseconds

    @property
    def unfinished(self) -> str | None:
        """The innermost step that did not come to its end."""
        return self._open[-1] if self._open else None

    def as_dict(self) -> dict[str, float]:
        """Name → milliseconds, in the order the steps ended, rounded to microseconds."""
        return {name: round(value, 3) for name, value in self._done.items()}


@dataclass(frozen=True, slots=True)
class ProbeContext:
    """What one attempt may use. `previous` holds the details of the service's last good check.

    `notes` takes details as they become known: they are kept however the attempt ends, also by the
    deadline. The details of the finding win over them. A probe that has to wind something down calls
    `answered` when it knows its finding: from then on the deadline does not apply. `calls` takes a row of
    `api_metrics` for each API call it makes.
    """

    http: httpx.AsyncClient
    timeout: float
    previous: Mapping[str, Any] = field(default_factory=dict)
    steps: Steps = field(default_factory=Steps)
    notes: dict[str, Any] = field(default_factory=dict)
    answered: Callable[[], None] = lambda: None
    calls: list[dict[str, Any]] = field(default_factory=list)


ProbeFunction = Callable[[Any, ProbeContext], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class ProbeKind:
    """A protocol the collector speaks: its options, its probe, its defaults.

    `run` is None for a kind that is judged by recorded traffic alone. `interval`, `timeout` and
    `healthy_ms_for` may depend on the options (a stdio MCP server is checked less often); None means the
    collector's own value, and `healthy_ms`. `slots` is how many attempts may run at once where they would
    measure each other (programs that are started); None means any number. `load` imports what an attempt
    needs, where that takes long; whoever makes attempts calls it first.
    """

    name: str
    options: type[ProbeOptions]
    run: ProbeFunction | None
    basis: Basis = Basis.PRESENT
    healthy_ms: float = 1000.0
    down_ms: float = 3000.0
    interval: Callable[[Any], timedelta | None] = lambda _options: None
    timeout: Callable[[Any], timedelta | None] = lambda _options: None
    healthy_ms_for: Callable[[Any], float | None] = lambda _options: None
    slots: Callable[[Any], int | None] = lambda _options: None
    load: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One validated `[[services]]` entry with every default filled in. Shows no secret in its repr."""

    key: ServiceKey
    kind: ProbeKind
    options: ProbeOptions
    interval: timedelta
    timeout: timedelta
    policy: Policy
    enabled: bool = True
    depends_on: tuple[ServiceKey, ...] = ()
    runbook: str | None = None
