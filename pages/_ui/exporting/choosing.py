"""The list of what there is, and the choices for what is chosen. HTML, safe as it is."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape

from analytics.export import FORMATS, Dataset
from analytics.model import ServiceType
from pages._ui import filters, notices, words
from pages._ui.exporting.catalogue import GROUPS, Entry, entry, found
from pages._ui.exporting.wanting import PERIOD, Wanted, has_period, only_type
from pages._ui.shell import Visit
from pages._ui.view import View

PAGE = "export"

_FORMATS = {"csv": "CSV", "json": "JSON", "ndjson": "NDJSON", "parquet": "Parquet"}
_ABOUT = {
    "csv": "for a spreadsheet; safe to open, formulas are made harmless",
    "json": "one document",
    "ndjson": "a document a line",
    "parquet": "for notebooks and DuckDB; typed, and the smallest",
}


@lru_cache(maxsize=64)
def catalogue(view: View, chosen: str) -> str:
    """Every dataset in its group, as links; the search leaves some out."""
    groups = found(view.search)
    if not groups:
        return notices.empty("Nothing of that name", "Search for a word such as latency, incident or quota.")
    return f'<nav class="export-list" aria-label="What to export">{_groups(view, groups, chosen)}</nav>'


def _groups(view: View, groups: dict[str, list[Entry]], chosen: str) -> str:
    return "".join(
        f"<section><h3>{escape(group)}</h3>{''.join(_link(view, one, chosen) for one in entries)}</section>"
        for group, entries in groups.items()
    )


def _link(view: View, one: Entry, chosen: str) -> str:
    name = one.dataset.name
    there = view.href(PAGE, search=view.search, **_own(view, what=name, rows=""))
    current = ' aria-current="true"' if name == chosen else ""
    return (
        f'<a data-in-app data-keep="what-{name}" href="{escape(there)}"{current}>'
        f"<b>{escape(one.title)}</b><span>{escape(one.about)}</span></a>"
    )


def pick(chosen: str) -> str:
    """The same choice where there is no room for a list."""
    options = ""
    for group, names in GROUPS.items():
        listed = "".join(_option(name, name == chosen) for name in names)
        options += f'<optgroup label="{escape(group)}">{listed}</optgroup>'
    return (
        f'<form class="choice export-pick" data-in-app data-at-once="yes" action="{PAGE}"><label>'
        f'<span class="unseen">What to export</span><select name="what" data-keep="what">{options}</select>'
        "</label></form>"
    )


def _option(name: str, chosen: bool) -> str:
    return f'<option value="{name}"{" selected" if chosen else ""}>{escape(entry(name).title)}</option>'


def bar(visit: Visit, wanted: Wanted) -> str:
    """Which rows: period, type and service, status; those that say nothing of the dataset are not there."""
    view, dataset, parts = visit.view, wanted.dataset, []
    if has_period(dataset):
        parts.append(filters.ranges(view, PAGE, PERIOD, visit.zone, visit.now))
    if dataset.owner is not None:
        only = only_type(dataset)
        if only is None:
            parts.append(_types(view))
        kind = only or view.service_type
        keys = (seen.key for seen in visit.situation.services)
        listed = [key for key in keys if kind in (None, key.service_type)]
        parts.append(filters.services(view, PAGE, listed))
    if dataset.statuses:
        parts.append(_statuses(dataset, wanted.asked.statuses))
    return filters.bar(*parts) if parts else ""


def form_bar(view: View, wanted: Wanted, zone_name: str) -> str:
    """As what: the format, and whose clock times are in."""
    chosen = wanted.asked.format
    forms = "".join(
        _segment(view, "format", one, _FORMATS[one], chosen == one, "csv", _ABOUT[one]) for one in FORMATS
    )
    local = view.get("zone") == "local"
    zones = _segment(view, "zone", "utc", "UTC", not local, "utc") + _segment(
        view, "zone", "local", zone_name, local, "utc"
    )
    times = ""
    if chosen != "parquet" and zone_name != "UTC":
        times = f'<nav class="segments" aria-label="Times in">{zones}</nav>'
    return filters.bar(f'<nav class="segments" aria-label="Format">{forms}</nav>', times) + (
        f'<p class="export-note">{escape(_FORMATS[chosen])}: {escape(_ABOUT[chosen])}.</p>'
    )


def _segment(
    view: View, name: str, value: str, label: str, current: bool, usual: str, title: str = ""
) -> str:
    there = view.href(PAGE, search=view.search, **_own(view, **{name: "" if value == usual else value}))
    mark = ' aria-current="true"' if current else ""
    said = f' title="{escape(title)}"' if title else ""
    keep = f'data-keep="{name}-{escape(value)}"'
    return f'<a data-in-app {keep} href="{escape(there)}"{mark}{said}>{escape(label)}</a>'


def _types(view: View) -> str:
    options = "".join(
        f'<option value="{one}"{" selected" if view.service_type is one else ""}>{label}</option>'
        for one, label in (("", "All types"), *((kind, words.GROUPS[kind]) for kind in ServiceType))
    )
    return _choice("type", "Type of service", options)


def _statuses(dataset: Dataset, chosen: Sequence[str]) -> str:
    options = '<option value="">Every status</option>' + "".join(
        f'<option value="{escape(one)}"{" selected" if one in chosen else ""}>'
        f"{escape(one.replace('_', ' ').capitalize())}</option>"
        for one in dataset.statuses
    )
    return _choice("rows", "Status of rows", options)


def _choice(name: str, label: str, options: str) -> str:
    return (
        f'<form class="choice" data-in-app data-at-once="yes" action="{PAGE}"><label>'
        f'<span class="unseen">{label}</span><select name="{name}" data-keep="{name}">{options}</select>'
        "</label></form>"
    )


def _own(view: View, **changes: str) -> dict[str, str]:
    return {**dict(view.own), **changes}
