"""The collector under fire, as the user runs it: a process of its own whose memory and files can be seen."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.collector.receiver.fuzz_deliveries import BROKEN_UPSTREAM, WITHOUT_SECRET
from tests.collector.receiver.fuzz_shots import TOKEN
from tests.collector.receiver.fuzz_traces import API, HOST
from tests.collector.running import http_service, running, write_configuration
from tests.collector.webhooks.signing import SECRETS
from tests.plugins.ports import answers, free_port, wait_until

_SOURCE = '\n[[services]]\ntype = "webhook"\nname = "{name}"\nprobe = "webhook"\n{options}\n'


@dataclass(frozen=True)
class Target:
    """A running collector with its receiver on `port`; its folder has the log and the database."""

    pid: int
    port: int
    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "data" / "health.duckdb"

    @property
    def log(self) -> str:
        return (self.folder / "collector.log").read_text(errors="replace")

    def open_files(self) -> int:
        """Its file descriptors, connections among them."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def resident_bytes(self) -> int:
        """The memory it holds now."""
        return self._status("VmRSS")

    def forget_peak(self) -> None:
        """Begin anew to watch for the most memory it held."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def peak_bytes(self) -> int:
        """The most memory it held since `forget_peak`."""
        return self._status("VmHWM")

    def _status(self, name: str) -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"no {name}")


@contextmanager
def under_fire(folder: Path) -> Iterator[Target]:
    """A collector in `folder` that takes deliveries, traces and rows, and probes one service."""
    port = free_port()
    write_configuration(folder, _services(), interval="2s")
    secrets = {f"{scheme.upper()}_SECRET": secret for scheme, secret in SECRETS.items()}
    address = f"127.0.0.1:{port}"
    with running([], folder, HEALTH_LISTEN=address, HEALTH_TOKEN=TOKEN, **secrets) as process:
        wait_until(lambda: answers(port) or process.poll() is not None, "the receiver", 30)
        target = Target(process.pid, port, folder)
        assert process.poll() is None, target.log
        yield target
        assert process.poll() is None, target.log


def _services() -> str:
    sources = {scheme: f'secret = "${{{scheme.upper()}_SECRET}}"' for scheme in SECRETS}
    sources[WITHOUT_SECRET] = 'secret = "${NOWHERE_SET}"'
    upstream = f"http://127.0.0.1:{free_port()}/"
    sources[BROKEN_UPSTREAM] = f'secret = "${{STANDARD_SECRET}}"\nupstream = "{upstream}"'
    webhooks = [_SOURCE.format(name=name, options=options) for name, options in sources.items()]
    service = http_service("gone", f"http://127.0.0.1:{free_port()}/")
    return "".join([service, *webhooks]) + f'\n[traces]\nhosts = {{ "{HOST}" = "{API}" }}\n'
