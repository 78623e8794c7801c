"""The table `[reports]`: when the daily and the weekly report are made, and where they are kept."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from collector.config.faults import Fault, Where
from collector.config.moments import Clock, DayAndClock, TimeZone
from collector.config.sentences import sound_part
from collector.reports.settings import ReportSettings


def _folder(value: str) -> str:
    if "${" in value:
        raise ValueError('holds a variable; write the folder itself, like "data/reports"')
    if "\0" in value:
        raise ValueError('is no folder; write one like "data/reports"')
    return value


class ReportsTable(BaseModel):
    """`[reports]`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    folder: Annotated[str, Field(min_length=1), AfterValidator(_folder)] = "data/reports"
    daily: Clock | None = None
    weekly: DayAndClock | None = None
    timezone: TimeZone = "UTC"


def read_reports(table: object) -> tuple[ReportSettings | None, list[Fault]]:
    """`[reports]` and its faults; None without the table (`table` is None) and with a fault."""
    where: Where = ("reports",)
    if table is None:
        return None, []
    if not isinstance(table, Mapping):
        return None, [Fault(where, "is no table; write it as [reports]")]
    sound, faults = sound_part(ReportsTable, table, where)
    if "daily" not in table and "weekly" not in table:
        text = 'has neither daily nor weekly; write daily = "08:00", weekly = "mon 08:00", or take it out'
        faults.append(Fault(where, text))
    if sound is None or faults:
        return None, faults
    return ReportSettings(Path(sound.folder), sound.daily, sound.weekly, sound.timezone), []
