"""What `python -m analytics` can do, one file a command. Each returns its exit code.

Nothing is imported here that a question for help does not need.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes other people's scripts rely on. `NOT_HEALTHY` is what `status` alone says."""

    DONE = 0
    NOT_HEALTHY = 1
    UNEXPECTED = 1  # the same number: only `status` has something to say by 1
    USAGE = 2
    DATABASE = 3
    UNEXPECTED_IN_STATUS = 4
    INTERRUPTED = 130


class UsageError(Exception):
    """A command cannot do what it was asked for; the text is one clear line that says what would be right."""
