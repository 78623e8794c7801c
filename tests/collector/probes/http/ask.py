"""Runs a probe the way the collector does: through the runner, with the shared client."""

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from analytics.model import Attempt, Basis, Policy, ServiceKey, ServiceType
from collector.probes.base import ProbeKind, ServiceSpec
from collector.probes.http_transport import probe_client, trusted_context
from collector.probes.runner import Runner
from collector.secrets import Redactor


def spec_of(kind: ProbeKind, options: Mapping[str, Any], timeout: float = 10.0) -> ServiceSpec:
    """A service of `kind`, named like it."""
    policy = Policy(Basis.PRESENT, kind.healthy_ms, kind.down_ms, 3, timedelta(minutes=5))
    return ServiceSpec(
        key=ServiceKey(ServiceType.INFRASTRUCTURE, kind.name),
        kind=kind,
        options=kind.options.model_validate(dict(options)),
        interval=timedelta(minutes=1),
        timeout=timedelta(seconds=timeout),
        policy=policy,
    )


async def attempt(
    kind: ProbeKind,
    options: Mapping[str, Any],
    *,
    timeout: float = 10.0,
    tls: ssl.SSLContext | None = None,
    environment: Mapping[str, str] | None = None,
) -> Attempt:
    """One attempt. `tls` is the context that checks certificates."""
    async with probe_client(tls or _trusted()) as client:
        runner = Runner(client, environment or {}, Redactor(), lambda: datetime.now(UTC))
        return await runner.run_attempt(spec_of(kind, options, timeout), 1)


@cache
def _trusted() -> ssl.SSLContext:
    """As the collector makes it, once: reading all authorities takes a tenth of a second."""
    return trusted_context()
