"""Attempts that would measure each other wait for a slot, and the wait counts nowhere."""

import asyncio
import os
from datetime import UTC, datetime, timedelta

import httpx

from analytics.model import Attempt, Basis, Finding, Policy, Reason, ServiceKey, ServiceType
from collector.probes.base import ProbeContext, ProbeKind, ServiceSpec
from collector.probes.mcp import KIND
from collector.probes.mcp_options import McpOptions
from collector.probes.options import ProbeOptions
from collector.probes.runner import Runner
from collector.secrets import Redactor


class Doors:
    """A probe that runs until it is let go, and counts how many run at once."""

    def __init__(self) -> None:
        self.running = self.most = 0
        self.open = asyncio.Semaphore(0)

    async def probe(self, options: ProbeOptions, context: ProbeContext) -> Finding:
        context.notes["turn"] = self.running
        self.running += 1
        self.most = max(self.most, self.running)
        await self.open.acquire()
        self.running -= 1
        return Finding(True, Reason.OK, "")


def spec(kind: ProbeKind, name: str, timeout: float) -> ServiceSpec:
    return ServiceSpec(
        key=ServiceKey(ServiceType.MCP, name),
        kind=kind,
        options=ProbeOptions(),
        interval=timedelta(minutes=1),
        timeout=timedelta(seconds=timeout),
        policy=Policy(Basis.PRESENT, 1000, 3000, 3, timedelta(minutes=5)),
    )


async def test_no_more_at_once_than_there_are_slots() -> None:
    doors = Doors()
    kind = ProbeKind("slow", ProbeOptions, doors.probe, slots=lambda _: 2)
    async with httpx.AsyncClient(verify=False) as client:
        runner = Runner(client, {}, Redactor(), lambda: datetime.now(UTC))
        tasks = [asyncio.create_task(runner.run_attempt(spec(kind, str(n), 5), 1)) for n in range(5)]
        while doors.running < 2:
            await asyncio.sleep(0)
        for _ in tasks:
            await asyncio.sleep(0.02)
            assert doors.running <= 2
            doors.open.release()
        attempts = await asyncio.gather(*tasks)
    assert doors.most == 2
    assert all(attempt.finding.ok for attempt in attempts)


async def test_the_wait_counts_neither_into_the_duration_nor_into_the_deadline() -> None:
    doors = Doors()
    kind = ProbeKind("slow", ProbeOptions, doors.probe, slots=lambda _: 1)
    async with httpx.AsyncClient(verify=False) as client:
        runner = Runner(client, {}, Redactor(), lambda: datetime.now(UTC))
        first = asyncio.create_task(runner.run_attempt(spec(kind, "first", 0.4), 1))
        while not doors.running:
            await asyncio.sleep(0)
        second = asyncio.create_task(runner.run_attempt(spec(kind, "second", 0.4), 1))
        hung: Attempt = await first
        doors.running = 0
        doors.open.release()
        served = await second
    assert hung.finding.reason is Reason.TIMEOUT
    assert served.finding.ok
    assert served.duration_ms < 300
    assert served.started_at - hung.started_at >= timedelta(seconds=0.4)


def test_started_servers_share_the_cores_and_running_ones_do_not() -> None:
    assert KIND.slots(McpOptions(command="server")) == os.cpu_count()
    assert KIND.slots(McpOptions(url="http://127.0.0.1/mcp")) is None


async def test_what_became_known_is_kept_when_the_deadline_hits() -> None:
    doors = Doors()
    kind = ProbeKind("slow", ProbeOptions, doors.probe)
    async with httpx.AsyncClient(verify=False) as client:
        runner = Runner(client, {}, Redactor(), lambda: datetime.now(UTC))
        attempt = await runner.run_attempt(spec(kind, "late", 0.05), 1)
    assert attempt.finding.reason is Reason.TIMEOUT
    assert attempt.finding.details == {"turn": 0}
