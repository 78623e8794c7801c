"""Starts `python -m collector` as a user would: a process of its own, a folder of its own."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Finished:
    """How a command ended."""

    code: int
    out: str
    err: str


def command(
    arguments: Sequence[str], folder: Path, largest_file: int | None = None, **environment: str
) -> Finished:
    """Run the collector with `arguments` in `folder` to its end.

    `largest_file` is a limit in bytes that no file may grow beyond: a disk that is full.
    """

    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    done = subprocess.run(
        [sys.executable, "-m", "collector", *arguments],
        cwd=folder,
        env=_environment(environment),
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=limit,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@contextmanager
def running(arguments: Sequence[str], folder: Path, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """A collector that runs until the block ends; its log goes to `collector.log` in `folder`."""
    with (folder / "collector.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "collector", *arguments],
            cwd=folder,
            env=_environment(environment),
            stdout=log,
            stderr=log,
            text=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


def _environment(extra: dict[str, str]) -> dict[str, str]:
    """Every collector listens on a port of its own, so that several run side by side."""
    house = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "HEALTH_LISTEN": "127.0.0.1:0"}
    return {**os.environ, **house, **extra}


def write_configuration(folder: Path, services: str, interval: str = "1s") -> Path:
    """A services.toml in `folder` with `services` as its entries."""
    path = folder / "services.toml"
    collector = (
        f'[collector]\ninterval = "{interval}"\ntimeout = "0.5s"\ncanary = []\nretry_interval = "0.1s"\n'
    )
    path.write_text(collector + services)
    return path


def http_service(name: str, url: str) -> str:
    """One `[[services]]` entry that checks `url`."""
    return f'\n[[services]]\ntype = "infrastructure"\nname = "{name}"\nprobe = "http"\nurl = "{url}"\n'
