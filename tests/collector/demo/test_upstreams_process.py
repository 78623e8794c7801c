"""The child process of the demo lives exactly as long as its parent."""

import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from collector.demo import running_upstreams
from tests.plugins.ports import answers, wait_until

ROOT = Path(__file__).parents[3]

_PARENT = """
import asyncio
from collector.demo import running_upstreams

async def main():
    async with running_upstreams() as upstreams:
        port = upstreams.addresses["stage"].rpartition(":")[2]
        print(upstreams.process.pid, port, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_at_the_end_of_the_block_the_child_is_gone_and_nobody_listens():
    async with running_upstreams() as upstreams:
        ports = [urlsplit(url).port for url in upstreams.addresses.values()]
        process = psutil.Process(upstreams.process.pid)
        assert process.is_running()
    assert not process.is_running()
    assert len(ports) == 17
    assert not any(answers(port) for port in ports)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_child_dies_with_its_parent_however_that_dies(how: signal.Signals):
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    try:
        assert parent.stdout is not None
        pid, port = map(int, parent.stdout.readline().split())
        child = psutil.Process(pid)
        assert answers(port)
        parent.send_signal(how)
        parent.wait()
        wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "its end", 10)
        assert not answers(port)
    finally:
        parent.kill()
        parent.wait()
        assert parent.stdout is not None
        parent.stdout.close()
