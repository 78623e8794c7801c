"""What a receiver takes in, as a user runs it: in a collector that probes meanwhile, sent by another process.

Series after series: large batches, many small senders, traces. While each runs, 16 services are probed every
second; their recorded latencies are compared with the server's own measure. At the end the file is counted:
every row that was acknowledged has to be in it, once. Run it with `python -m bench.ingest`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from bisect import bisect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from analytics.db import FileLocation, read_only
from bench.figure import Figure, table
from bench.ingest_bodies import HOSTS
from bench.ingest_load import SERIES
from bench.loop_lag import LagSeen
from bench.slow_server import REPORT_PATH
from tests.plugins.ports import free_port, wait_until

SECONDS = 10.0
SERVICES = 16
_TOKEN = "a-token-for-the-bench-alone"
_ROWS = {"ndjson": 50_000, "gzip": None, "protobuf": 10_000, "protobuf-large": 10_000, "json": None}
_NAMES = {
    "ndjson": "NDJSON, 20,000 rows a request: rows until committed",
    "gzip": "the same, gzip: rows until committed",
    "protobuf": "OTLP protobuf, 512 spans a request: spans until committed",
    "protobuf-large": "OTLP protobuf, 8,192 spans a request: spans until committed",
    "json": "OTLP JSON, 512 spans a request: spans until committed",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What the senders of one series saw; `taken_ms` is sorted. `cpu_seconds` is what the collector used."""

    name: str
    rows: int
    seconds: float
    taken_ms: Sequence[float]
    answers: dict[str, int]
    began: float
    ended: float
    cpu_seconds: float


def measure(series: Sequence[str] = tuple(SERIES), seconds: float = SECONDS) -> list[Figure]:
    """All figures; about half a minute for each series."""
    with tempfile.TemporaryDirectory(prefix="health-bench-") as folder, _probed() as server_port:
        location = FileLocation(Path(folder) / "health.duckdb")
        figures: list[Figure] = []
        with _collector(Path(folder), location, server_port) as (process, port):
            lag = LagSeen(port)
            all_sent = []
            for name in series:
                print(f"ingest: {name} ...", file=sys.stderr, flush=True)
                sent = _send(name, process.pid, port, seconds, lag)
                all_sent.append(sent)
                figures += _of_series(sent)
            figures += [*lag.figures(), *_memory(process.pid)]
            process.terminate()
            process.wait(60)
        report = json.loads(_get(server_port, REPORT_PATH))
        return [*figures, *_counted(location, all_sent), *_probes(location, report, all_sent)]


