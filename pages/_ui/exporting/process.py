"""Starting and ending the process of an export."""

import logging
import os
import subprocess
import sys
from pathlib import Path

from pages._ui.exporting.asked import Chosen
from pages._ui.exporting.worker import asking

_log = logging.getLogger(__name__)

_ROOT = str(Path(__file__).resolve().parents[3])
#: Rows come through in large pieces: each costs the server a turn.
_PIPE = 1024 * 1024

_COMMAND = [sys.executable, "-m", "pages._ui.exporting.worker"]


def started(chosen: Chosen, target: Path | None, packed: bool = False) -> subprocess.Popen[bytes]:
    """The process at work, told what to do. Raises OSError when there can be no more processes."""
    known = os.environ.get("PYTHONPATH", "")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in (_ROOT, known) if part)}
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        _COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, pipesize=_PIPE
    )
    assert process.stdin is not None
    process.stdin.write(asking(chosen, target, packed))
    process.stdin.close()
    return process


def said(process: subprocess.Popen[bytes]) -> str:
    """What went wrong, in one line, of a process that ended; empty when nothing did."""
    assert process.stderr is not None
    lines = process.stderr.read().decode(errors="replace").split("\n")
    if process.wait() == 0:
        return ""
    told = [line for line in lines if line.strip()]
    if len(told) <= 1:
        return told[0] if told else "its process was ended"
    # A traceback.
    _log.error("an export went wrong:\n%s", "\n".join(told))
    return "something went wrong; the log of the dashboard says what"


def ended(process: subprocess.Popen[bytes]) -> None:
    """End it if it still runs, and close what it was read through."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
