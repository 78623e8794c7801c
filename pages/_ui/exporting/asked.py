"""What is to be exported, as an address says it, and what that means at a moment. No file, no request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.db import Connection
from analytics.export import Dataset, ExportError, dataset_named, format_for
from analytics.model import ServiceKey, ServiceType
from analytics.named_sql import query
from analytics.periods import LONGEST, parse_period
from analytics.rules.wording import did_you_mean, listed

#: What a figure is about when nobody says.
OF_FIGURES = "24h"

#: What an address may say, and how often.
_ONCE = ("period", "type", "timezone", "columns")
_OFTEN = ("service", "status")


@dataclass(frozen=True, slots=True)
class Asked:
    """A dataset of the catalogue in a format, and what of it; what is empty chooses nothing.

    `period` is a period in words, `statuses` those of rows, `columns` those wanted in their order.
    """

    dataset: str
    format: str = "csv"
    period: str = ""
    services: tuple[ServiceKey, ...] = ()
    service_type: ServiceType | None = None
    statuses: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    timezone: str = "UTC"

    @property
    def found(self) -> Dataset:
        """The dataset. `ExportError` when there is none of this name."""
        return dataset_named(self.dataset)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What `Asked` means at a moment, in the words of `analytics.export.export`."""

    asked: Asked
    since: datetime | None
    until: datetime | None
    services: tuple[ServiceKey, ...] | None

    def rows(self) -> dict[str, Any]:
        """The arguments that choose rows: those of `count`."""
        return {
            "since": self.since,
            "until": self.until,
            "services": None if self.services is None else list(self.services),
            "statuses": list(self.asked.statuses) or None,
        }

    def written(self) -> dict[str, Any]:
        """The arguments of `export` beside dataset, format and target."""
        return {
            **self.rows(),
            "columns": list(self.asked.columns) or None,
            "timezone": self.asked.timezone,
        }


def read_asked(dataset: str, form: str, said: Sequence[tuple[str, str]]) -> Asked:
    """What the query of an address (`said`: its pairs) asks of `dataset`; empty values say nothing.

    Raises `ExportError` for what is not understood. Columns, services and statuses are looked for later.
    """
    once: dict[str, str] = {}
    often: dict[str, list[str]] = {name: [] for name in _OFTEN}
    for name, value in said:
        if name in often:
            often[name] += [value] if value else []
        elif name not in _ONCE:
            known = (*_ONCE, *_OFTEN)
            hint = did_you_mean(name[:60], known)
            raise ExportError(f'there is no filter "{name[:60]}": {hint}there are {listed(known)}')
        elif name in once:
            raise ExportError(f"{name}: it is there twice; say it once")
        else:
            once[name] = value
    return Asked(
        dataset=dataset_named(dataset).name,
        format=format_for(form, None).value,
        period=once.get("period", ""),
        services=tuple(_service(text) for text in often["service"]),
        service_type=_type(once.get("type", "")),
        statuses=tuple(often["status"]),
        columns=tuple(one.strip() for one in once.get("columns", "").split(",") if one.strip()),
        timezone=once.get("timezone", "") or "UTC",
    )


def chosen(connection: Connection, now: datetime, asked: Asked) -> Chosen:
    """What `asked` means at `now`. Raises `ExportError` with one line."""
    found = asked.found
    since, until = _period(found, asked.period, now)
    services: tuple[ServiceKey, ...] | None = asked.services or None
    if asked.service_type is not None:
        services = _of_type(connection, asked)
    return Chosen(asked, since, until, services)


def _period(found: Dataset, text: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    if not text and found.read is None:
        return None, None
    try:
        # All of a table that is there can be had, however old it is.
        period = parse_period(text or OF_FIGURES, now, None if found.read is None else LONGEST)
    except ValueError as error:
        raise ExportError(str(error)) from None
    return period.since, period.until


def _of_type(connection: Connection, asked: Asked) -> tuple[ServiceKey, ...]:
    kind = asked.service_type
    if asked.services:
        strange = [str(key) for key in asked.services if key.service_type is not kind]
        if strange:
            raise ExportError(f"service {strange[0]} is not of the type {kind}: leave one of the two out")
        return asked.services
    rows = connection.execute(query("names_of_services")).fetchall()
    found = tuple(ServiceKey(ServiceType(row[0]), str(row[1])) for row in rows if row[0] == kind)
    if not found:
        raise ExportError(f"type {kind}: no service of this type is in the database")
    return found


def _service(text: str) -> ServiceKey:
    kind, _, name = text.partition("/")
    if not name or kind not in list(ServiceType):
        raise ExportError(f'service "{text[:60]}": it is written type/name, such as api/shopify')
    return ServiceKey(ServiceType(kind), name)


def _type(text: str) -> ServiceType | None:
    if not text:
        return None
    if text not in list(ServiceType):
        raise ExportError(f'type "{text[:60]}": it is {listed(one.value for one in ServiceType)}')
    return ServiceType(text)


def query_of(asked: Asked) -> Mapping[str, str | list[str]]:
    """The query of the address that asks for it, without what says nothing; lists are repeated."""
    written: dict[str, str | list[str]] = {
        "period": asked.period,
        "type": asked.service_type or "",
        "service": [str(key) for key in asked.services],
        "status": list(asked.statuses),
        "columns": ",".join(asked.columns),
        "timezone": "" if asked.timezone == "UTC" else asked.timezone,
    }
    return {name: value for name, value in written.items() if value}
