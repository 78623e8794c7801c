"""Nothing of a started server survives its check, whatever ends the check."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from analytics.model import Reason
from collector.probes.mcp_processes import MARK, ProcessTree
from tests.collector.probes.mcp.checking import SERVERS, Checker, scripted
from tests.plugins.ports import wait_until

ROOT = SERVERS.parent.parent
linux = pytest.mark.skipif(sys.platform != "linux", reason="what leaves its group is found in /proc alone")
EVERY = ["server/discover", "initialize", "tools/list"]


async def test_nothing_is_left(mcp: Checker) -> None:
    """Of a server alone, with a child, with one that left the group, and of one that ignores SIGTERM; after
    a pass, after the deadline, after its own exit, and after an error."""
    kinds: list[dict[str, Any]] = [{}, {"child": "group"}, {"stubborn": True, "child": "group"}]
    if sys.platform == "linux":
        kinds += [{"child": "stray"}, {"stubborn": True, "child": "stray"}]
    ends: dict[Reason, dict[str, Any]] = {
        Reason.OK: {},
        Reason.TIMEOUT: {"timeout": 4, "ignore": EVERY},
        Reason.EXITED: {"exit_on": "tools/list"},
        Reason.UNHEALTHY: {"errors": {"tools/list": [-32603, "no"]}},
    }
    wanted = [(reason, {**kind, **end}) for reason, end in ends.items() for kind in kinds]
    checks = [mcp.beside().scripted(**{"timeout": 20, **script}) for _, script in wanted]
    attempts = await asyncio.gather(*checks)
    assert [attempt.finding.reason for attempt in attempts] == [reason for reason, _ in wanted]
    assert mcp.left_behind() == []


@pytest.mark.parametrize(
    ("script", "reason"),
    [({}, Reason.OK), ({"errors": {"tools/list": [-32603, "no"]}}, Reason.UNHEALTHY)],
    ids=["a pass", "an error"],
)
async def test_a_server_that_will_not_leave_takes_nothing_back(
    mcp: Checker, script: dict[str, Any], reason: Reason
) -> None:
    """The deadline is for the answers; ending the server may take longer and changes nothing."""
    attempt = await mcp.scripted(timeout=1.5, stubborn=True, child="group", **script)
    assert attempt.finding.reason is reason
    assert attempt.duration_ms > 1000


async def test_the_deadline_is_kept_with_a_server_that_will_not_leave(mcp: Checker) -> None:
    began = time.monotonic()
    await mcp.scripted(timeout=1, ignore=EVERY, stubborn=True)
    assert time.monotonic() - began < 15


async def test_a_check_that_is_cancelled_again_and_again(mcp: Checker, tmp_path: Path) -> None:
    """The collector is stopped in the middle of a check, and again: the server still may end in order."""
    note = tmp_path / "farewell"
    task = asyncio.create_task(mcp.scripted(ignore=EVERY, child="group", farewell=str(note)))
    await until(lambda: len(mcp.left_behind()) == 2)
    for _ in range(5):
        task.cancel()
        await asyncio.sleep(0.02)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert mcp.left_behind() == []
    assert note.read_text() == "bye"


async def test_cancelled_at_any_moment(mcp: Checker) -> None:
    """Cancelled after 0, 1, 2 … turns of the event loop: no moment leaks a process or a descriptor."""
    await mcp.scripted()
    before = descriptors()
    for turns in range(0, 40, 2):
        task = asyncio.create_task(mcp.scripted())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert mcp.left_behind() == []
    assert descriptors() == before


async def test_no_descriptor_is_left_open(mcp: Checker) -> None:
    await mcp.scripted()
    before = descriptors()
    for script in ({}, {"exit_on": "start"}, {"noise": "x" * 70_000}, {"era": "legacy"}):
        await mcp.scripted(**script)
    await mcp.check(command="no-such-program-here")
    assert descriptors() == before


@pytest.mark.parametrize("moment", ["the check", "its end"])
def test_a_loop_that_ends_in_the_middle_of(moment: str, tmp_path: Path) -> None:
    """`asyncio.run` cancels everything at once, the clean-up too; what it cannot wait for it kills."""
    program = f"""
import asyncio, sys, httpx
from tests.collector.probes.mcp.checking import checker

async def main():
    async with httpx.AsyncClient(verify=False) as client:
        checks = checker(client)
        checks.mark = sys.argv[1]
        task = asyncio.create_task(checks.scripted(ignore={EVERY!r}, stubborn=True, child="group"))
        while len(checks.left_behind()) < 2:
            await asyncio.sleep(0.02)
        if sys.argv[2] == "its end":
            task.cancel()
            while not any("wind_down" in repr(other) for other in asyncio.all_tasks()):
                await asyncio.sleep(0)

asyncio.run(main())
"""
    path = tmp_path / "program.py"
    path.write_text(program)
    mark = f"{tmp_path.name} {os.getpid()}"
    done = subprocess.run(
        [sys.executable, str(path), mark, moment],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert not marked("HEALTH_TEST_RUN", mark)


@linux
def test_orphans_leave_no_zombies_where_they_fall_to_the_collector() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.servers.subreaper", json.dumps(scripted(child="group"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["ok", []]


@linux
def test_the_tree_knows_its_own_and_no_others() -> None:
    """A process of another session that carries the mark belongs to it; one that does not, does not."""
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]

    def start(mark: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(sleep, env={**os.environ, MARK: mark}, start_new_session=True)

    leader, stray, foreign = start("mine"), start("mine"), start("other")
    try:
        tree = ProcessTree(leader, "mine")
        wait_until(lambda: tree.living() == {leader.pid, stray.pid}, "both to show in /proc")
        tree.send(signal.SIGKILL)
        wait_until(tree.is_gone, "the end of the tree")
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()
        stray.wait()


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


def descriptors() -> int:
    return psutil.Process().num_fds()


def marked(name: str, value: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(name) == value:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found
