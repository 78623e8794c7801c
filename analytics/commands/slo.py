"""`slo`: how objectives were kept, and when the error budgets will be gone."""

import argparse
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.table import Table
from rich.text import Text

from analytics.beginnings import data_since
from analytics.commands import ExitCode
from analytics.commands.documents import records
from analytics.commands.opening import opened
from analytics.commands.output import Setting, joined, sentence, table, text
from analytics.commands.wishes import chosen_services
from analytics.commands.words import bar, beginning, moment, number, share
from analytics.model import ServiceKey
from analytics.rules.slo import FAST, SLOW
from analytics.slo_queries import slo as objectives_kept

#: From so many columns on there is room for long bars.
_ROOMY = 100

#: Budgets with less than that left are about to be gone.
_LITTLE = 25.0


def slo(setting: Setting, options: argparse.Namespace) -> int:
    """Show every objective and its error budget."""
    period = timedelta(days=options.days)
    with opened(setting.location) as connection:
        services = chosen_services(connection, options.services)
        found = records(objectives_kept(connection, setting.now, services, period))
        began = data_since(connection)
    if setting.as_json:
        setting.document({"days": options.days, "data_since": began, "services": found})
        return ExitCode.DONE
    setting.console.print(Text(f"Objectives of the last {options.days} days", "bold"))
    if later := beginning(began, setting.now - period):
        setting.console.print(text(later, "yellow"))
    for line in _missing(found, services):
        setting.console.print(sentence(line, "yellow"))
    if found:
        setting.console.print(_table(found, setting.now, setting.console.width >= _ROOMY))
    return ExitCode.DONE


def _missing(found: Sequence[Mapping[str, Any]], services: Sequence[ServiceKey] | None) -> list[str]:
    """Who was asked for and has no objective, or that nobody has one."""
    if services is None:
        return [] if found else ["Nothing is monitored yet: start the collector (python -m collector)."]
    there = {f"{row['service_type']}/{row['service_name']}" for row in found}
    gone = [service for service in services if str(service) not in there]
    return [f"{service} is not monitored, and only what is has an objective." for service in gone]


def _table(found: Sequence[Mapping[str, Any]], now: datetime, roomy: bool) -> Table:
    shown = table(
        "Service",
        ">Goal %",
        ">Kept %",
        "Budget left",
        # The three are one figure; where there is little room its name stands once.
        ">Burn 1h",
        ">Burn 6h" if roomy else ">6h",
        ">Burn 3d" if roomy else ">3d",
        "Gone",
        wide="Service",
        gap=2 if roomy else 1,
    )
    for row in found:
        shown.add_row(
            text(f"{row['service_type']}/{row['service_name']}"),
            text(f"{row['objective']:g}"),
            text(share(row["availability_percent"]), _kept(row)),
            _budget(row["budget_left_percent"], 10 if roomy else 5),
            _burn(row["burn_1h"], FAST.rate),
            _burn(row["burn_6h"], SLOW.rate),
            _burn(row["burn_3d"], 1.0),
            _gone(row["gone_at"], now),
        )
    return shown


def _kept(row: Mapping[str, Any]) -> str:
    kept = row["availability_percent"]
    return "" if kept is None else "green" if kept >= row["objective"] else "red"


def _budget(left: float | None, width: int) -> Text:
    if left is None:
        return text("–")
    colour = "red" if left <= 0 else "yellow" if left < _LITTLE else "green"
    said = "used up" if left <= 0 else f"{share(left).split('.')[0]} %"
    return joined(Text(bar(left / 100.0, width), colour), " ", text(said, "" if left > 0 else "red"))


def _burn(rate: float | None, limit: float) -> Text:
    """How many times too fast, in colour when it would alert, or cannot go on; ∞ where nothing may be bad."""
    said = "∞" if rate == math.inf else number(rate, 1)
    return text(said, "red" if rate is not None and rate >= limit else "")


def _gone(at: datetime | None, now: datetime) -> Text:
    if at is None:
        return text("–")
    return text("now", "red") if at <= now else text(moment(at, now), "yellow")
