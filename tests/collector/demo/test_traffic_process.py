"""The process that makes the traffic lives exactly as long as its parent, and keeps its token to itself."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.plugins.ports import free_port, wait_until

ROOT = Path(__file__).parents[3]
TOKEN = "a-token-that-nobody-sees"

#: Nobody listens at any of the addresses: the traffic has to live with that.
_PARENT = f"""
import asyncio
from types import SimpleNamespace
from collector.demo import running_traffic
from collector.demo.services import APIS
from collector.demo.stage import ScriptClock

async def main():
    nobody = "http://127.0.0.1:{free_port()}"
    addresses = {{f"api/{{api.name}}": nobody for api in APIS}}
    upstreams = SimpleNamespace(addresses=addresses, clock=ScriptClock())
    async with running_traffic(upstreams, nobody, "{TOKEN}") as traffic:
        print(traffic.child.process.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def test_it_dies_with_its_parent_even_when_that_is_killed():
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        text=True,
    )
    try:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert TOKEN not in " ".join(child.cmdline())
        assert TOKEN not in child.environ().values()
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "its end", 10)
    finally:
        parent.kill()
        parent.wait()
        assert parent.stdout is not None
        parent.stdout.close()
