"""What is said of a command line that is not understood: one line, with what would be right."""

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from analytics.commands import ExitCode
from analytics.commands.words import clean
from analytics.rules.wording import did_you_mean

#: For so many days an objective may be looked at; of fewer nobody can tell where it goes.
SHORTEST, LONGEST = 3, 366

#: An option as help has it: at the beginning of its line, maybe behind its letter.
_OPTION = re.compile(r"^ +(?:-\w, )?(--[a-z-]+)", re.MULTILINE)


class Parser(argparse.ArgumentParser):
    """As Python has it, but wrong usage is one line, and help that does not arrive is an OSError."""

    def print_help(self, file: Any = None) -> None:
        """Write it to `file`, by default standard output."""
        (file or sys.stdout).write(self.format_help())

    def error(self, message: str) -> NoReturn:
        """End with the exit code of wrong usage, and `message` on standard error."""
        self.exit(ExitCode.USAGE, f"{clean(f'{self.prog}: {message}')}; `{self.prog} --help` shows how\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As Python has it, but the command that does not know a word says so, not the program as a whole."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(self._not_known(unknown))
        return found, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        what = action.metavar or "/".join(action.option_strings)
        choices = [str(choice) for choice in action.choices]
        hint = did_you_mean(str(value), choices)
        raise argparse.ArgumentError(
            None, f'{what} "{value}" is not known: {hint}there are {", ".join(choices)}'
        )

    def _not_known(self, words: Sequence[str]) -> str:
        word = words[0].partition("=")[0]
        if not word.startswith("-"):
            return f'"{word}" is one word too many'
        known = _OPTION.findall(self.format_help())
        return f"{word} is not known: {did_you_mean(word, known)}there are {', '.join(dict.fromkeys(known))}"


def seconds(text: str) -> float:
    """What was typed for a time to wait. Raises `ArgumentTypeError`."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 1.0 <= found <= 3600.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time to wait: write seconds, 1 to 3600")
    return found


def days(text: str) -> int:
    """What was typed for a number of days. Raises `ArgumentTypeError`."""
    found = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    if not SHORTEST <= found <= LONGEST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of days here: write one from {SHORTEST} to {LONGEST}"
        )
    return found
