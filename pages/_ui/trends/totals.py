"""The figures of all that is chosen, as tiles."""

from pages._ui import changes, words
from pages._ui.tiles import Tile, moved
from pages._ui.trends import wording
from pages._ui.trends.lines import Figure, Line


def tiles_of(total: Line, against: str) -> list[Tile]:
    """A tile a figure; `against` says what changes are measured by."""
    return [
        _share(
            "Uptime",
            total.uptime,
            wording.uptime(total.uptime.value),
            True,
            against,
            "Checks that were not down",
        ),
        _time("P50 latency", total.p50, against, "Half of the requests were faster"),
        _time("P95 latency", total.p95, against, "95 of 100 requests were faster"),
        _time("P99 latency", total.p99, against, "99 of 100 requests were faster"),
        _share(
            "Error rate",
            total.errors,
            words.bad_share(total.errors.value),
            False,
            against,
            "Failed requests of all",
        ),
        _share(
            "Retry rate",
            total.retries,
            words.bad_share(total.retries.value),
            False,
            against,
            "Retries per 100 requests",
        ),
        moved(
            "Requests",
            wording.count(total.requests.value),
            changes.percent(total.requests.percent),
            None,
            against,
            f"{_exact(total.requests.value)} requests\n{_exact(total.requests.before)} before",
        ),
    ]


def _share(label: str, figure: Figure, value: str, more_is_good: bool, against: str, tip: str) -> Tile:
    said = wording.uptime if more_is_good else words.bad_share
    tip = f"{tip}\n{said(figure.before)} before" if figure.before is not None else tip
    return moved(label, value, changes.points(figure.points), more_is_good, against, tip)


def _time(label: str, figure: Figure, against: str, tip: str) -> Tile:
    tip = f"{tip}\n{wording.latency(figure.before)} before" if figure.before is not None else tip
    return moved(label, wording.latency(figure.value), changes.percent(figure.percent), False, against, tip)


def _exact(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"
