"""Standard output and standard error as they are found: closed, full, or with a reader that has enough."""

import errno
import os
import sys
from typing import IO

from analytics.commands import UsageError

_NO_ROOM = "there is no room on the disk: make room"
_WORDS = {
    errno.ENOSPC: _NO_ROOM,
    errno.EFBIG: _NO_ROOM,
    errno.EDQUOT: _NO_ROOM,
    errno.EBADF: "it is closed: send it somewhere, such as > /dev/null",
}


def keep_streams() -> None:
    """Put something where a standard stream is closed, before a database gets its descriptor.

    What goes to standard output fails then, as it should; what goes to standard error is gone.
    """
    for descriptor, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest number that is free: this one.
            os.open(os.devnull, mode)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def read_on_nowhere(stream: IO[str]) -> None:
    """Nobody takes what `stream` has to say: what it still holds back, and what comes, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def refused(error: OSError) -> UsageError:
    """What to say when standard output does not take what was asked for. It gets nothing more."""
    read_on_nowhere(sys.stdout)
    return UsageError(f"standard output: {_WORDS.get(error.errno or 0, error.strerror or str(error))}")


def complain(line: str) -> None:
    """Say `line` on standard error, if that takes it."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        read_on_nowhere(sys.stderr)


def flush() -> None:
    """Nothing is held back any more, so that nothing can fail later. Raises a `UsageError`."""
    try:
        sys.stderr.flush()
    except OSError:
        read_on_nowhere(sys.stderr)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        read_on_nowhere(sys.stdout)
    except OSError as error:
        raise refused(error) from None
