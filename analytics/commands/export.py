"""`export`: a dataset into a file or a stream."""

import argparse
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.progress import Progress

from analytics.commands import ExitCode, UsageError
from analytics.commands.opening import opened
from analytics.commands.output import Setting, table, text
from analytics.commands.progress import progress
from analytics.commands.wishes import chosen_services, moment_of, period_between, period_of
from analytics.commands.words import plural
from analytics.db import Connection
from analytics.export import (
    DATASETS,
    Dataset,
    Exported,
    ExportError,
    count,
    dataset_named,
    format_for,
    is_file,
    is_standard_output,
)
from analytics.export import export as export_rows
from analytics.periods import LONGEST

#: What a figure is about when nobody says.
_OF_FIGURES = "24h"


def export(setting: Setting, options: argparse.Namespace) -> int:
    """Write the rows of a dataset, or list the datasets."""
    if options.list:
        return _list(setting)
    try:
        return _export(setting, options)
    except ExportError as error:
        raise UsageError(str(error)) from None


def _list(setting: Setting) -> int:
    if setting.as_json:
        setting.document({"datasets": [_described(one) for one in DATASETS.values()]})
        return ExitCode.DONE
    shown = table("Dataset", "A row is", wide="A row is")
    for one in DATASETS.values():
        shown.add_row(text(one.name, "bold" if one.read is None else "bold cyan"), text(one.about))
    setting.console.print(shown)
    return ExitCode.DONE


def _described(one: Dataset) -> dict[str, Any]:
    return {"name": one.name, "about": one.about, "kind": "table" if one.read is None else "figure"}


def _export(setting: Setting, options: argparse.Namespace) -> int:
    if options.dataset is None:
        raise UsageError("export: name a dataset; `python -m analytics export --list` shows all")
    dataset = dataset_named(options.dataset)
    to_stream = is_standard_output(options.out)
    if setting.as_json and to_stream:
        raise UsageError(
            "export: --json says what was written to a file; name it with --out, or use --format json"
        )
    form = options.format or (None if is_file(options.out) or Path(options.out).suffix else "csv")
    if to_stream and sys.stdout.isatty() and format_for(form, options.out).value == "parquet":
        raise UsageError("export: Parquet is not for a terminal; name a file with --out")
    since, until = _period(setting, options, dataset)
    columns = None if options.columns is None else [name.strip() for name in options.columns.split(",")]
    with opened(setting.location) as connection:
        chosen: dict[str, Any] = {
            "since": since,
            "until": until,
            "services": chosen_services(connection, options.services),
            "statuses": options.statuses,
        }
        with progress(setting, "{task.completed:,.0f} rows") as bar:
            done = export_rows(
                connection,
                dataset.name,
                form,
                options.out,
                columns=columns,
                timezone=options.timezone,
                progress=_telling(bar, dataset, _expected(setting, connection, dataset, chosen)),
                **chosen,
            )
    _tell(setting, dataset, done, since, until)
    return ExitCode.DONE


def _period(
    setting: Setting, options: argparse.Namespace, dataset: Dataset
) -> tuple[datetime | None, datetime | None]:
    """What is exported when: as it was typed, else all of a table and the last day of a figure."""
    # All of a table that is there can be had, however old it is.
    longest = LONGEST if dataset.read is not None else None
    if options.period is not None:
        if options.since is not None or options.until is not None:
            raise UsageError("export: --period says since and until when; leave --since and --until out")
        period = period_of(options.period, setting.now, longest)
    elif options.since is not None:
        period = period_between(options.since, options.until, setting.now, longest)
    elif dataset.read is not None:
        period = period_between(_OF_FIGURES, options.until, setting.now)
    else:
        return None, None if options.until is None else min(moment_of("--until", options.until), setting.now)
    return period.since, period.until


def _expected(
    setting: Setting, connection: Connection, dataset: Dataset, chosen: dict[str, Any]
) -> int | None:
    """How many rows there will be. Only a bar wants to know, and only of a table is it cheap."""
    if dataset.read is not None or not setting.notes.is_terminal:
        return None
    return count(connection, dataset.name, **chosen)


def _telling(bar: Progress, dataset: Dataset, expected: int | None) -> Callable[[int], None]:
    task = bar.add_task(dataset.name, total=expected)
    return lambda rows: bar.update(task, completed=rows)


def _tell(
    setting: Setting, dataset: Dataset, done: Exported, since: datetime | None, until: datetime | None
) -> None:
    if setting.as_json:
        setting.document(
            {
                "dataset": dataset.name,
                "since": since,
                "until": until,
                "rows": done.rows,
                "bytes": done.bytes,
                "path": None if done.path is None else str(done.path),
            }
        )
    elif done.complete:
        where = "" if done.path is None else f" to {done.path}"
        setting.notes.print(text(f"{dataset.name}: {plural(done.rows, 'row')}, {_size(done.bytes)}{where}"))


def _size(size: int) -> str:
    for limit, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= limit:
            return f"{size / limit:.1f} {unit}"
    return plural(size, "byte")
