"""The table of services and groups: figures, their changes, and a small picture each. HTML."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from analytics.model import ServiceKey, ServiceType, Status
from pages._ui import changes, words
from pages._ui.marks import mark
from pages._ui.trends import wording
from pages._ui.trends.lines import Figure, Line
from pages._ui.trends.sparks import spark
from pages._ui.view import View

PAGE = "trends"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of figures: by what it sorts, its heading, how a figure and its change read, and whether more
    of it is better (None: neither)."""

    sort: str
    heading: str
    figure: Callable[[Line], Figure]
    say: Callable[[float | None], str]
    change: Callable[[Figure], str]
    more_is_good: bool | None
    wide: bool = False


_COLUMNS = (
    _Column(
        "uptime", "Uptime", lambda one: one.uptime, wording.uptime, lambda f: changes.points(f.points), True
    ),
    _Column("p95", "P95", lambda one: one.p95, wording.latency, lambda f: changes.percent(f.percent), False),
    _Column(
        "errors", "Errors", lambda one: one.errors, words.bad_share, lambda f: changes.points(f.points), False
    ),
    _Column(
        "retries",
        "Retries",
        lambda one: one.retries,
        words.bad_share,
        lambda f: changes.points(f.points),
        False,
        True,
    ),
    _Column(
        "requests",
        "Requests",
        lambda one: one.requests,
        wording.count,
        lambda f: changes.percent(f.percent),
        None,
        True,
    ),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line in its place in the table: `nested` below its group, `open` a group that shows its own."""

    line: Line
    nested: bool = False
    open: bool | None = None


def table(
    entries: Sequence[Entry], view: View, sort: str, statuses: Mapping[ServiceKey, Status], against: str
) -> str:
    """The whole table; `against` says what changes are measured by, empty when none is shown."""
    head = _heading("name", "Service", view, sort, "")
    for column in _COLUMNS:
        head += _heading(column.sort, column.heading, view, sort, "number wide" if column.wide else "number")
        if column.sort == "p95":
            head += '<th scope="col" class="wide tr-course">P95 over time</th>'
    body = "".join(_row(one, view, statuses) for one in entries)
    caption = f"Figures of each, {against}" if against else "Figures of each"
    return (
        f'<div class="scroll"><table class="rows tr-table{"" if against else " tr-alone"}">'
        f'<caption class="unseen">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _heading(name: str, text: str, view: View, sort: str, classes: str) -> str:
    """A heading that sorts by its column, and the other way round when it does so already."""
    chosen = sort.removeprefix("-") == name
    there = view.href(
        PAGE, **{**dict(view.own), "search": view.search, "sort": f"-{name}" if sort == name else name}
    )
    upwards = sort.startswith("-") != (name == "name")
    spoken = f' aria-sort="{"ascending" if upwards else "descending"}"' if chosen else ""
    arrow = f'<span aria-hidden="true">{" ▲" if upwards else " ▼"}</span>' if chosen else ""
    return (
        f'<th scope="col" class="{classes}"{spoken}><a data-in-app data-keep="sort-{name}" '
        f'href="{escape(there)}">{text}{arrow}</a></th>'
    )


def _row(entry: Entry, view: View, statuses: Mapping[ServiceKey, Status]) -> str:
    line = entry.line
    cells = f'<th scope="row">{_name(entry, view, statuses)}</th>'
    for column in _COLUMNS:
        figure = column.figure(line)
        change = column.change(figure)
        kind = _kind(change, column.more_is_good)
        cells += (
            f'<td class="number{" wide" if column.wide else ""}"><span class="tr-pair"><b>'
            f'{column.say(figure.value)}</b><small class="{kind}">{change}</small></span></td>'
        )
        if column.sort == "p95":
            cells += f'<td class="wide tr-course">{spark(line.course, "P95")}</td>'
    classes = "tr-nested" if entry.nested else "tr-group" if entry.open is not None else ""
    return f'<tr class="{classes}" data-row-link="yes">{cells}</tr>'


def _name(entry: Entry, view: View, statuses: Mapping[ServiceKey, Status]) -> str:
    of = entry.line.of
    if isinstance(of, ServiceKey):
        there = view.href("service", service=of)
        kind = "" if entry.nested or view.service_type else f"<small>{words.KINDS[of.service_type]}</small>"
        return (
            f'<a class="tr-name" data-in-app data-keep="row-{escape(str(of))}" href="{escape(there)}">'
            f"{mark(statuses.get(of, Status.UNKNOWN))}"
            f"<span>{escape(words.service_name(of.service_name))}{kind}</span></a>"
        )
    assert isinstance(of, ServiceType)
    opened = [name for name in view.get("open").split(",") if name]
    wanted = [one for one in opened if one != of] if entry.open else [*opened, of.value]
    there = view.href(PAGE, **{**dict(view.own), "search": view.search, "open": ",".join(wanted)})
    return (
        f'<a class="tr-name tr-opener" data-in-app data-keep="group-{of}" href="{escape(there)}" '
        f'aria-expanded="{"true" if entry.open else "false"}"><span>{words.GROUPS[of]}</span></a>'
    )


def _kind(change: str, more_is_good: bool | None) -> str:
    return {True: "better", False: "worse", None: "same"}[changes.is_better(change, more_is_good)]