@contextmanager
def _probed() -> Iterator[int]:
    """The port of the server that is probed."""
    command = [sys.executable, "-m", "bench.slow_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


@contextmanager
def _collector(
    folder: Path, location: FileLocation, server_port: int
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A collector as a user starts it, and the port of its receiver."""
    port = free_port()
    (folder / "services.toml").write_text(_configuration(server_port))
    command = [sys.executable, "-m", "collector", "--config", str(folder / "services.toml")]
    environment = {**os.environ, "HEALTH_TOKEN": _TOKEN, "HEALTH_LISTEN": f"127.0.0.1:{port}"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--db", str(location.path)], env=environment, stderr=log)
    try:
        wait_until(lambda: process.poll() is not None or _listens(port), "the collector", 30)
        assert process.poll() is None, (folder / "log").read_text()
        yield process, port
    finally:
        process.kill()
        process.wait()


def _configuration(server_port: int) -> str:
    """Services that are probed every second, and APIs that are judged by what is sent."""
    lines = ["[collector]", 'interval = "60s"', "canary = []", "[receiver]", 'token = "${HEALTH_TOKEN}"']
    lines += ["[traces.hosts]", *(f'"{host}" = "{api}"' for api, host in HOSTS.items())]
    for number in range(SERVICES):
        lines += _service("infrastructure", f"s{number}", server_port, 'interval = "1s"')
    for api in HOSTS:
        lines += _service("api", api, server_port)
    return "\n".join(lines)


def _service(kind: str, name: str, port: int, *more: str) -> list[str]:
    url = f"http://127.0.0.1:{port}/{name}"
    return ["[[services]]", f'type = "{kind}"', f'name = "{name}"', 'probe = "http"', f'url = "{url}"', *more]


def _send(name: str, pid: int, port: int, seconds: float, lag: LagSeen) -> Sent:
    """One series, from its start to the last answer."""
    command = [sys.executable, "-m", "bench.ingest_load", name, str(port), str(seconds)]
    environment = {**os.environ, "HEALTH_TOKEN": _TOKEN}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as load:
        assert load.stdin is not None
        assert load.stdout is not None
        assert load.stdout.readline() == "ready\n"
        began, used = time.time(), _cpu_seconds(pid)
        with lag.watching(name):
            load.stdin.write("go\n")
            load.stdin.flush()
            told: dict[str, Any] = json.loads(load.stdout.readline())
    answers, used = told["answers"], _cpu_seconds(pid) - used
    print(f"ingest: {name}: {told['rows']:,} rows in {told['seconds']:.1f} s, {answers}", file=sys.stderr)
    return Sent(name, told["rows"], told["seconds"], told["taken_ms"], answers, began, time.time(), used)


def _of_series(sent: Sent) -> list[Figure]:
    cost = Figure(
        "processor time of the collector for each of them", 1e6 * sent.cpu_seconds / sent.rows, "µs"
    )
    if sent.name in _ROWS:
        rate = sent.rows / sent.seconds
        return [Figure(_NAMES[sent.name], rate, "rows/s", _ROWS[sent.name], lower_is_better=False), cost]
    hundredths = quantiles(sent.taken_ms, n=100)
    what = f"{SERIES[sent.name].senders} senders at once, {SERIES[sent.name].rows} rows each: until committed"
    return [
        Figure(f"{what}, median", hundredths[49], "ms"),
        Figure(f"{what}, 99 %", hundredths[98], "ms", 2000),
        Figure(f"{what}, worst", sent.taken_ms[-1], "ms"),
        Figure(f"{what}, rows", sent.rows / sent.seconds, "rows/s", lower_is_better=False),
        cost,
    ]


def _counted(location: FileLocation, all_sent: Sequence[Sent]) -> list[Figure]:
    with read_only(location) as connection:
        rows, ids = connection.execute(
            "SELECT count(*), count(DISTINCT id) FROM api_metrics WHERE origin IS DISTINCT FROM 'probe'"
        ).fetchall()[0]
    acknowledged = sum(sent.rows for sent in all_sent)
    other = sum(count for sent in all_sent for status, count in sent.answers.items() if status != "200")
    return [
        Figure("rows acknowledged", acknowledged, ""),
        Figure("of these not in the file", max(0, acknowledged - ids), "", 0),
        Figure("in the file twice, or never acknowledged", max(rows - ids, rows - acknowledged), "", 0),
        Figure("answers that were no 200 (asked to come again)", other, ""),
        Figure("the file afterwards", location.path.stat().st_size / 1e6, "MB"),
    ]


def _probes(
    location: FileLocation, report: dict[str, list[tuple[float, float]]], all_sent: Sequence[Sent]
) -> list[Figure]:
    """Checks of the services that were probed every second, while something was sent."""
    with read_only(location) as connection:
        checks = connection.execute(
            "SELECT service_name, epoch(timestamp), response_time_ms, status FROM integration_health_checks "
            "WHERE service_type = 'infrastructure'"
        ).fetchall()
    during = [check for check in checks if any(sent.began <= check[1] <= sent.ended for sent in all_sent)]
    beyond = sorted(
        milliseconds - _served_ms(report[f"/{name}"], moment)
        for name, moment, milliseconds, status in during
        if status == "healthy"
    )
    expected = SERVICES * sum(int(sent.ended - sent.began) for sent in all_sent)
    hundredths = quantiles(beyond, n=100)
    return [
        Figure("checks meanwhile, of those due each second", 100 * len(during) / expected, "%"),
        Figure("checks meanwhile without a healthy verdict", len(during) - len(beyond), "", 0),
        Figure("their latency beyond the server's own measure, median", hundredths[49], "ms"),
        Figure("their latency beyond the server's own measure, 99 %", hundredths[98], "ms"),
        Figure("their latency beyond the server's own measure, worst", beyond[-1], "ms"),
        Figure("their latency below the server's own measure, worst", max(0.0, -beyond[0]), "ms", 20),
    ]


def _served_ms(requests: Sequence[tuple[float, float]], moment: float) -> float:
    """What the server measured of the first of `requests` that came after `moment`; clocks tick in ms."""
    place = bisect(requests, moment - 0.002, key=lambda request: request[0])
    return requests[min(place, len(requests) - 1)][1]


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process (Linux: fields 14 and 15 of /proc/PID/stat, in ticks)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> list[Figure]:
    """Resident memory (Linux: VmRSS and VmHWM in /proc, in kB)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith("Vm")}
    return [
        Figure("resident memory of the collector after all this", kilobytes["VmRSS"] / 1000, "MB"),
        Figure("at its highest", kilobytes["VmHWM"] / 1000, "MB"),
    ]


def _listens(port: int) -> bool:
    try:
        _get(port, "/healthz")
    except OSError as error:
        return isinstance(error, urllib.error.HTTPError)
    return True


def _get(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        body: bytes = answer.read()
    return body


if __name__ == "__main__":
    print(table(measure(sys.argv[1:] or tuple(SERIES))))
