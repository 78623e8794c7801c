"""The only caller of probes: fills in variables, keeps the deadline, stamps time, masks secrets.

A failed probe is data. Whatever a probe does, `run_attempt` returns an `Attempt`: no probe can end the loop.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from pydantic import ValidationError

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

    async def run_attempt(
        self, spec: ServiceSpec, number: int, previous: Mapping[str, Any] | None = None
    ) -> Attempt:
        """One measurement of `spec`. `previous` is `details` of its last good check, the baseline."""
        started_at, started = self.now(), time.perf_counter()
        steps = Steps()
        finding = await self._find(spec, steps, previous or {})
        duration_ms = 1000.0 * (time.perf_counter() - started)
        if finding.reason is Reason.TIMEOUT:
            duration_ms = min(duration_ms, 1000.0 * spec.timeout.total_seconds())
        details = dict(finding.details)
        if steps.as_dict():
            details["steps_ms"] = steps.as_dict()
        clean = Finding(
            finding.ok,
            finding.reason,
            self.redactor.mask(finding.message),
            self.redactor.mask_all(details),
            finding.latency_ms,
        )
        return Attempt(spec.key, started_at, duration_ms, number, clean)

    async def _find(self, spec: ServiceSpec, steps: Steps, previous: Mapping[str, Any]) -> Finding:
        try:
            options = fill_options(spec.options, self.environment, self.redactor)
        except MissingVariables as missing:
            return Finding(False, Reason.MISSING_CREDENTIALS, missing_message(missing.names))
        except ValidationError as error:
            return Finding(False, Reason.BAD_CONFIGURATION, _bad_value(spec.options, error))
        assert spec.kind.run is not None, f"{spec.kind.name} has no probe to run"
        timeout = spec.timeout.total_seconds()
        context = ProbeContext(self.http, timeout, previous, steps)
        try:
            async with asyncio.timeout(timeout):
                return await spec.kind.run(options, context)
        except ProbeFailure as failure:
            return Finding(False, failure.reason, failure.message, failure.details)
        except TimeoutError:
            during = f" (during {steps.unfinished})" if steps.unfinished else ""
            return Finding(False, Reason.TIMEOUT, f"no answer within {timeout:g} s{during}")
        except Exception as error:  # noqa: BLE001  a fault of ours must not end the loop
            message = f"the probe failed: {type(error).__name__}: {error}"
            return Finding(False, Reason.COLLECTOR_ERROR, message)


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


def _bad_value(options: ProbeOptions, error: ValidationError) -> str:
    """Names the option and the fault, never the value: it came from a variable and may be a secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    said = first["msg"].removeprefix("Value error, ")
    return f"{where} {said}"
