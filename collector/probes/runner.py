"""The only caller of probes: fills in variables, keeps the deadline, stamps time, masks secrets.

A failed probe is data. Whatever a probe does, `run_attempt` returns an `Attempt`: no probe can end the loop.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx
from pydantic import ValidationError

from analytics.ids import uuid7
from analytics.model import Attempt, Finding, Reason
from collector.probes.base import ProbeContext, ProbeFailure, ServiceSpec, Steps
from collector.probes.options import ProbeOptions
from collector.secrets import MissingVariables, Redactor, fill


@dataclass(frozen=True, slots=True)
class Runner:
    """What every attempt shares: the HTTP client, the environment, the redactor and the wall clock."""

    http: httpx.AsyncClient
    environment: Mapping[str, str]
    redactor: Redactor
    now: Callable[[], datetime]
    _slots: dict[str, asyncio.Semaphore] = field(default_factory=dict, repr=False)

    async def run_attempt(
        self, spec: ServiceSpec, number: int, previous: Mapping[str, Any] | None = None
    ) -> Attempt:
        """One measurement of `spec`. `previous` is `details` of its last good check, the baseline."""
        try:
            options = fill_options(spec.options, self.environment, self.redactor)
        except MissingVariables as missing:
            return self._not_run(spec, number, Reason.MISSING_CREDENTIALS, missing_message(missing.names))
        except ValidationError as error:
            return self._not_run(spec, number, Reason.BAD_CONFIGURATION, _bad_value(error))
        context = ProbeContext(self.http, spec.timeout.total_seconds(), previous or {}, Steps())
        async with self._slot(spec, options):
            started_at, started = self.now(), time.perf_counter()
            finding = await _find(spec, options, context)
            duration_ms = 1000.0 * (time.perf_counter() - started)
        if finding.reason is Reason.TIMEOUT:
            duration_ms = min(duration_ms, 1000.0 * context.timeout)
        clean = self._clean(finding, context)
        calls = tuple(self._recorded(spec, call) for call in context.calls)
        return Attempt(spec.key, started_at, duration_ms, number, clean, options.host(), calls)

    def _recorded(self, spec: ServiceSpec, call: Mapping[str, Any]) -> Mapping[str, Any]:
        """A call as it is stored: under its service's name, with an id, so that no repeat stores it twice."""
        masked: dict[str, Any] = self.redactor.mask_all(call)
        return {**masked, "id": str(uuid7()), "api_name": spec.key.service_name}

    def _slot(self, spec: ServiceSpec, options: ProbeOptions) -> AbstractAsyncContextManager[Any]:
        """Waits for one of the kind's slots; the wait counts into neither duration nor deadline."""
        slots = spec.kind.slots(options)
        if slots is None:
            return nullcontext()
        return self._slots.setdefault(spec.kind.name, asyncio.Semaphore(slots))

    def _not_run(self, spec: ServiceSpec, number: int, reason: Reason, message: str) -> Attempt:
        return Attempt(spec.key, self.now(), 0.0, number, Finding(False, reason, self.redactor.mask(message)))

    def _clean(self, finding: Finding, context: ProbeContext) -> Finding:
        """The finding with its steps, without secrets, and with details that JSON can hold."""
        steps = context.steps.as_dict()
        details = {**context.notes, **finding.details, **({"steps_ms": steps} if steps else {})}
        text = json.dumps(self.redactor.mask_all(details), default=str)
        details = json.loads(text, parse_constant=lambda _: None)
        return replace(finding, message=self.redactor.mask(finding.message), details=details)


async def _find(spec: ServiceSpec, options: ProbeOptions, context: ProbeContext) -> Finding:
    assert spec.kind.run is not None, f"{spec.kind.name} has no probe to run"
    try:
        async with asyncio.timeout(context.timeout) as deadline:

            def answered() -> None:
                if not deadline.expired():
                    deadline.reschedule(None)

            return await spec.kind.run(options, replace(context, answered=answered))
    except ProbeFailure as failure:
        return Finding(False, failure.reason, failure.message, failure.details)
    except TimeoutError:
        during = f" (during {context.steps.unfinished})" if context.steps.unfinished else ""
        return Finding(False, Reason.TIMEOUT, f"no answer within {context.timeout:g} s{during}")
    except Exception as error:  # noqa: BLE001  a fault of ours must not end the loop
        return Finding(False, Reason.COLLECTOR_ERROR, f"the probe failed: {type(error).__name__}: {error}")


def fill_options(options: ProbeOptions, environment: Mapping[str, str], redactor: Redactor) -> ProbeOptions:
    """`options` with every `${NAME}` filled in and checked again.

    Raises `MissingVariables`, or pydantic's `ValidationError` when a variable holds nonsense.
    """
    written = options.model_dump(exclude_unset=True)
    return options.filled(fill(written, environment, redactor))


def missing_message(names: list[str]) -> str:
    """The sentence shown for a service whose variables are not set."""
    if len(names) == 1:
        return f"{names[0]} is not set"
    return f"{', '.join(names[:-1])} and {names[-1]} are not set"


def _bad_value(error: ValidationError) -> str:
    """Names the option and the fault, never the value: it came from a variable and may be a secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    said = first["msg"].removeprefix("Value error, ")
    return f"{where} {said}"
