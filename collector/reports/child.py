"""Makes one report in a process of its own: drawing needs some 200 MB that the collector must not keep."""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from analytics.db import LakeLocation, Location
from collector.reports.periods import Period
from collector.reports.recording import MadeReport

_TIMEOUT_SECONDS = 300.0
_LONGEST_REASON = 300


class ReportFailed(Exception):
    """The report could not be made; the text is one line."""


async def make_in_child(
    command: Sequence[str],
    period: Period,
    folder: Path,
    timeout: float = _TIMEOUT_SECONDS,
    location: Location | None = None,
) -> MadeReport:
    """Run `command` (`python -m collector report`) for `period`; its files are in `folder` when this returns.

    It is told of the database at `location` through its environment: a lake's has a password in it, and
    anybody may see arguments. Raises `ReportFailed` when it fails or takes longer than
    `timeout` seconds. No child outlives it.
    """
    arguments = [period.kind.value, "--at", period.end.isoformat(), "--out", str(folder)]
    try:
        child = await asyncio.create_subprocess_exec(
            *command,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **_database(location)},
            start_new_session=True,  # Ctrl-C is for the collector, which ends its child itself
        )
    except OSError as error:
        raise ReportFailed(f"{command[0]} cannot be started: {error.strerror}") from None
    try:
        async with asyncio.timeout(timeout):
            output, errors = await child.communicate()
    except TimeoutError:
        raise ReportFailed(f"took longer than {timeout:g} s") from None
    finally:
        await _end(child)
    if child.returncode != 0:
        raise ReportFailed(_last_line(errors) or f"ended with exit code {child.returncode}")
    base = folder / period.label
    headline, _, _ = output.decode("utf-8", "replace").partition("\n")
    if not headline or not base.with_name(f"{base.name}.md").exists():
        raise ReportFailed("ended without a report")
    return MadeReport(period, base, headline)


def _database(location: Location | None) -> dict[str, str]:
    if location is None:
        return {}
    if isinstance(location, LakeLocation):
        return {
            "HEALTH_DB": f"ducklake:postgres:{location.connection}",
            "HEALTH_DATA_PATH": str(location.data_path),
        }
    return {"HEALTH_DB": str(location.path.absolute())}


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await asyncio.shield(child.wait())


def _last_line(errors: bytes) -> str:
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:_LONGEST_REASON] if lines else ""
