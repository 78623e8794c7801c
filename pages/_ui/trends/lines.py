"""What a row of the table says: figures of a service, a type or all, beside those before. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from analytics.model import ServiceKey, ServiceType

#: What a line is about; None is all that is chosen.
Of: TypeAlias = ServiceKey | ServiceType | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and what it was in the period before; None is not known."""

    value: float | None = None
    before: float | None = None

    @property
    def points(self) -> float | None:
        """The change in the figure's own unit: of a share in percentage points."""
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def percent(self) -> float | None:
        """The change in percent of the figure before; None of nothing."""
        points = self.points
        return None if points is None or not self.before else 100.0 * points / self.before


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `uptime`, `errors` and `retries` are in percent, times in ms, `requests` a count.

    `course` is its P95 over time, None where nothing was measured.
    """

    of: Of
    uptime: Figure = Figure()
    p50: Figure = Figure()
    p95: Figure = Figure()
    p99: Figure = Figure()
    errors: Figure = Figure()
    retries: Figure = Figure()
    requests: Figure = Figure()
    down_seconds: float = 0.0
    degraded_seconds: float = 0.0
    course: tuple[float | None, ...] = ()


def _worst(line: Line) -> tuple[float, ...]:
    uptime = 100.0 if line.uptime.value is None else line.uptime.value
    return (100.0 - uptime, line.degraded_seconds, line.errors.value or 0.0)


#: By what lines can be put in order: largest first, or the worst.
SORTS: Mapping[str, Callable[[Line], tuple[float, ...]]] = MappingProxyType(
    {
        "worst": _worst,
        "uptime": lambda line: (-1.0 if line.uptime.value is None else line.uptime.value,),
        "p95": lambda line: (line.p95.value or 0.0,),
        "errors": lambda line: (line.errors.value or 0.0,),
        "retries": lambda line: (line.retries.value or 0.0,),
        "requests": lambda line: (line.requests.value or 0.0,),
    }
)


def in_order(lines: Sequence[Line], sort: str) -> list[Line]:
    """`lines` by `sort`: a name of `SORTS`, largest first, or `name`; `-` turns it round."""
    name = sort.removeprefix("-")
    if name == "name":
        return sorted(lines, key=lambda line: str(line.of).partition("/")[2], reverse=sort != name)
    return sorted(lines, key=SORTS[name], reverse=sort == name)


def is_sort(text: str) -> bool:
    """Whether `text` is an order that `in_order` knows."""
    return text.removeprefix("-") in (*SORTS, "name")
