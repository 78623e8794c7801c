"""A replay in several processes: the month is cut into stretches, and each is run by itself.

A run that begins in the middle knows nothing of what was in trouble then. From the first moment on at which
nothing is remembered in either, it is the same as the one that came from the beginning, which runs up to that
moment and takes over the rest.
"""

import gc
import multiprocessing
import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from analytics.replay.run import Run, Stretch

#: More processes would wait for the first one, which puts the stretches together.
MOST = 4
#: A stretch with fewer parts that tell is run sooner than a process is made, and what it found handed over.
FEWEST_PARTS = 1000
#: How much of all is done when this process has gone through its own stretch, and waits for the others.
_OWN_SHARE = 0.95
#: So many seconds longer than its own stretch took, it waits for another; then it does the work itself.
_LEAST_PATIENCE = 5.0


def processes() -> int:
    """How many processes a replay may take: one a core; only its own where there is no copying one."""
    if not hasattr(os, "sched_getaffinity") or multiprocessing.current_process().daemon:
        return 1
    return min(MOST, len(os.sched_getaffinity(0)))


def run_all(run: Run, count: int, most: int, progress: Callable[[float], None]) -> None:
    """`run` over all of its `count` parts, in at most `most` processes; the same whatever their number."""
    bounds = _bounds(run, count, most)
    own = 1.0 if len(bounds) == 2 else _OWN_SHARE
    started = time.monotonic()
    with _no_garbage(), _running(run, bounds[1:]) as others:
        for share in _to(run, bounds[1]):
            progress(own * share)
        # They began with this one and have as much to do.
        patience = _LEAST_PATIENCE + time.monotonic() - started
        for receive, end in zip(others, bounds[2:], strict=True):
            stretch = receive(patience)
            while run.part < end and not (stretch and run.join(stretch)):
                run.one(end)
            progress(own + (1.0 - own) * end / count)


def _bounds(run: Run, count: int, most: int) -> list[int]:
    """The begin of each stretch and the end of the last: with equally many parts that tell in each."""
    telling = run.attention.parts_that_tell
    stretches = max(1, min(most, len(telling) // FEWEST_PARTS))
    cuts = {int(telling[len(telling) * number // stretches]) for number in range(1, stretches)}
    return [0, *sorted(cuts - {0}), count]


@contextmanager
def _no_garbage() -> Iterator[None]:
    """A run makes no cycles, and to look for them takes a tenth of its time.

    It would also make each process copy what they share, to note that it is in use.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _to(run: Run, end: int) -> Iterator[float]:
    """The share that is done, from a hundredth to the whole."""
    begin = run.part
    for share in range(1, 101):
        run.to(begin + (end - begin) * share // 100)
        yield share / 100


@contextmanager
def _running(run: Run, bounds: Sequence[int]) -> Iterator[list[Callable[[float], Stretch | None]]]:
    """A process for each stretch between two of `bounds`.

    Each is given as what waits so many seconds at most for what it came to, None when it came to nothing.
    """
    started: list[tuple[BaseProcess, Connection]] = []
    try:
        started = [_started(run, begin, end) for begin, end in pairwise(bounds)]
        yield [partial(_received, source) for _, source in started]
    finally:
        for process, source in started:
            source.close()
            process.kill()
            process.join()


def _started(run: Run, begin: int, end: int) -> tuple[BaseProcess, Connection]:
    context = multiprocessing.get_context("fork")
    source, target = context.Pipe(duplex=False)
    process = context.Process(target=_run_apart, args=(run, begin, end, target, os.getpid()), daemon=True)
    with warnings.catch_warnings():
        # What other threads hold is not asked for there: the rules are arithmetic.
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        process.start()
    target.close()
    return process, source


def _run_apart(run: Run, begin: int, end: int, target: Connection, first: int) -> None:
    """In a process of its own, which says nothing when it is ended: the `first` one does its work then.

    Without that one nobody wants to know any more.
    """
    try:
        run.start_at(begin)
        for _ in _to(run, end):
            if os.getppid() != first:
                os._exit(1)
        target.send(run.stretch(begin))
    except BaseException:  # noqa: BLE001 what is wrong is found again by the first process, and said there
        os._exit(1)


def _received(source: Connection, patience: float) -> Stretch | None:
    try:
        found = source.recv() if source.poll(patience) else None
    except (EOFError, OSError):
        return None
    return found if isinstance(found, Stretch) else None
