"""`import`: the history of another monitor, taken over once."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from analytics import imports
from analytics.commands import ExitCode, UsageError
from analytics.commands.opening import opened
from analytics.commands.output import Setting, joined, sentence, table, text
from analytics.commands.progress import progress
from analytics.commands.wishes import service_key
from analytics.commands.words import clean, plural
from analytics.imports import Imported, ImportPlan, ImportProblem
from analytics.model import ServiceKey, ServiceType


def import_history(setting: Setting, options: argparse.Namespace) -> int:
    """Show what would come, and unless it is a dry run bring it."""
    mapping = _mapping(options.mapping)
    with opened(setting.location):
        """It is the monitor's, and of this version."""
    try:
        plan = imports.plan(
            setting.location,
            Path(options.path),
            options.history,
            ServiceType(options.service_type),
            mapping,
        )
        if not setting.as_json:
            _show_plan(setting, plan)
        if options.dry_run:
            if setting.as_json:
                setting.document(_document(plan, None))
            return ExitCode.DONE
        done = _run(setting, plan)
    except ImportProblem as problem:
        raise UsageError(str(problem)) from None
    if setting.as_json:
        setting.document(_document(plan, done))
    else:
        _show_done(setting, done)
    return ExitCode.DONE


def _mapping(words: Sequence[str]) -> Mapping[str, ServiceKey]:
    """What `--map` says. The names of monitors may hold "=", those of services do not."""
    found = {}
    for word in words:
        monitor, equals, service = word.rpartition("=")
        if not equals or not monitor:
            raise UsageError(
                f'--map "{clean(word)}": write MONITOR=TYPE/NAME, such as "Shop API=api/shopify"'
            )
        try:
            found[monitor] = service_key(service)
        except UsageError as error:
            raise UsageError(f'--map "{clean(word)}": {error}') from None
    return found


def _run(setting: Setting, plan: ImportPlan) -> Imported:
    with progress(setting, "{task.percentage:>3.0f} %") as bar:
        task = bar.add_task("importing", total=1.0)

        def tell(sentence: str, share: float) -> None:
            bar.update(task, description=clean(sentence), completed=share)

        return imports.run(setting.location, plan, setting.now, tell)


def _show_plan(setting: Setting, plan: ImportPlan) -> None:
    console = setting.console
    console.print(joined(text(f"{plan.kind}: {plan.path}", "bold")))
    shown = table("Monitor", "Becomes", ">Checks", ">Sums", "From", "To", wide="Monitor")
    for one in plan.services:
        shown.add_row(
            text(one.monitor.name),
            text(one.service),
            text(f"{one.monitor.observations:,}"),
            text(f"{one.monitor.sums:,}"),
            text(f"{one.monitor.first:%Y-%m-%d}"),
            text(f"{one.monitor.last:%Y-%m-%d}"),
        )
    console.print(shown)
    for note in plan.notes:
        console.print(sentence(note, "yellow"))


def _show_done(setting: Setting, done: Imported) -> None:
    setting.console.print(_result(done))
    setting.console.print(
        text(
            f"{plural(done.checks, 'check')} added, {done.skipped:,} skipped; "
            f"before {done.single_since:%Y-%m-%d %H:%M} UTC as figures of hours"
        )
    )


def _result(done: Imported) -> Table:
    shown = table("Service", ">Added", ">There already", ">Our own", ">In the future", wide="Service")
    for one in done.services:
        skipped = one.skipped
        figures = (one.checks, skipped.already, skipped.own, skipped.future)
        shown.add_row(text(one.service), *(text(f"{figure:,}") for figure in figures))
    return shown


def _document(plan: ImportPlan, done: Imported | None) -> Mapping[str, Any]:
    results = {} if done is None else {one.service: one for one in done.services}
    return {
        "kind": plan.kind,
        "path": str(plan.path),
        "dry_run": done is None,
        "notes": list(plan.notes),
        "added": None if done is None else done.checks,
        "skipped": None if done is None else done.skipped,
        "services": [
            {
                "monitor": one.monitor.name,
                "service": str(one.service),
                "checks": one.monitor.observations,
                "sums": one.monitor.sums,
                "first": one.monitor.first,
                "last": one.monitor.last,
                "added": _added(results, one.service),
                "skipped": _skipped(results, one.service),
            }
            for one in plan.services
        ],
    }


def _added(results: Mapping[ServiceKey, Any], service: ServiceKey) -> int | None:
    return results[service].checks if service in results else None


def _skipped(results: Mapping[ServiceKey, Any], service: ServiceKey) -> Mapping[str, int] | None:
    if service not in results:
        return None
    skipped = results[service].skipped
    return {"already": skipped.already, "own": skipped.own, "future": skipped.future}
