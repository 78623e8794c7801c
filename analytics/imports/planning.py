"""What an import would bring, before anything is written: which monitor becomes which service."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from analytics.db import Location, read_only
from analytics.imports.history import ImportProblem, Monitor, Source
from analytics.imports.sources import open_source
from analytics.model import ServiceKey, ServiceType
from analytics.named_sql import query

#: The names that services.toml allows.
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._]+")

_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class PlannedService:
    """One monitor and the `service` it becomes; what there is of it is in `monitor`."""

    service: ServiceKey
    monitor: Monitor


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What `run` would do: each monitor with its service, in the order of the source.

    `observations` counts the single checks of the source, `sums` the hours and days of which only sums are
    left, both before what is there already is left out. `notes` are sentences a person should read.
    """

    kind: str
    path: Path
    identity: str
    services: tuple[PlannedService, ...]
    notes: tuple[str, ...]

    @property
    def observations(self) -> int:
        """How many single checks the source holds."""
        return sum(one.monitor.observations for one in self.services)

    @property
    def sums(self) -> int:
        """Of how many hours and days it holds sums."""
        return sum(one.monitor.sums for one in self.services)

    @property
    def first(self) -> datetime:
        """The oldest thing it knows, in UTC."""
        return min(one.monitor.first for one in self.services)

    @property
    def last(self) -> datetime:
        """The newest, in UTC."""
        return max(one.monitor.last for one in self.services)


def plan(
    location: Location,
    path: Path,
    kind: str | None = None,
    service_type: ServiceType = ServiceType.INFRASTRUCTURE,
    mapping: Mapping[str, ServiceKey] | None = None,
) -> ImportPlan:
    """What importing `path` into the database at `location` would bring; changes neither.

    `kind` is one of `KINDS`, found out when None. A monitor becomes the service `service_type`/its name, as
    far as a name may have its letters, or what `mapping` (monitor name → service) says. Only `mapping` may
    lead to a service that is monitored here. Raises `ImportProblem`, or a `DatabaseError`.
    """
    source = open_source(path, kind)
    mapped = mapping or {}
    _refuse_names(mapped)
    _refuse_strangers(source, mapped)
    services = tuple(
        PlannedService(mapped.get(one.name) or _service(one.name, service_type), one)
        for one in source.monitors
    )
    _refuse_clashes(services)
    _refuse_monitored(location, services, mapped)
    return ImportPlan(source.kind, path, source.identity, services, source.notes)


def service_name(title: str) -> str:
    """`title` as the name of a service: "Łódź API (prod)" is "lodz-api-prod". Empty when nothing is left."""
    plain = title.lower().replace("ł", "l").replace("ß", "ss").replace("ø", "o")
    letters = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return _NOT_IN_NAMES.sub("-", letters).strip("-._")[:100].rstrip("-._")


def _service(title: str, service_type: ServiceType) -> ServiceKey:
    name = service_name(title)
    if not name:
        raise ImportProblem(
            f"monitor {title!r}: no name of a service can be made of it; "
            f'name one with --map "{title}={service_type}/some-name"'
        )
    return ServiceKey(service_type, name)


def _refuse_names(mapping: Mapping[str, ServiceKey]) -> None:
    for monitor, service in mapping.items():
        if service.service_type not in list(ServiceType):
            raise ImportProblem(
                f"--map {_short(monitor)}: {_short(service.service_type)} is no type of service; "
                f"use one of {', '.join(ServiceType)}"
            )
        if not _NAME.fullmatch(service.service_name):
            raise ImportProblem(
                f"--map {_short(monitor)}: {_short(service.service_name)} is no name of a service; use a-z, "
                f"0-9, dot, dash and underscore, a letter or digit first, at most 100"
            )


def _short(words: str) -> str:
    """In quotes, on one line, and of readable length."""
    quoted = repr(str(words))
    return quoted if len(quoted) <= _LONGEST_SHOWN else f"{quoted[:_LONGEST_SHOWN]}…"


def _refuse_strangers(source: Source, mapping: Mapping[str, ServiceKey]) -> None:
    names = [one.name for one in source.monitors]
    for name in names:
        if names.count(name) > 1:
            raise ImportProblem(f"two monitors are called {name!r}: give one of them another name there")
    for name in mapping:
        if name not in names:
            raise ImportProblem(
                f'--map "{name}={mapping[name]}": no monitor is called so; there are {", ".join(names)}'
            )


def _refuse_clashes(services: tuple[PlannedService, ...]) -> None:
    seen: dict[ServiceKey, str] = {}
    for one in services:
        other = seen.setdefault(one.service, one.monitor.name)
        if other != one.monitor.name:
            raise ImportProblem(
                f"monitors {other!r} and {one.monitor.name!r} would both be {one.service}; "
                f'name one of them with --map "{one.monitor.name}={one.service}-2"'
            )


def _refuse_monitored(
    location: Location, services: tuple[PlannedService, ...], mapping: Mapping[str, ServiceKey]
) -> None:
    with read_only(location) as connection:
        monitored = set(connection.execute(query("monitored_and_not_imported")).fetchall())
    for one in services:
        key = (str(one.service.service_type), one.service.service_name)
        if key in monitored and one.monitor.name not in mapping:
            raise ImportProblem(
                f"monitor {one.monitor.name!r} would be {one.service}, which is monitored here; say that "
                f'it is the same with --map "{one.monitor.name}={one.service}", or map it to another name'
            )
