"""What every method of a notebook's `health` goes through: open late, read, close; what is meant by words."""

import difflib
import inspect
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from analytics.alert_settings import service_of
from analytics.db import Connection, Location, read_only
from analytics.model import ServiceKey
from analytics.named_sql import query
from analytics.periods import Period, parse_period

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

#: A period: "7d", "2026-11-01/2026-11-08", two moments, or what `health.period` gave.
When = str | Period | tuple[datetime, datetime]
#: Services: "api/openai", or several of them; None is all.
Which = str | ServiceKey | Iterable[str | ServiceKey] | None

#: Where the newest heartbeat is so old, periods end with it: the file is a copy, or its collector stopped.
_STOPPED = timedelta(days=1)
#: How long a writer is waited for. One write takes milliseconds, a new schema or a large import seconds.
_PATIENCE = 15.0


class NoSuchThing(ValueError):
    """What was asked for is not understood. Shown in a notebook as its one line."""

    def _render_traceback_(self) -> list[str]:
        return [f"Not understood: {self}"]


def explained_by(function: Callable[..., Any]) -> Callable[[F], F]:
    """Give a method what the docstring of `function` says of columns, for Shift-Tab."""

    def explained(method: F) -> F:
        own, other = inspect.getdoc(method), inspect.getdoc(function)
        method.__doc__ = f"{own}\n\n{other}"
        return method

    return explained


class Door:
    """Reads the database at `location` and shows times in the zone called `timezone`."""

    def __init__(self, location: Location, timezone: str, clock: Callable[[], datetime]) -> None:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise NoSuchThing(
                f"time zone {timezone!r} is not known; write one such as 'UTC' or 'Europe/Berlin'"
            ) from None
        self.location = location
        self.timezone = timezone
        self._clock = clock

    def read(self, work: Callable[[Connection], T]) -> T:
        """What `work(connection)` returns. The file is open, read-only, only as long as that takes."""
        with read_only(self.location, _PATIENCE) as connection:
            return work(connection)

    def frame(self, work: Callable[[Connection], pd.DataFrame]) -> pd.DataFrame:
        """The same of a DataFrame, its times in the zone of this notebook."""
        return self.shown(self.read(work))

    def shown(self, frame: pd.DataFrame) -> pd.DataFrame:
        """`frame` with its times in the zone of this notebook."""
        zoned = frame.select_dtypes("datetimetz")
        return frame.assign(**{str(name): zoned[name].dt.tz_convert(self.timezone) for name in zoned})

    @property
    def now(self) -> datetime:
        """When periods such as "7d" end: this moment; or the newest heartbeat, when that is a day old."""
        return self.read(self.now_in)

    def now_in(self, connection: Connection) -> datetime:
        """The same, read from `connection`."""
        newest, *_ = standing(connection)
        clock = self._clock().astimezone(UTC)
        return clock if newest is None or abs(clock - newest) <= _STOPPED else newest

    def period(self, when: When = "7d") -> Period:
        """What `when` means now: its `since`, `until`, `length`, and the `step` of its charts.

        "90m", "24h", "30d", "2026-11-01/2026-11-08T12:00" (UTC unless an offset is said), or two moments.
        """
        return self.read(lambda connection: self.period_in(connection, when))

    def period_in(self, connection: Connection, when: When) -> Period:
        """The same, `connection` telling what is now."""
        if isinstance(when, Period):
            return when
        text = when if isinstance(when, str) else _between(when)
        try:
            return parse_period(text, self.now_in(connection))
        except ValueError as error:
            raise NoSuchThing(str(error)) from None


def _between(moments: Any) -> str:
    if isinstance(moments, Sequence) and len(moments) == 2 and all(isinstance(m, datetime) for m in moments):
        return "/".join(moment.isoformat() for moment in moments)
    raise NoSuchThing(
        f'period {moments!r}: write text such as "7d" or "2026-11-01/2026-11-08", or a pair of datetimes'
    )


def standing(connection: Connection) -> tuple[datetime | None, datetime | None, int]:
    """The newest heartbeat, the newest check, how many services are monitored."""
    found = connection.execute(query("notebook_standing")).fetchall()
    newest_run, newest_check, services = found[0]
    return newest_run, newest_check, services


def chosen(connection: Connection, which: Which) -> list[ServiceKey] | None:
    """The services that `which` names; None is all. Raises `NoSuchThing` for one that is nowhere."""
    if which is None:
        return None
    if not isinstance(which, str | ServiceKey | Iterable):
        raise NoSuchThing(f"services {which!r}: write a type/name such as 'api/openai', or a list of them")
    named = [which] if isinstance(which, str | ServiceKey) else list(which)
    known = [service for (service,) in connection.execute(query("known_services")).fetchall()]
    return [_service(str(one), known) for one in named]


def _service(text: str, known: list[str]) -> ServiceKey:
    found = service_of(*text.partition("/")[::2]) if text in known else None
    if found is not None:
        return found
    near = difflib.get_close_matches(text, known, n=3, cutoff=0.4) or known[:3]
    hint = f"did you mean {' or '.join(near)}? " if near else "the database knows none yet; "
    raise NoSuchThing(f"service {text!r} is not known; {hint}(written type/name, such as 'api/openai')")
