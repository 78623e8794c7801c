"""The attempts of one check: how one is made, how long a retry may take, and when it begins."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from analytics.model import TRANSPORT_REASONS, Attempt, Basis, Reason
from analytics.rules.confirmation import is_failure, retry_delay
from collector.network import OFFLINE, Network
from collector.pacing import Pacer
from collector.probes.base import ServiceSpec
from collector.probes.runner import Runner


@dataclass(frozen=True)
class Attempts:
    """Makes attempts, one at a time for a service, any number side by side."""

    runner: Runner
    network: Network
    pacer: Pacer

    async def make(self, spec: ServiceSpec, number: int, baseline: Mapping[str, Any]) -> Attempt:
        """The attempt of that number, counted from 1, when it is its turn.

        A failure in transport is not the service's when nothing gets out of this machine.
        """
        await self.pacer.turn()
        attempt = await self.runner.run_attempt(spec, number, baseline)
        if attempt.host is None:
            return attempt
        self.network.saw(attempt.finding)
        if attempt.finding.reason in TRANSPORT_REASONS and await self.network.is_lost():
            return replace(attempt, finding=replace(OFFLINE, details=attempt.finding.details), calls=())
        return attempt


def for_retries(spec: ServiceSpec, first: Attempt) -> ServiceSpec:
    """`spec` as its retries go by it, after the `first` attempt.

    An API is sure to be down after six failures. Six that each run into a timeout of 10 s are known after a
    minute, which is too late: where the first did so, the others get half the time. They get no less than
    `down_ms`: an API that answers later than that is down anyway, so no verdict hangs on the shorter time.
    What is probed alone (`Basis.PRESENT`) may answer late and be alive, and needs three failures: it keeps
    its time.
    """
    if spec.policy.basis is not Basis.CALLS or first.finding.reason is not Reason.TIMEOUT:
        return spec
    shorter = max(spec.timeout / 2, timedelta(milliseconds=spec.policy.down_ms))
    return replace(spec, timeout=min(spec.timeout, shorter))


def pause(
    spec: ServiceSpec, attempt: Attempt, failures_in_row: int, retry_interval: timedelta
) -> timedelta | None:
    """How long to wait after `attempt` before the next one, None when there is to be none.

    Retries are `retry_interval` apart from start to start: a service that lets every attempt run into its
    timeout is known no later.
    """
    if not is_failure(attempt.finding) or attempt.finding.ask_again_after is not None:
        return None
    delay = retry_delay(failures_in_row, attempt.number, spec.policy, retry_interval)
    if delay is None:
        return None
    return max(timedelta(0), delay - timedelta(milliseconds=attempt.duration_ms))
