"""When reports are made, and where they are kept."""

from dataclasses import dataclass
from datetime import time
from pathlib import Path


@dataclass(frozen=True)
class ReportSettings:
    """The table `[reports]` of services.toml.

    `daily` is a local time of day, `weekly` a weekday (0 is Monday) and a local time of day, both in
    `timezone` (a name of the IANA database); None makes no such report.
    """

    folder: Path = Path("data/reports")
    daily: time | None = None
    weekly: tuple[int, time] | None = None
    timezone: str = "UTC"
