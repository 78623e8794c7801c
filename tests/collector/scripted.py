"""Services whose probes follow a script, and a cycle over them, for tests of what stands above the probes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from analytics.db import FileLocation, Location, migrate, transact
from analytics.ids import uuid7
from analytics.model import Basis, Finding, Policy, Reason, ServiceKey, ServiceType
from collector.cycle import Cycle
from collector.judging import Judge
from collector.log import configure
from collector.network import Network
from collector.probes.base import ProbeContext, ProbeKind, ServiceSpec
from collector.probes.options import ProbeOptions
from collector.probes.runner import Runner
from collector.probes.shopify import ShopifyOptions
from collector.recorder import Recorder
from collector.secrets import Redactor
from collector.store_traffic import insert_new

OK = Finding(True, Reason.OK, "fine")
REFUSED = Finding(False, Reason.CONNECT, "connection refused")


class ScriptedOptions(ProbeOptions):
    """Options of a scripted service; `remote` makes it need the network."""

    remote: bool = False

    def host(self) -> str | None:
        return "service.example" if self.remote else None


@dataclass
class Script:
    """Gives the findings of `steps` one after the other and then `last` for ever; counts the attempts."""

    steps: list[Finding | Callable[[ProbeContext], object]] = field(default_factory=list)
    last: Finding = OK
    attempts: int = 0

    async def run(self, options: ScriptedOptions, context: ProbeContext) -> Finding:
        self.attempts += 1
        step = self.steps.pop(0) if self.steps else self.last
        if isinstance(step, Finding):
            return step
        found = step(context)
        return await found if asyncio.iscoroutine(found) else found


def service(
    name: str,
    script: Script,
    kind: ServiceType = ServiceType.MCP,
    interval: float = 60,
    timeout: float = 10,
    sure_after: int = 3,
    remote: bool = False,
) -> ServiceSpec:
    """A service that follows `script`."""
    return ServiceSpec(
        ServiceKey(kind, name),
        ProbeKind("scripted", ScriptedOptions, script.run),
        ScriptedOptions(remote=remote),
        timedelta(seconds=interval),
        timedelta(seconds=timeout),
        Policy(Basis.PRESENT, 1000, 3000, sure_after, timedelta(minutes=5)),
    )


def calling(finding: Finding, status: int | None = 200, **columns: Any) -> Callable[[ProbeContext], Finding]:
    """A step that makes one call of the API "openai", recorded with `status`, and then finds `finding`."""

    def step(context: ProbeContext) -> Finding:
        row = {"timestamp": datetime.now(UTC), "api_name": "openai", "origin": "probe", "status_code": status}
        context.calls.append({**row, "response_time_ms": 20, "retries": 0, **columns})
        return finding

    return step


def api_service(script: Script, interval: float = 0, timeout: float = 10) -> ServiceSpec:
    """The API "openai", judged by its calls, with a probe that follows `script`."""
    return ServiceSpec(
        ServiceKey(ServiceType.API, "openai"),
        ProbeKind("scripted", ScriptedOptions, script.run, Basis.CALLS),
        ScriptedOptions(),
        timedelta(seconds=interval),
        timedelta(seconds=timeout),
        Policy(Basis.CALLS, 1000, 3000, 6, timedelta(minutes=5)),
    )


def traffic_service(name: str = "shopify") -> ServiceSpec:
    """An API that is judged by its recorded calls."""
    return ServiceSpec(
        ServiceKey(ServiceType.API, name),
        ProbeKind("shopify", ShopifyOptions, None, Basis.CALLS),
        ShopifyOptions(shop="${SHOP}", access_token="${SHOP_TOKEN}"),
        timedelta(seconds=60),
        timedelta(seconds=10),
        Policy(Basis.CALLS, 1000, 3000, 6, timedelta(minutes=5)),
    )


def database(folder: Path) -> FileLocation:
    """A fresh database with the current schema."""
    location = FileLocation(folder / "health.duckdb")
    migrate(location)
    return location


def record(location: Location, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Put `rows` into a table of traffic, with an id each."""
    named = [{"id": str(uuid7()), **row} for row in rows]
    transact(location, lambda connection: insert_new(connection, table, named))


def cycle_over(
    specs: Sequence[ServiceSpec],
    location: Location,
    retry_seconds: float = 0.01,
    canaries: Sequence[str] = (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Cycle:
    """A cycle over `specs` that writes to `location`."""
    log = configure(Redactor())
    return Cycle(
        specs=specs,
        interval=timedelta(seconds=60),
        retry_interval=timedelta(seconds=retry_seconds),
        runner=Runner(httpx.AsyncClient(verify=False), {}, Redactor(), now),
        network=Network(canaries),
        recorder=Recorder(location, Judge({"SHOP": "shop"}), log),
        log=log,
        collector="test:1",
        version="0",
    )
