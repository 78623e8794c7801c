"""`incidents`: those of a period in a list, or one of them with its timeline."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import duckdb
from rich.console import Group
from rich.table import Table
from rich.text import Text

from analytics.commands import ExitCode, UsageError
from analytics.commands.documents import records
from analytics.commands.opening import opened
from analytics.commands.output import Setting, fitted, joined, sentence, table, text
from analytics.commands.status_view import SEVERITIES
from analytics.commands.wishes import chosen_services, period_of
from analytics.commands.words import clean, listed, moment, plural
from analytics.incident_queries import incident_events, notifications
from analytics.incident_queries import incidents as incidents_between
from analytics.periods import Period
from analytics.rules.wording import lasting

#: How many letters of an answer fit beside the rest in a terminal of 80 columns.
_ANSWER = 24

#: Older than anything recorded.
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

#: So much of an id tells incidents apart: the millisecond it was opened in.
ID_SHOWN = 13

Row = Mapping[str, Any]


def incidents(setting: Setting, options: argparse.Namespace) -> int:
    """Show the incidents of a period, or one."""
    with opened(setting.location) as connection:
        if options.id is not None:
            return _one(setting, connection, options.id)
        period = period_of(options.since, setting.now)
        found = _chosen(connection, period, options)
    if setting.as_json:
        setting.document(
            {
                "since": None if options.open else period.since,
                "until": period.until,
                "incidents": found,
            }
        )
    else:
        setting.console.print(_list(found, period, options.open))
    return ExitCode.DONE


def _chosen(
    connection: duckdb.DuckDBPyConnection, period: Period, options: argparse.Namespace
) -> list[dict[str, Any]]:
    services = chosen_services(connection, options.services)
    since = _BEGINNING if options.open else period.since
    return [
        row
        for row in records(incidents_between(connection, since, period.until))
        if (services is None or _service(row) in [str(one) for one in services])
        and not (options.open and row["resolved_at"] is not None)
    ]


def _list(found: Sequence[Row], period: Period, only_open: bool) -> Group:
    when = "open now" if only_open else f"since {period.since:%Y-%m-%d %H:%M} UTC"
    still = sum(row["resolved_at"] is None for row in found)
    heading = f"{plural(len(found), 'incident') if found else 'No incident'} {when}"
    if still and not only_open:
        heading += f", {still} not over"
    return Group(Text(heading, "bold"), *(line for row in found for line in _entry(row, period.until)))


def _entry(row: Row, until: datetime) -> Iterator[Text]:
    severity = row["severity"]
    over = row["resolved_at"] is not None
    lasted = lasting(timedelta(seconds=row["seconds"]))
    yield joined(
        Text("○ " if over else "● ", SEVERITIES.get(severity, "")),
        fitted(severity, 9, SEVERITIES.get(severity, "")),
        fitted(row["id"][:ID_SHOWN], ID_SHOWN + 1, "bright_black"),
        fitted(_service(row), 26, "bold"),
        fitted(moment(row["began_at"], until), 12),
        fitted(lasted if over else f"{lasted}, not over", 22, "" if over else "bold"),
    )
    yield joined("  ", text(_who(row), "bright_black" if over else "bold"), ": ", text(row["title"]))


def _who(row: Row) -> str:
    if row["acknowledged_at"] is None:
        return "nobody acknowledged it" if row["resolved_at"] is not None else "nobody is on it yet"
    return f"acknowledged by {row['acknowledged_by'] or 'somebody'} after {_after(row, 'acknowledged_at')}"


def _after(row: Row, column: str) -> str:
    return lasting(max(timedelta(0), row[column] - (row["began_at"] or row["created_at"])))


def _service(row: Row) -> str:
    return f"{row['service_type']}/{row['service_name']}"


def _one(setting: Setting, connection: duckdb.DuckDBPyConnection, beginning: str) -> int:
    row = _by_beginning(records(incidents_between(connection, _BEGINNING, setting.now)), beginning)
    id_ = UUID(row["id"])
    events, sent = records(incident_events(connection, id_)), records(notifications(connection, id_))
    if setting.as_json:
        setting.document({"incident": row, "events": events, "notifications": sent})
    else:
        setting.console.print(_story(row, events, sent))
    return ExitCode.DONE


def _by_beginning(rows: Sequence[dict[str, Any]], beginning: str) -> dict[str, Any]:
    wanted = beginning.strip().lower()
    found = [row for row in rows if wanted and row["id"].startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(
            f'there is no incident whose id begins with "{clean(beginning)}"; '
            "`python -m analytics incidents --since 30d` shows ids"
        )
    raise UsageError(
        f'"{clean(beginning)}" is the beginning of {len(found)} ids; write more of it: '
        f"{listed((row['id'] for row in found), 5)}"
    )


def _story(row: Row, events: Sequence[Row], sent: Sequence[Row]) -> Group:
    severity = row["severity"]
    over = row["resolved_at"] is not None
    lasted = lasting(timedelta(seconds=row["seconds"]))
    told = "nobody was told" if row["told_at"] is None else f"told after {_after(row, 'told_at')}"
    lines = [
        joined(text(severity, SEVERITIES.get(severity, "")), " ", text(row["title"], "bold")),
        joined(
            text(_service(row)), "  ", text(f"rule {row['rule']}, reason {row['reason']}", "bright_black")
        ),
        text(f"id {row['id']}", "bright_black"),
        sentence(
            f"began {row['began_at'] or row['created_at']:%Y-%m-%d %H:%M:%S} UTC, "
            f"{'over after' if over else 'not over after'} {lasted}; {told}; {_who(row)}"
        ),
    ]
    if row["relapses"]:
        lines.append(
            text(f"it came back {row['relapses']} times" if row["relapses"] > 1 else "it came back once")
        )
    return Group(*lines, Text(""), _timeline(events), *_messages(sent))


def _timeline(events: Sequence[Row]) -> Table:
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for _ in range(3):
        shown.add_column(no_wrap=True)
    shown.add_column(overflow="fold")
    for event in events:
        shown.add_row(
            text(f"{event['timestamp']:%m-%d %H:%M:%S}"),
            text(event["kind"], "bold" if event["author"] != "collector" else ""),
            text(event["author"] or ""),
            sentence(event["message"] or ""),
        )
    return shown


def _short(answer: str) -> str:
    """So much of an answer as leaves room for what was sent, when and where; `--json` has all of it."""
    line = " ".join(answer.split())
    return line if len(line) <= _ANSWER else f"{line[: _ANSWER - 1]}…"


def _messages(sent: Sequence[Row]) -> Iterator[Text | Table]:
    if not sent:
        return
    yield Text("\nNotifications", "bold")
    shown = table("Written", "Channel", "What", "State", ">Attempts", "Answer")
    for row in sent:
        failed = row["state"] in ("refused", "expired")
        shown.add_row(
            text(f"{row['created_at']:%m-%d %H:%M:%S}"),
            text(row["channel"]),
            text(row["action"]),
            text(row["state"], "red" if failed else ""),
            text(row["attempts"]),
            text(_short(row["answer"] or row["last_error"] or "")),
        )
    yield shown
