"""A thousand http services in one cycle: is it fast enough, and does no probe measure its own queue?

Run it with `python -m bench.many_services`. A server in another process takes a random 5 to 80 ms for each
request and keeps its own measure of it; the latency each check has in the database is compared with that.
"""

import asyncio
import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from analytics.db import FileLocation, migrate, read_only
from analytics.model import Basis, Policy, ServiceKey, ServiceType
from bench.figure import Figure, table
from bench.slow_server import REPORT_PATH
from collector.cycle import Cycle, Summary
from collector.judging import Judge
from collector.log import configure
from collector.network import Network
from collector.probes.base import ServiceSpec
from collector.probes.http import KIND, HttpOptions
from collector.probes.http_transport import probe_client
from collector.probes.runner import Runner
from collector.recorder import Recorder
from collector.secrets import Redactor

SERVICES = 1000


def measure(services: int = SERVICES) -> list[Figure]:
    """One whole cycle over `services` services, into a database file."""
    server = subprocess.Popen([sys.executable, "-m", "bench.slow_server"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        location = FileLocation(Path(folder) / "health.duckdb")
        migrate(location)
        try:
            port = int(server.stdout.readline())
            gc.collect()
            gc.freeze()
            return asyncio.run(_measure(port, services, location))
        finally:
            gc.unfreeze()
            server.terminate()
            server.wait()
            server.stdout.close()


async def _measure(port: int, services: int, location: FileLocation) -> list[Figure]:
    async with probe_client() as client:
        cycle = _cycle([_spec(port, f"s{number}") for number in range(services)], client, location)
        cpu = time.process_time()
        summary = await cycle.run()
        cpu_seconds = time.process_time() - cpu
    return _figures(summary, cpu_seconds, _measured_ms(location), await _served_ms(port))


def _spec(port: int, name: str) -> ServiceSpec:
    return ServiceSpec(
        key=ServiceKey(ServiceType.API, name),
        kind=KIND,
        options=HttpOptions(url=f"http://127.0.0.1:{port}/{name}"),
        interval=timedelta(minutes=1),
        timeout=timedelta(seconds=10),
        policy=Policy(Basis.PRESENT, 1000, 3000, 3, timedelta(minutes=5)),
    )


def _cycle(specs: list[ServiceSpec], client: httpx.AsyncClient, location: FileLocation) -> Cycle:
    log = configure(Redactor(), "json")
    return Cycle(
        specs=specs,
        interval=timedelta(minutes=1),
        retry_interval=timedelta(seconds=5),
        runner=Runner(client, {}, Redactor(), lambda: datetime.now(UTC)),
        network=Network([]),
        recorder=Recorder(location, Judge({}), log),
        log=log,
        collector="bench",
        version="",
    )


def _measured_ms(location: FileLocation) -> dict[str, float]:
    """Service → milliseconds, as the database has it."""
    with read_only(location) as connection:
        rows = connection.execute(
            "SELECT service_name, response_time_ms FROM integration_health_checks WHERE status = 'healthy'"
        ).fetchall()
    return dict(rows)


async def _served_ms(port: int) -> dict[str, float]:
    """Service → milliseconds, as the server measured its one request."""
    async with httpx.AsyncClient() as client:
        report = (await client.get(f"http://127.0.0.1:{port}{REPORT_PATH}")).json()
    return {path: requests[0][1] for path, requests in report.items()}


def _figures(
    summary: Summary, cpu_seconds: float, measured: Mapping[str, float], served: Mapping[str, float]
) -> list[Figure]:
    beyond = sorted(milliseconds - served[f"/{name}"] for name, milliseconds in measured.items())
    count = summary.services
    return [
        Figure(f"a cycle of {count} http services, written", summary.duration_ms / 1000, "s", 10),
        Figure("processor time of one check", 1000 * cpu_seconds / count, "ms"),
        Figure("checks without a healthy verdict", count - len(measured), "", 0),
        Figure("latency beyond the server's own measure, median", beyond[len(beyond) // 2], "ms"),
        Figure("latency beyond the server's own measure, 99 %", beyond[int(len(beyond) * 0.99)], "ms"),
        Figure("latency beyond the server's own measure, worst", beyond[-1], "ms", 20),
        Figure("latency below the server's own measure, worst", max(0.0, -beyond[0]), "ms", 20),
    ]


if __name__ == "__main__":
    print(table(measure()))
