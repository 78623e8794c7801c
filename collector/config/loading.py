"""From a file to a `Config`, or to every fault of the file at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analytics.rules.wording import did_you_mean
from collector.config.deliveries import delivery_faults
from collector.config.entries import CollectorTable
from collector.config.faults import Fault, in_file_order, line
from collector.config.model import Config, ConfigError
from collector.config.receiving import read_receiver, read_traces
from collector.config.relations import by_name, relation_faults
from collector.config.sentences import sound_part
from collector.config.services import Draft, build, misfits, read_service
from collector.config.source import read_document
from collector.config.telling import read_telling
from collector.duration import written

_TABLES = {
    "collector": "[collector]",
    "receiver": "[receiver]",
    "traces": "[traces]",
    "alerts": "[alerts]",
    "channels": "[channels.NAME]",
    "maintenance": "[[maintenance]]",
    "heartbeat": "[heartbeat]",
    "reports": "[reports]",
    "vendors": "[[vendors]]",
    "services": "[[services]]",
}


def load(path: Path) -> Config:
    """Read and validate `path`. Variables stay in place; they are looked up when a check runs.

    Raises ConfigError with every fault: of the file (missing, unreadable, no TOML) or of what it says.
    """
    return from_document(read_document(path), path)


def from_document(document: Mapping[str, Any], path: Path) -> Config:
    """Validate the tables of a file that was read from `path`. Raises ConfigError with every fault."""
    faults = _unknown_tables(document)
    collector, wrong = _collector(document.get("collector", {}))
    drafts, missing = _drafts(document)
    receiver, wrong_receiver = read_receiver(document.get("receiver", {}))
    traces, wrong_traces = read_traces(document.get("traces", {}))
    telling, wrong_telling = read_telling(document, drafts)
    faults += wrong + missing + wrong_receiver + wrong_traces + wrong_telling
    for draft in drafts:
        faults += [*draft.faults, *misfits(draft, collector)]
    faults += [*relation_faults(drafts), *delivery_faults(drafts)]
    if faults or collector is None:
        ordered = in_file_order(faults, document)
        raise ConfigError([line(fault, path, document) for fault in ordered])
    known = by_name(drafts)
    return Config(
        path=path,
        interval=collector.interval,
        timeout=collector.timeout,
        retention_days=collector.retention_days,
        rollup_months=collector.rollup_months,
        canary=tuple(collector.canary),
        retry_interval=collector.retry_interval,
        services=tuple(build(draft, collector, known) for draft in drafts),
        receiver=receiver,
        trace_hosts=traces.hosts,
        alerts=telling.alerts,
        runbooks=telling.runbooks,
        dashboard=telling.dashboard,
        channels=telling.channels,
        maintenance=telling.maintenance,
        heartbeat=telling.heartbeat,
        reports=telling.reports,
        vendors=telling.vendors,
    )


def _unknown_tables(document: Mapping[str, Any]) -> list[Fault]:
    unknown = [name for name in document if name not in _TABLES]
    *first, last = _TABLES.values()
    known = f"{', '.join(first)} and {last}"
    return [
        Fault((name,), f"unknown table; {did_you_mean(name, _TABLES)}known are {known}") for name in unknown
    ]


def _collector(table: Any) -> tuple[CollectorTable | None, list[Fault]]:
    """`[collector]`, or None and its faults. What is inherited gives way to a shorter interval."""
    where = ("collector",)
    if not isinstance(table, Mapping):
        return None, [Fault(where, "is no table; write it as [collector]")]
    collector, faults = sound_part(CollectorTable, table, where)
    wrong = {fault.where[-1] for fault in faults}
    if collector is None or "interval" in wrong:
        return None, faults
    fitted = {}
    for name in ("timeout", "retry_interval"):
        duration = getattr(collector, name)
        if duration <= collector.interval:
            continue
        if name in table:
            limit = written(collector.interval)
            text = f"{written(duration)} is longer than the interval ({limit}); make it shorter"
            faults.append(Fault((*where, name), text))
        fitted[name] = collector.interval
    return (None if faults else collector.model_copy(update=fitted)), faults


def _drafts(document: Mapping[str, Any]) -> tuple[list[Draft], list[Fault]]:
    tables = document.get("services", [])
    if not isinstance(tables, list):
        return [], [Fault(("services",), "is no list of tables; write each service as [[services]]")]
    if not tables:
        return [], [Fault(("services",), "there is none; add a [[services]] table for each service")]
    return [read_service(index, table) for index, table in enumerate(tables)], []
