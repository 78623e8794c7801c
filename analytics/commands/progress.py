"""How far it got: a bar on standard error, if that is a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from analytics.commands.output import Setting


@contextmanager
def progress(setting: Setting, unit: str) -> Iterator[Progress]:
    """A bar while the block runs, gone after it; `unit` stands behind it, with the fields of rich's tasks."""
    shown = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn(unit, markup=False),
        TimeRemainingColumn(),
        console=setting.notes,
        transient=True,
        disable=not setting.notes.is_terminal,
    )
    if shown.disable:
        # Even one that is off ends with an empty line.
        yield shown
        return
    with shown:
        yield shown
