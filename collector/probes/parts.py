"""A service made of parts: each is asked at the same time, and the worst tells how the service is."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from analytics.model import ALIVE_REASONS, MONITOR_REASONS, Finding, Reason
from collector.probes.base import ProbeContext, ProbeFailure, Steps

#: The share of the deadline a part may use, so that a part that hangs does not hide what the others said.
_SHARE = 0.9

PartProbe = Callable[[ProbeContext], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Part:
    """What one part said, and the milliseconds it took."""

    name: str
    finding: Finding
    elapsed_ms: float
    steps_ms: Mapping[str, float] = field(default_factory=dict)

    def as_details(self) -> dict[str, Any]:
        """The part as it is kept in `details`."""
        said = {"ok": self.finding.ok, "reason": str(self.finding.reason), "message": self.finding.message}
        return {
            **said,
            "ms": round(self.elapsed_ms, 3),
            **self.finding.details,
            "steps_ms": dict(self.steps_ms),
        }


async def ask_parts(context: ProbeContext, probes: Mapping[str, PartProbe]) -> list[Part]:
    """Ask every part at once; each has its own steps and a deadline a little before that of the attempt."""
    return list(await asyncio.gather(*(_ask(context, name, probe) for name, probe in probes.items())))


async def _ask(context: ProbeContext, name: str, probe: PartProbe) -> Part:
    own = replace(context, timeout=_SHARE * context.timeout, steps=Steps(), notes={})
    started = time.perf_counter()
    try:
        async with asyncio.timeout(own.timeout):
            finding = await probe(own)
    except ProbeFailure as failure:
        finding = Finding(False, failure.reason, failure.message, failure.details)
    except TimeoutError:
        during = f" (during {own.steps.unfinished})" if own.steps.unfinished else ""
        finding = Finding(False, Reason.TIMEOUT, f"no answer within {own.timeout:g} s{during}")
    except Exception as error:  # noqa: BLE001  a fault of ours in one part must not hide the others
        finding = Finding(False, Reason.COLLECTOR_ERROR, f"the probe failed: {type(error).__name__}: {error}")
    elapsed_ms = 1000.0 * (time.perf_counter() - started)
    context.steps.record(name, elapsed_ms)
    finding = replace(finding, details={**own.notes, **finding.details})
    return Part(name, finding, elapsed_ms, own.steps.as_dict())


def worst(parts: Sequence[Part]) -> Part:
    """The part that tells how the service is, the first of equals.

    A failure of the service counts before one of the monitor, and that before a part that is only alive.
    """
    return min(parts, key=lambda part: _rank(part.finding))


def _rank(finding: Finding) -> int:
    if finding.ok:
        return 3
    if finding.reason in ALIVE_REASONS:
        return 2
    return 1 if finding.reason in MONITOR_REASONS else 0
