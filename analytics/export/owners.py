"""Whose rows: what the services of the catalogue are called in the rows of a dataset."""

from collections.abc import Sequence

import duckdb

from analytics.export.dataset import Dataset, Owner
from analytics.export.errors import ExportError, unknown
from analytics.model import ServiceKey, ServiceType
from analytics.named_sql import query

_TYPES = {Owner.API: ServiceType.API, Owner.SOURCE: ServiceType.WEBHOOK}


def owners(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, services: Sequence[ServiceKey], relation: str
) -> tuple[str, list[str]]:
    """The condition of rows that belong to `services`, and the list it binds as `$services`.

    A service that is not configured any more is known by its rows. Raises `ExportError` for one that is known
    by neither, and for a dataset whose rows belong to no service.
    """
    if dataset.owner is None:
        raise ExportError(f"{dataset.name}: its rows belong to no service: leave the services out")
    condition = f"list_contains($services, {dataset.owner.value})"
    known = {
        f"{service_type}/{name}": traffic
        for service_type, name, traffic in connection.execute(query("names_of_services")).fetchall()
    }
    chosen: list[str] = []
    for service in services:
        name = _name(dataset.owner, service, known)
        if str(service) not in known and not _has_rows(connection, relation, condition, name):
            raise unknown("service", str(service), known)
        chosen += [name] if name is not None else []
    return condition, chosen


def _name(owner: Owner, service: ServiceKey, known: dict[str, str]) -> str | None:
    """What rows call `service`; None when they are never about one of its type."""
    if owner not in _TYPES:
        return str(service)
    return known.get(str(service), service.service_name) if service.service_type is _TYPES[owner] else None


def _has_rows(connection: duckdb.DuckDBPyConnection, relation: str, condition: str, name: str | None) -> bool:
    statement = f"SELECT 1 FROM {relation} WHERE {condition} LIMIT 1"  # noqa: S608
    return name is not None and connection.execute(statement, {"services": [name]}).fetchone() is not None
