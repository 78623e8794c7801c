"""What the command line can do, one file a command. Each returns its exit code."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes other people's scripts rely on."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    DATABASE = 3


class UsageError(Exception):
    """A command cannot do what it was asked for; the text is one clear line that says what would be right."""
