"""Programs as users run them: what is imported, what is sent at the end, forks and workers."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.collector.client.receiving import receiving, reporting_threads

ROOT = Path(__file__).parents[3]
ROW = "{'api_name': 'shop', 'endpoint': '/x', 'method': 'GET'}"


def run(code: str, url: str = "http://127.0.0.1:1") -> subprocess.CompletedProcess[str]:
    return run_program("-c", code, url=url)


def run_program(*arguments: str, url: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "HEALTH_COLLECTOR_URL": url,
        "HEALTH_TOKEN": "a-token-of-the-test",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_import_brings_httpx_and_nothing_else() -> None:
    code = """
import sys, httpx
before = set(sys.modules)
import collector.client
brought = {name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)
print(sorted(brought))
"""
    done = run(code)
    assert (done.stdout, done.stderr) == ("['analytics', 'collector']\n", "")
    modules = run("import collector.client, sys; print([name for name in sys.modules if '.' in name])")
    assert "'analytics.ids'" in modules.stdout
    assert "analytics.model" not in modules.stdout
    assert "collector.config" not in modules.stdout


def test_a_program_that_ends_at_once_has_reported() -> None:
    with receiving() as receiver:
        done = run(
            f"from collector.client import default_reporter; default_reporter().record_call({ROW})",
            receiver.url,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert len(receiver.stored) == 1


def test_a_program_that_fails_has_reported() -> None:
    with receiving() as receiver:
        run(
            f"from collector.client import default_reporter; default_reporter().record_call({ROW}); 1 / 0",
            receiver.url,
        )
        assert len(receiver.stored) == 1


def test_without_a_collector_a_program_ends_as_it_would() -> None:
    started = time.monotonic()
    done = run(
        f"from collector.client import default_reporter; default_reporter().record_call({ROW}); print('done')"
    )
    assert (done.returncode, done.stdout) == (0, "done\n")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("the collector cannot be reached")
    assert time.monotonic() - started < 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_starts_with_an_empty_queue_and_its_own_thread() -> None:
    code = f"""
import os, sys
from collector.client import default_reporter
reporter = default_reporter()
reporter.record_call({{**{ROW}, "origin": "parent"}})
child = os.fork()
if child == 0:
    assert reporter.waiting == 0 and reporter._thread is None
    reporter.record_call({{**{ROW}, "origin": "child"}})
    sys.exit(0)
reporter.record_call({{**{ROW}, "origin": "parent"}})
os.waitpid(child, 0)
"""
    with receiving() as receiver:
        done = run(code, receiver.url)
        assert (done.returncode, done.stderr) == (0, "")
        assert sorted(row["origin"] for row in receiver.stored.values()) == ["child", "parent", "parent"]
        assert sum(len(request.rows) for request in receiver.arrived) == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_while_rows_are_on_their_way_harms_neither_side() -> None:
    code = f"""
import os, sys
from collector.client import default_reporter
reporter = default_reporter()
children = []
for number in range(8):
    for _ in range(200):
        reporter.record_call({{**{ROW}, "origin": "parent"}})
    child = os.fork()
    if child == 0:
        for _ in range(20):
            reporter.record_call({{**{ROW}, "origin": "child"}})
        sys.exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
"""
    with receiving() as receiver:
        done = run(code, receiver.url)
        assert (done.returncode, done.stderr) == (0, "")
        origins = [row["origin"] for row in receiver.stored.values()]
    assert (origins.count("parent"), origins.count("child")) == (1600, 160)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_worker_of_multiprocessing_reports_before_it_ends(method: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(f"""
import multiprocessing
from collector.client import default_reporter

def work():
    default_reporter().record_call({ROW})

if __name__ == "__main__":
    worker = multiprocessing.get_context({method!r}).Process(target=work)
    worker.start()
    worker.join()
""")
    with receiving() as receiver:
        done = run_program(str(program), url=receiver.url)
        assert done.stderr == ""
        assert len(receiver.stored) == 1


def test_an_asyncio_program_reports() -> None:
    code = """
import asyncio
from collector.client import ApiClient, RetryPolicy

async def main():
    async with ApiClient("shop", retry=RetryPolicy(retries=0)) as client:
        try:
            await client.get("http://127.0.0.1:1/orders/42")
        except Exception as error:
            print(type(error).__name__)

asyncio.run(main())
"""
    with receiving() as receiver:
        done = run(code, receiver.url)
        assert (done.stdout, done.stderr) == ("ConnectError\n", "")
        (row,) = receiver.stored.values()
    assert (row["reason"], row["endpoint"], row["origin"]) == ("connect", "/orders/{id}", "python")


def test_a_wrong_address_in_the_environment_is_said_once_and_ends_no_program() -> None:
    code = f"""
from collector.client import SyncApiClient, default_reporter
SyncApiClient("shop"), SyncApiClient("openai")
default_reporter().record_call({ROW})
print("done", default_reporter().waiting)
"""
    done = run(code, "127.0.0.1:18600")
    assert (done.returncode, done.stdout) == (0, "done 0\n")
    assert done.stderr == (
        'HEALTH_COLLECTOR_URL is "127.0.0.1:18600", which lacks http://; '
        "http://127.0.0.1:18600 would be right; until then nothing is reported\n"
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_during_the_trial_of_a_circuit_has_a_trial_of_its_own() -> None:
    code = """
import os
from datetime import UTC, datetime
from collector.client import CircuitBreaker
time, now = [0.0], datetime.now(UTC)
breaker = CircuitBreaker(failures=1, clock=lambda: time[0])
breaker.leave(breaker.enter("shop", now), True)
time[0] = 30.0
trial = breaker.enter("shop", now)
child = os.fork()
permit = breaker.enter("shop", now) if child == 0 else trial
breaker.leave(permit, False)
assert permit.trial and breaker.state == "closed"
if child:
    assert os.waitpid(child, 0)[1] == 0
"""
    done = run(code)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_thread_of_a_reporter_is_left_behind() -> None:
    assert reporting_threads() == []
