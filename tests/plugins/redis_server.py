"""A real Redis for tests."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.need import program
from tests.plugins.ports import answers, free_port, wait_until

PASSWORD = "redis-test-password"  # the server of one test run on loopback


@dataclass
class RedisServer:
    """A running redis-server with a password; `stop` and `start` it at will."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def start(self, *more: str) -> None:
        """Start it with the arguments of `more` beside its own; paths in them may be relative to `folder`."""
        command = [program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--requirepass", PASSWORD, "--save", "", "--dir", str(self.folder), *more]
        self.process = subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(lambda: answers(self.port), "redis-server")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A fresh Redis of this test's own."""
    server = RedisServer(tmp_path, free_port())
    server.start()
    yield server
    server.stop()
