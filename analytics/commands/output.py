"""Where a command writes: standard output for what was asked, standard error for how it goes."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from analytics.commands.documents import written
from analytics.commands.streams import read_on_nowhere, refused
from analytics.commands.words import clean
from analytics.db import Location

#: So wide is what goes into a file or another program: whole lines, for grep.
_WIDE = 120


@dataclass(frozen=True)
class Setting:
    """What every command is given: where the data is, when it is asked, and how it is to answer."""

    location: Location
    now: datetime
    environment: Mapping[str, str]
    as_json: bool = False

    @cached_property
    def console(self) -> Console:
        """Standard output, for people."""
        return console_on(sys.stdout, self.environment)

    @cached_property
    def notes(self) -> Console:
        """Standard error, for how it goes."""
        return console_on(sys.stderr, self.environment)

    def document(self, document: Mapping[str, Any]) -> None:
        """Standard output, for programs: with the moment it is about."""
        try:
            print(written({"at": self.now, **document}), flush=True)
        except BrokenPipeError:
            read_on_nowhere(sys.stdout)
        except OSError as error:
            raise refused(error) from None


class _Console(Console):
    """A console whose reader may have seen enough (`| head`): no reason for another exit code.

    A full disk is one, where what was asked for goes.
    """

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich does. Raises a `UsageError` when standard output does not take it."""
        try:
            super().print(*objects, **options)
        except OSError as error:
            if self.file is sys.stdout:
                raise refused(error) from None
            self.on_broken_pipe()

    def on_broken_pipe(self) -> None:
        """What still comes goes nowhere."""
        self.quiet = True
        read_on_nowhere(self.file)


def console_on(stream: TextIO, environment: Mapping[str, str]) -> Console:
    """A console that takes no text for anything but text. Without colour where that is not wanted."""
    colourless = bool(environment.get("NO_COLOR")) or environment.get("TERM") in ("dumb", "unknown")
    width = environment.get("COLUMNS", "")
    piped = None if stream.isatty() else _WIDE
    return _Console(
        file=stream,
        width=int(width) if width.isdecimal() and int(width) > 0 else piped,
        color_system=None if colourless else "auto",
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ=environment,
    )


def text(content: object, style: str = "") -> Text:
    """A text from anywhere, on one line, shown as it is."""
    return Text(clean(content), style=style, no_wrap=True, overflow="ellipsis")


def sentence(content: object, style: str = "") -> Text:
    """The same, over as many lines as it needs."""
    return Text(clean(content), style=style)


def fitted(content: object, width: int, style: str = "") -> Text:
    """A text from anywhere, cut or padded to `width` cells."""
    found = text(content, style)
    found.truncate(width, overflow="ellipsis", pad=True)
    return found


def joined(*parts: Text | str) -> Text:
    """Parts of one line. Strings among them are ours."""
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")


def table(*columns: str, wide: str | None = None, gap: int = 2) -> Table:
    """A table without lines. A heading that begins with ">" is of a column of numbers; `wide` is the heading
    of the column that takes what room there is."""
    found = Table(
        box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold", expand=wide is not None
    )
    for column in columns:
        heading = column.removeprefix(">")
        found.add_column(
            Text(heading),
            justify="right" if column.startswith(">") else "left",
            no_wrap=True,
            overflow="ellipsis",
            ratio=1 if heading == wide else None,
        )
    return found
