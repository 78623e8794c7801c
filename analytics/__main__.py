"""The command line of the data: reads it, runs a command, turns errors into a clear line and an exit code."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from analytics.commands import ExitCode, UsageError
from analytics.commands.arguments import parser
from analytics.commands.signals import Told, listening
from analytics.commands.streams import complain, flush, keep_streams, read_on_nowhere, refused


def main(arguments: Sequence[str], environment: Mapping[str, str], now: datetime | None = None) -> int:
    """Run one command as of `now` (aware UTC, by default this moment) and return the exit code.

    Every foreseen trouble is one line on standard error a fault. Raises SystemExit for wrong usage and for
    help, as argparse does.
    """
    with listening() as told:
        try:
            code = _answered(arguments, environment, now or datetime.now(UTC), told)
        except KeyboardInterrupt:
            code = ExitCode.INTERRUPTED
        return _flushed(told.code or code)


def _answered(arguments: Sequence[str], environment: Mapping[str, str], now: datetime, told: Told) -> int:
    typed = parser()
    try:
        options = typed.parse_args(arguments)
        if options.command is None:
            typed.print_help()
            return ExitCode.DONE
    except SystemExit as ended:
        raise SystemExit(_flushed(int(ended.code or 0))) from None
    except BrokenPipeError:
        read_on_nowhere(sys.stdout)
        return ExitCode.DONE
    except OSError as error:
        return _fail(ExitCode.USAGE, str(refused(error)))
    try:
        from analytics.commands.running import run

        return run(options, environment, now)
    except UsageError as error:
        return _fail(ExitCode.USAGE, *str(error).splitlines())
    except ModuleNotFoundError as error:
        what = f"{error.name} is not installed for {sys.executable}"
        return _fail(
            _unexpected(options), f"{what}: install requirements.txt, or run it with .venv/bin/python"
        )
    except Exception as error:
        if told.code is not None:
            # DuckDB makes an error of its own of being told to end.
            return told.code
        fault = _database_fault(options, error, environment)
        if fault is not None:
            return _fail(ExitCode.DATABASE, fault)
        if environment.get("HEALTH_DEBUG"):
            raise
        return _fail(_unexpected(options), f"unexpected {type(error).__name__}: {_masked(error)}")


def _flushed(code: int) -> int:
    """`code`, unless what was said does not arrive."""
    try:
        flush()
    except UsageError as error:
        return _fail(ExitCode.USAGE, str(error))
    return code


def _database_fault(
    options: argparse.Namespace, error: Exception, environment: Mapping[str, str]
) -> str | None:
    """What to say of the database when it is the reason for `error`."""
    from analytics.commands.faults import database_fault

    fault = database_fault(options, error, environment)
    return None if fault is None else str(fault)


def _masked(error: Exception) -> str:
    from analytics.db.errors import mask

    return mask(str(error))


def _unexpected(options: argparse.Namespace) -> ExitCode:
    """`status` says something else by 1."""
    return ExitCode.UNEXPECTED_IN_STATUS if options.command == "status" else ExitCode.UNEXPECTED


def _fail(code: ExitCode, *lines: str) -> ExitCode:
    from analytics.commands.words import clean

    for line in lines:
        complain(clean(line))
    return code


if __name__ == "__main__":
    keep_streams()
    sys.exit(main(sys.argv[1:], os.environ))
