"""`replay`: what other alert rules would have made of the past."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from analytics.commands import ExitCode, UsageError
from analytics.commands.documents import records
from analytics.commands.opening import opened
from analytics.commands.output import Setting, fitted, joined, sentence, table, text
from analytics.commands.progress import progress
from analytics.commands.status_view import SEVERITIES
from analytics.commands.wishes import chosen_services, period_between
from analytics.commands.words import moment, plural
from analytics.model import ServiceKey
from analytics.periods import Period
from analytics.replay import Account, Comparison, Rehearsal, WrongSettings, compare, is_cut, rehearse, summary
from analytics.replay.frames import comparison_frame, pages_frame
from analytics.rules.wording import lasting

#: So many changed incidents are listed; --json has all.
_LISTED = 20

#: From so many columns on there is room for titles.
_ROOMY = 100
_CHANGES = {
    "missed": ("missed", "red"),
    "waiting": ("not yet", "yellow"),
    "silenced": ("nobody told", "red"),
    "later": ("later", "yellow"),
    "earlier": ("earlier", "green"),
    "told": ("told now", "yellow"),
    "new": ("new", "yellow"),
    "severity": ("other severity", ""),
}

Row = Mapping[str, Any]


def replay(setting: Setting, options: argparse.Namespace) -> int:
    """Replay the period with the rules in force and with the changed ones, and compare."""
    period = period_between(options.since, options.until, setting.now)
    rules = None if options.rules is None else Path(options.rules)
    with opened(setting.location) as connection, progress(setting, "{task.percentage:>3.0f} %") as bar:
        services = chosen_services(connection, options.services)
        task = bar.add_task("replaying", total=1.0)
        try:
            found = rehearse(
                connection,
                period.since,
                period.until,
                options.settings,
                lambda share: bar.update(task, completed=share),
                rules,
            )
        except WrongSettings as wrong:
            raise UsageError("\n".join(wrong.faults)) from None
    found = _only(found, services)
    if setting.as_json:
        setting.document(document(found, period))
    else:
        setting.console.print(Group(*_view(found, period, setting.console.width)))
    return ExitCode.DONE


def document(found: Rehearsal, period: Period) -> Row:
    """The whole of it for programs."""
    comparison = found.comparison
    return {
        "period": {"since": period.since, "until": period.until},
        "data_since": found.data_since,
        "settings": list(found.settings.said),
        "verdicts_changed": found.verdicts_changed,
        "recorded": _totals(found.recorded),
        "in_force": _totals(found.baseline),
        "changed": _totals(found.rehearsed),
        "difference": _difference(comparison),
        "summary": list(summary(comparison, found.data_since)),
        "incidents": records(comparison_frame(comparison)),
        "pages": records(pages_frame(found.rehearsed)),
    }


def _totals(account: Account) -> dict[str, Any]:
    return {
        "pages": len(account.pages),
        "critical_pages": account.critical_pages,
        "noise_pages": account.noise,
        "pages_by_channel": dict(account.pages_by_channel),
        "incidents": len(account.troubles),
    }


def _difference(comparison: Comparison) -> dict[str, int]:
    return {
        "missed": len(comparison.missed),
        "waiting": len(comparison.waiting),
        "silenced": len(comparison.silenced),
        "later": len(comparison.later),
        "earlier": len(comparison.earlier),
        "voiced": len(comparison.voiced),
        "new": len(comparison.new),
    }


def _only(found: Rehearsal, services: Sequence[ServiceKey] | None) -> Rehearsal:
    """What is about `services` alone."""
    if services is None:
        return found
    names = {str(service) for service in services}

    def chosen(account: Account) -> Account:
        return replace(
            account,
            troubles=tuple(one for one in account.troubles if one.service in names),
            pages=tuple(one for one in account.pages if one.service in names),
        )

    return replace(
        found,
        recorded=chosen(found.recorded),
        baseline=chosen(found.baseline),
        rehearsed=chosen(found.rehearsed),
    )


def _view(found: Rehearsal, period: Period, width: int) -> Iterator[Text | Table]:
    changed = bool(found.settings.said)
    yield joined(Text(f"{period.since:%Y-%m-%d %H:%M} to {period.until:%Y-%m-%d %H:%M} UTC", "bold"))
    if is_cut(found.data_since, period.since, period.until):
        yield text(
            f"single rows begin at {found.data_since:%Y-%m-%d %H:%M} UTC, and only they can be replayed",
            "yellow",
        )
    for line in found.settings.said:
        yield joined("  ", text(line, "cyan"))
    if not changed:
        yield sentence(
            "The rules in force. Change some with --set, such as --set alerts.service_down.checks=5"
        )
    if found.verdicts_changed:
        yield sentence(f"{plural(found.verdicts_changed, 'check')} would have been judged in another way.")
    yield Text("")
    yield _table(found, changed)
    yield Text("")
    # Without a change it is told how near the replay comes to what was recorded.
    comparison = found.comparison if changed else compare(found.recorded, found.baseline)
    if changed:
        for said in summary(comparison, found.data_since):
            yield sentence(said)
    yield from _list(comparison, period.until, width)


def _table(found: Rehearsal, changed: bool) -> Table:
    accounts = [found.recorded, found.baseline, *([found.rehearsed] if changed else [])]
    shown = table("", ">Recorded", ">Rules in force", *([">Changed rules"] if changed else []))
    rows = (
        ("Pages", [len(account.pages) for account in accounts]),
        ("  critical", [account.critical_pages for account in accounts]),
        ("  noise (good again within 5 min)", [account.noise for account in accounts]),
        ("Incidents", [len(account.troubles) for account in accounts]),
    )
    for name, figures in rows:
        shown.add_row(Text(name), *(_figure(figures, place) for place in range(len(figures))))
    compared = [None, found.faithfulness, *([found.comparison] if changed else [])]
    for name, counts in (
        ("  missed", [None if one is None else len(one.missed) for one in compared]),
        ("  told later", [None if one is None else len(one.later) for one in compared]),
    ):
        shown.add_row(
            Text(name), *(text("–" if one is None else one, "red" if one else "") for one in counts)
        )
    return shown


def _figure(figures: Sequence[int], place: int) -> Text:
    """The last one in colour where it is another than the one before."""
    changed = place == 2 and figures[2] != figures[1]
    return text(f"{figures[place]:,}", "bold" if changed else "")


def _list(comparison: Comparison, until: datetime, width: int) -> Iterator[Text]:
    rows = [row for row in records(comparison_frame(comparison)) if row["change"] in _CHANGES]
    rows.sort(key=lambda row: list(_CHANGES).index(row["change"]))
    if rows:
        yield Text("")
    for row in rows[:_LISTED]:
        word, colour = _CHANGES[row["change"]]
        severity = row["severity_after"] or row["severity_before"]
        yield joined(
            fitted(word + _by(row), 20, colour),
            fitted(severity, 9, SEVERITIES.get(severity, "")),
            fitted(moment(row["began_at"], until), 12),
            fitted(lasting(timedelta(seconds=row["seconds"])), 12),
            fitted(row["service"], 32),
            *([text(row["title"])] if width >= _ROOMY else []),
        )
    if len(rows) > _LISTED:
        yield text(f"and {len(rows) - _LISTED} more; --json has all", "bright_black")


def _by(row: Row) -> str:
    if row["change"] not in ("later", "earlier") or row["later_seconds"] is None:
        return ""
    return f" {lasting(timedelta(seconds=abs(row['later_seconds'])))}"
