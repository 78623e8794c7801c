"""Figures over time as the rows that charts read: one a step and line, beside that of the period before.

Pure. The first step of a period stands beside the first step of the period before it, and so on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.model import ServiceKey
from pages._ui import words
from pages._ui.trends import wording
from pages._ui.trends.grid import Grid, Values

#: What is drawn over time: its column, how it reads, and up to which value an axis reaches at least.
FIGURES: Mapping[str, tuple[str, Callable[[float | None], str], float]] = MappingProxyType(
    {
        "uptime": ("uptime_percent", wording.uptime, 99.0),
        "p95": ("p95_ms", wording.latency, 0.0),
        "errors": ("error_percent", words.bad_share, 1.0),
        "retries": ("retry_percent", words.bad_share, 1.0),
    }
)

#: How a line is called that stands for all that is chosen.
WHOLE = "0"


@dataclass(frozen=True, slots=True)
class Seen:
    """One period as charts need it: the checks of each service in each step of `checked`, and the traffic of
    each service that has a line, or of all, in each of `asked`."""

    checked: Grid
    checks: pd.DataFrame
    asked: Grid
    traffic: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Course:
    """One figure over time. `rows`: at, line (`0`, `1` … in the order drawn), its name, value, before, reach,
    lonely (nothing beside it), said, said_before. `least` and `most` are of `value`, None without one."""

    rows: pd.DataFrame
    least: float | None
    most: float | None


def courses(now: Seen, before: Seen | None, drawn: Sequence[ServiceKey]) -> Mapping[str, Course]:
    """The courses of all `FIGURES`, by name: a line for each of `drawn`, or one of all without any."""
    found = {}
    for name, (column, say, reach) in FIGURES.items():
        grid = now.checked if name == "uptime" else now.asked
        values = _spread(now, name, column, bool(drawn))
        earlier = {} if before is None else _spread(before, name, column, bool(drawn))
        lines = [(key, _of(values, key, grid), _of(earlier, key, grid)) for key in drawn or (None,)]
        found[name] = _course(lines, grid, say, reach)
    return MappingProxyType(found)


def _spread(seen: Seen, name: str, column: str, split: bool) -> Mapping[tuple[str, ...], Values]:
    if name != "uptime":
        return seen.asked.spread(seen.traffic, column)
    keys = ["step_start", *(["service_type", "service_name"] if split else [])]
    checks = seen.checks.groupby(keys, sort=True)[["up", "down"]].sum().reset_index()
    known = checks["up"] + checks["down"]
    checks[column] = 100.0 * checks["up"] / known.where(known > 0)
    return seen.checked.spread(checks, column)


def _of(found: Mapping[tuple[str, ...], Values], key: ServiceKey | None, grid: Grid) -> Values:
    """The values of `key` on `grid`; those of the period before may be a step more or fewer."""
    values = found.get((key.service_type.value, key.service_name) if key else ())
    if values is None:
        return grid.nothing
    return np.concatenate((values, grid.nothing))[: grid.count]


def _course(
    lines: Sequence[tuple[ServiceKey | None, Values, Values]],
    grid: Grid,
    say: Callable[[float | None], str],
    reach: float,
) -> Course:
    value, before = (np.concatenate([line[number] for line in lines]) for number in (1, 2))
    names = [words.service_name(key.service_name) if key else "All together" for key, *_ in lines]
    rows = pd.DataFrame(
        {
            "at": grid.starts[np.tile(np.arange(grid.count), len(lines))],
            "line": np.repeat([str(number) for number in range(len(lines))], grid.count),
            "name": np.repeat(names, grid.count),
            "value": value,
            "before": before,
            # Of all rows it would be a mark each, to draw one axis.
            "reach": np.where(np.arange(len(value)) == 0, reach, np.nan),
            "lonely": np.concatenate([_lonely(values) for _, values, _ in lines]),
            "said": [say(None if one != one else one) for one in value.tolist()],
            "said_before": [say(None if one != one else one) for one in before.tolist()],
        }
    )
    known = value[~np.isnan(value)]
    return Course(
        rows, float(known.min()) if len(known) else None, float(known.max()) if len(known) else None
    )


def _lonely(values: Values) -> npt.NDArray[np.bool_]:
    """Which values have none beside them: no line leads to them."""
    gone = np.isnan(np.concatenate(([np.nan], values, [np.nan])))
    found: npt.NDArray[np.bool_] = ~gone[1:-1] & gone[:-2] & gone[2:]
    return found
