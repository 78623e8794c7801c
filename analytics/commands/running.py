"""From what was typed to the command that does it; each brings along what only it needs."""

import argparse
import io
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from analytics.commands.output import Setting
from analytics.commands.streams import complain
from analytics.db import Location, locate
from analytics.db.default_file import default_file


def run(options: argparse.Namespace, environment: Mapping[str, str], now: datetime) -> int:
    """Run the command of `options` as of `now` and return its exit code. Raises whatever goes wrong."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Signs that the terminal does not have are question marks; words stand beside all of them.
            stream.reconfigure(errors="replace")
    setting = Setting(
        location_of(options, environment, complain),
        now,
        environment,
        as_json=getattr(options, "json", False),
    )
    return _run(setting, options)


def location_of(
    options: argparse.Namespace, environment: Mapping[str, str], say: Callable[[str], None]
) -> Location:
    """Where the database is: what was typed beats the environment, and that the default.

    Where nothing is named, a command that only reads takes the demo's file when there is no other; `say` is
    told.
    """
    named: str | Path | None = getattr(options, "db", None) or environment.get("HEALTH_DB") or None
    if named is None and _reads(options):
        named = default_file(Path.cwd(), say)
    return locate(named, environment.get("HEALTH_DATA_PATH"))


def _reads(options: argparse.Namespace) -> bool:
    return options.command != "import" and not getattr(options, "list", False)


def _run(setting: Setting, options: argparse.Namespace) -> int:
    match options.command:
        case "status":
            from analytics.commands.status import status

            return status(setting, options)
        case "trends":
            from analytics.commands.trends import trends

            return trends(setting, options)
        case "incidents":
            from analytics.commands.incidents import incidents

            return incidents(setting, options)
        case "slo":
            from analytics.commands.slo import slo

            return slo(setting, options)
        case "replay":
            from analytics.commands.replay import replay

            return replay(setting, options)
        case "export":
            from analytics.commands.export import export

            return export(setting, options)
        case _:
            from analytics.commands.importing import import_history

            return import_history(setting, options)
