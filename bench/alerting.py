"""How soon somebody is told: a real collector at its shipped settings, services that die, a real receiver.

Five services die at once: an HTTP server, a Chatwoot and a Redis that are killed, and an HTTP server and a
Chatwoot that still accept connections and say nothing. Measured from the first failing answer (the first
attempt that failed) to the incident in the file, and to the page the receiver of PagerDuty's kind accepted.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from analytics.db import DatabaseError, FileLocation, read_only
from bench.figure import Figure, table
from tests.plugins.ports import answers, free_port, wait_until

_PATIENCE_SECONDS = 240
_INCIDENT_LIMIT, _PAGE_LIMIT = 30.0, 60.0
_KEY = "0123456789abcdef0123456789abcdef"

#: The intervals, timeouts and rules are those that services.toml ships: nothing is said about them here.
_CONFIGURATION = """
[channels.oncall]
kind = "pagerduty"
url = "http://127.0.0.1:{receiver}/v2/enqueue"
routing_key = "{key}"

[[services]]
type = "infrastructure"
name = "site"
probe = "http"
url = "http://127.0.0.1:{site}/"

[[services]]
type = "infrastructure"
name = "silent"
probe = "http"
url = "http://127.0.0.1:{silent}/"

[[services]]
type = "infrastructure"
name = "redis"
probe = "redis"
url = "redis://127.0.0.1:{redis}/0"

[[services]]
type = "api"
name = "chatwoot"
probe = "chatwoot"
url = "http://127.0.0.1:{chatwoot}"
access_token = "token"

[[services]]
type = "api"
name = "mute"
probe = "chatwoot"
url = "http://127.0.0.1:{mute}"
access_token = "token"
"""


@dataclass
class Pages:
    """What the receiver accepted: when, by the name of the service."""

    accepted: dict[str, datetime] = field(default_factory=dict)


def measure() -> list[Figure]:
    """Seconds, the worst of the services of each kind."""
    with tempfile.TemporaryDirectory() as text, ExitStack() as open_:
        folder = Path(text)
        pages = Pages()
        ports = {
            "receiver": open_.enter_context(_listening(lambda handler: _accept(handler, pages))),
            "silent": free_port(),
            "mute": free_port(),
            "redis": free_port(),
        }
        victims = [
            open_.enter_context(_victim("site", ports)),
            open_.enter_context(_victim("chatwoot", ports)),
            open_.enter_context(_redis(folder, ports["redis"])),
        ]
        silent = [
            open_.enter_context(_process("site", ports["silent"])),
            open_.enter_context(_process("chatwoot", ports["mute"])),
        ]
        (folder / "services.toml").write_text(_CONFIGURATION.format(key=_KEY, **ports))
        open_.enter_context(_collector(folder))
        location = FileLocation(folder / "health.duckdb")
        wait_until(
            lambda: _healthy(location) == len(_NAMES), "a first good check of each service", _PATIENCE_SECONDS
        )
        for victim in victims:
            victim.kill()
        for process in silent:
            process.send_signal(signal.SIGSTOP)
        wait_until(lambda: len(pages.accepted) == len(_NAMES), "a page of each", _PATIENCE_SECONDS)
        return _figures(location, pages)


def _figures(location: FileLocation, pages: Pages) -> list[Figure]:
    with read_only(location) as connection:
        rows = connection.execute(
            "SELECT service_type || '/' || service_name, began_at, created_at FROM integration_incidents"
        ).fetchall()
        failed = dict(connection.execute(_FIRST_FAILURES).fetchall())
    found = {name: (failed[name], created) for name, _, created in rows}
    figures = []
    for kind, names in _KINDS.items():
        incident = max((found[name][1] - found[name][0]).total_seconds() for name in names)
        page = max((pages.accepted[name] - found[name][0]).total_seconds() for name in names)
        figures.append(Figure(f"{kind}: first failing answer → incident", incident, "s", _INCIDENT_LIMIT))
        figures.append(Figure(f"{kind}: first failing answer → page accepted", page, "s", _PAGE_LIMIT))
    return figures


_KINDS = {
    "dead service (HTTP, Redis)": ["infrastructure/site", "infrastructure/redis"],
    "silent service (every attempt runs into its timeout)": ["infrastructure/silent"],
    "dead API": ["api/chatwoot"],
    "silent API": ["api/mute"],
}
_NAMES = [name for names in _KINDS.values() for name in names]
#: The end of the first attempt that failed: the second one follows at once, and every row bears its start.
_FIRST_FAILURES = """
SELECT service_type || '/' || service_name, min(timestamp)
FROM integration_health_checks
WHERE attempt = 2
GROUP BY ALL
"""


def _healthy(location: FileLocation) -> int:
    try:
        with read_only(location) as connection:
            row = connection.execute(
                "SELECT count(DISTINCT service_name) FROM integration_health_checks WHERE status = 'healthy'"
            ).fetchone()
    except DatabaseError:
        return 0
    return int(row[0]) if row else 0


def _accept(handler: BaseHTTPRequestHandler, pages: Pages) -> tuple[int, Any]:
    body = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
    if body["event_action"] == "trigger":
        pages.accepted.setdefault(body["payload"]["source"], datetime.now(UTC))
    return 202, {"status": "success", "message": "Event processed", "dedup_key": body["dedup_key"]}


@contextmanager
def _listening(answer: Any) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, content = answer(self)
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()


@contextmanager
def _victim(name: str, ports: dict[str, int]) -> Iterator[subprocess.Popen[bytes]]:
    ports[name] = free_port()
    with _process(name, ports[name]) as process:
        yield process


@contextmanager
def _process(name: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "bench.alerting_victim", name, str(port)])
    try:
        wait_until(lambda: answers(port), name)
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def _redis(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("the bench of alerting needs redis-server")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port), "redis-server")
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def _collector(folder: Path) -> Iterator[None]:
    environment = {**os.environ, "HEALTH_LISTEN": "127.0.0.1:0", "HEALTH_DB": str(folder / "health.duckdb")}
    command = [sys.executable, "-m", "collector", "--config", str(folder / "services.toml")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


if __name__ == "__main__":
    started = time.perf_counter()
    print(table(measure()), f"\n{time.perf_counter() - started:.0f} s")
