"""`status --watch`: the same screen again and again, until Ctrl-C."""

import time
from datetime import UTC, datetime
from typing import NoReturn

from rich.console import Group
from rich.live import Live
from rich.text import Text

from analytics.commands import UsageError
from analytics.commands.opening import opened
from analytics.commands.output import Setting, sentence
from analytics.commands.standing import overview
from analytics.commands.status_view import view
from analytics.db import DatabaseError


def watch(setting: Setting, seconds: float) -> NoReturn:
    """Look every `seconds`. Ends by KeyboardInterrupt alone."""
    if setting.as_json or not setting.console.is_terminal:
        raise UsageError("--watch is for a terminal: leave it out, and run it again when you want to know")
    with Live(console=setting.console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(_look(setting), refresh=True)
            time.sleep(seconds)


def _look(setting: Setting) -> Group | Text:
    try:
        with opened(setting.location) as connection:
            return view(overview(connection, datetime.now(UTC)), setting.console.width)
    except DatabaseError as error:
        # It may be there again at the next look.
        return sentence(error, "bold red")
