"""Rehearsals of changed rules, one after the other in a process of their own, so that no page waits for one.

    rehearsing.ask(job)      begins it, unless it was begun before
    rehearsing.look(job)     how far it is

A thread waits for the process. What that read serves the next rehearsals too; it is large, so the process
ends when nobody asked for a few minutes. Of what came of a rehearsal only a few figures are kept.
"""

import logging
import os
import pickle
import queue
import subprocess
import sys
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

from pages._ui.alerts.rehearsal import Progress, Settings, Wanted

#: The process is kept so long after it was asked last, in seconds.
_IDLE_SECONDS = 120.0

_KEPT = 12
_MOST_WAITING = 4

_ROOT = str(Path(__file__).resolve().parents[3])
_COMMAND = [sys.executable, "-m", "pages._ui.alerts.rehearser"]

_log = logging.getLogger(__name__)

_jobs: OrderedDict[Wanted, Progress] = OrderedDict()
_waiting: "queue.Queue[Wanted]" = queue.Queue(_MOST_WAITING)
_lock = Lock()
_worker: Thread | None = None


def wanted(settings: Settings, basis: str) -> Wanted:
    """The rehearsal of `settings` with the database of this dashboard."""
    return Wanted((os.environ.get("HEALTH_DB", ""), os.environ.get("HEALTH_DATA_PATH", "")), settings, basis)


def look(job: Wanted) -> Progress | None:
    """How far it is; None when nobody asked for it, or so long ago that it is forgotten."""
    with _lock:
        return _jobs.get(job)


def ask(job: Wanted) -> None:
    """Begin it, unless it goes on or is done. One that failed is tried again."""
    global _worker
    with _lock:
        known = _jobs.get(job)
        if known is not None and not known.fault:
            return
        try:
            _waiting.put_nowait(job)
            _jobs[job] = Progress()
        except queue.Full:
            _jobs[job] = Progress(fault="Others are being rehearsed just now. Try again in a moment.")
        _jobs.move_to_end(job)
        _forget_oldest()
        if _worker is None:
            _worker = Thread(target=_work, name="rehearsals", daemon=True)
            _worker.start()


def _forget_oldest() -> None:
    for old in [job for job, progress in _jobs.items() if not progress.goes_on]:
        if len(_jobs) <= _KEPT:
            break
        del _jobs[old]


def _work() -> None:
    """One rehearsal after the other; when nobody asks any more the process ends, and the thread."""
    global _worker
    process: subprocess.Popen[bytes] | None = None
    while True:
        try:
            job = _waiting.get(timeout=_IDLE_SECONDS)
        except queue.Empty:
            with _lock:
                if not _waiting.empty():
                    continue
                _worker = None
            _end(process)
            return
        try:
            process = process or _started()
            _follow(job, process)
        except (OSError, EOFError, pickle.UnpicklingError):
            _log.exception("the process of rehearsals broke off")
            _note(job, Progress(fault="The rehearsal broke off; the dashboard's own log says more."))
            _end(process)
            process = None


def _follow(job: Wanted, process: subprocess.Popen[bytes]) -> None:
    """Tell the process what to rehearse, and note how far it is until it is done."""
    assert process.stdin is not None
    assert process.stdout is not None
    pickle.dump(job, process.stdin)
    process.stdin.flush()
    progress = Progress()
    while progress.goes_on:
        progress = pickle.load(process.stdout)  # noqa: S301 - from a process of our own
        _note(job, progress)


def _started() -> subprocess.Popen[bytes]:
    """The process. What it says of its faults goes to the dashboard's own log."""
    known = os.environ.get("PYTHONPATH", "")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in (_ROOT, known) if part)}
    environment.pop("HEALTH_TOKEN", None)  # it only reads
    return subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is None:
        return
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):  # what was not sent yet has nobody to read it
                stream.close()


def _note(job: Wanted, progress: Progress) -> None:
    with _lock:
        if job in _jobs:
            _jobs[job] = progress
