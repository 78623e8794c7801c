"""The tables `[[maintenance]]`: when work is announced, once (`start`, `end`) or each week (`weekly`)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from analytics.model import ServiceKey
from analytics.rules.maintenance import MaintenanceWindow, OneOff, Weekly
from collector.config.faults import Fault, Where
from collector.config.moments import Clock, Day, Moment, TimeZone
from collector.config.references import ALL, unknown_services
from collector.config.sentences import Wording, sound_part
from collector.config.spans import Span

_LONGEST = timedelta(days=90)
_ONCE, _EACH_WEEK = ("start", "end"), ("weekly", "at", "for", "timezone")
_WORDING = Wording(needed_by="every window needs it")


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("holds a line break or another control character; write it on one line")
    return value


class MaintenanceTable(BaseModel):
    """One `[[maintenance]]` entry. Which keys go together is told apart from what each may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_one_line)]
    services: Annotated[list[str], Field(min_length=1)]
    start: Moment | None = None
    end: Moment | None = None
    weekly: Annotated[list[Day], Field(min_length=1)] | None = None
    at: Clock | None = None
    lasting: Span | None = Field(default=None, alias="for")
    timezone: TimeZone = "UTC"


def read_maintenance(
    tables: object, known: Mapping[str, ServiceKey]
) -> tuple[tuple[MaintenanceWindow, ...], list[Fault]]:
    """The windows in the order of the file, and the faults of all. `known` has the services of the file."""
    if not isinstance(tables, list):
        return (), [Fault(("maintenance",), "is no list of tables; write each window as [[maintenance]]")]
    windows, faults = [], []
    for index, table in enumerate(tables):
        where: Where = ("maintenance", index)
        if not isinstance(table, Mapping):
            faults.append(Fault(where, "is no table; write it as [[maintenance]]"))
            continue
        sound, wrong = sound_part(MaintenanceTable, table, where, _WORDING)
        wrong += _misfits(table, sound, where)
        wrong += _wrong_services(table.get("services"), (*where, "services"), known)
        if sound is not None and not wrong:
            windows.append(_window(sound, known))
        faults += wrong
    return tuple(windows), faults


def _misfits(table: Mapping[str, Any], sound: MaintenanceTable | None, where: Where) -> list[Fault]:
    once = [key for key in _ONCE if key in table]
    weekly = [key for key in _EACH_WEEK if key in table]
    if once and weekly:
        text = f'has both "{once[0]}" and "{weekly[0]}"; write start and end, or weekly, at and for'
        return [Fault(where, text)]
    if not once and not weekly:
        return [Fault(where, "says no time; write start and end, or weekly, at and for")]
    needed, noun = (_ONCE, "a window with start and end") if once else (_EACH_WEEK[:3], "a weekly window")
    faults = [Fault((*where, key), f"is missing; {noun} needs it") for key in needed if key not in table]
    if sound is not None and sound.start and sound.end:
        faults += _wrong_end(sound.start, sound.end, (*where, "end"))
    return faults


def _wrong_end(start: datetime, end: datetime, where: Where) -> list[Fault]:
    if end <= start:
        text = f"{written_moment(end)} is not after start ({written_moment(start)}); write a later one"
        return [Fault(where, text)]
    if end - start > _LONGEST:
        text = f"{written_moment(end)} is more than {_LONGEST.days} days after start; switch the service off"
        return [Fault(where, f"{text} (enabled = false)")]
    return []


def _wrong_services(names: Any, where: Where, known: Mapping[str, ServiceKey]) -> list[Fault]:
    faults = unknown_services(names, where, known)
    if isinstance(names, list) and ALL in names and len(names) > 1:
        faults.append(Fault(where, f'holds "{ALL}", which stands for all; take the others out'))
    return faults


def _window(table: MaintenanceTable, known: Mapping[str, ServiceKey]) -> MaintenanceWindow:
    services = None if ALL in table.services else frozenset(known[name] for name in table.services)
    if table.start is not None and table.end is not None:
        return OneOff(table.name, services, table.start, table.end)
    assert table.weekly is not None
    assert table.at is not None
    assert table.lasting is not None
    return Weekly(table.name, services, frozenset(table.weekly), table.at, table.lasting, table.timezone)


def written_moment(at: datetime) -> str:
    """`at` in UTC as TOML has it, to the minute."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")
