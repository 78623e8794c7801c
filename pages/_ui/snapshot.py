"""What one look at the database found, as plain frozen values: small to keep, safe to share among viewers."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from analytics.model import ServiceType, Status


@dataclass(frozen=True, slots=True)
class Check:
    """One finished check as it was stored.

    `response_time_ms` is None when nothing was measured, `success_rate` is in percent. `begun` is the time of
    its first attempt, None for a check of one.
    """

    at: datetime
    status: Status
    reason: str
    message: str = ""
    response_time_ms: float | None = None
    success_rate: float | None = None
    begun: datetime | None = None

    @property
    def due(self) -> datetime:
        """When the check was made, without the time that confirming a failure took."""
        return self.begun or self.at


@dataclass(frozen=True, slots=True)
class Service:
    """A monitored service with its last checks, oldest first."""

    service_type: ServiceType
    name: str
    interval: timedelta
    checks: tuple[Check, ...]

    @property
    def key(self) -> str:
        """`type/name`, as the command line takes it."""
        return f"{self.service_type}/{self.name}"

    @property
    def newest(self) -> Check | None:
        """The check its status rests on."""
        return self.checks[-1] if self.checks else None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The newest sign of life of the collector."""

    at: datetime
    interval: timedelta


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the first page shows, read at one moment."""

    taken_at: datetime
    heartbeat: Heartbeat | None
    services: tuple[Service, ...]


def from_frames(
    taken_at: datetime, run: pd.DataFrame, services: pd.DataFrame, checks: pd.DataFrame
) -> Snapshot:
    """A snapshot of the frames of `newest_run`, `services` and `recent_checks` in `analytics.queries`."""
    history: dict[tuple[str, str], list[Check]] = defaultdict(list)
    for row in _rows(checks):
        history[row["service_type"], row["service_name"]].append(_check(row))
    heartbeats = [
        Heartbeat(row["finished_at"], timedelta(seconds=row["interval_seconds"])) for row in _rows(run)
    ]
    return Snapshot(
        taken_at=taken_at,
        heartbeat=heartbeats[0] if heartbeats else None,
        services=tuple(
            Service(
                service_type=ServiceType(row["service_type"]),
                name=row["service_name"],
                interval=timedelta(seconds=row["interval_seconds"]),
                checks=tuple(history[row["service_type"], row["service_name"]]),
            )
            for row in _rows(services)
        ),
    )


def _check(row: dict[str, Any]) -> Check:
    return Check(
        at=row["timestamp"],
        status=known_status(row["status"]),
        reason=row["reason"] or "",
        message=row["message"] or "",
        response_time_ms=row["response_time_ms"],
        success_rate=row["success_rate"],
        begun=row["begun"],
    )


def known_status(word: str | None) -> Status:
    """The status stored as `word`; one this version does not know is shown as unknown."""
    try:
        return Status(word or "")
    except ValueError:
        return Status.UNKNOWN


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows as plain Python values, with None for whatever pandas calls missing."""
    names = frame.columns.tolist()
    for values in zip(*(_values(frame[name]) for name in names), strict=True):
        yield dict(zip(names, values, strict=True))


def _values(series: "pd.Series[Any]") -> list[Any]:
    missing = series.isna()
    values = list(series.dt.to_pydatetime()) if hasattr(series, "dt") else series.tolist()
    if not missing.any():
        return values
    return [None if gone else value for value, gone in zip(values, missing, strict=True)]
