"""The tools an MCP server offers now, and when they changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any

from analytics import check_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey
from pages._ui import notices, panels, times
from pages._ui.shell import Visit

#: How far back to look for the list of tools.
_WITHIN = timedelta(days=1)

#: Tools that are shown without asking.
_SHOWN = 40

#: Changes that are shown without asking.
_NEWEST = 6

_VERBS = (
    ("removed", "Removed"),
    ("changed", "Takes other arguments"),
    ("added", "Added"),
    ("missing", "Expected, and missing"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One time the tools were found changed; names by what became of them."""

    at: datetime
    tools: tuple[tuple[str, tuple[str, ...]], ...]
    message: str


@dataclass(frozen=True, slots=True)
class Tools:
    """What an MCP server says it is and offers; `seen_at` is None when no check listed its tools lately."""

    names: tuple[str, ...]
    seen_at: datetime | None
    facts: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]


def read(
    connection: Connection, since: datetime, until: datetime, service: ServiceKey, now: datetime
) -> Tools:
    """The tools of `service` now, and their changes from `since` to `until`."""
    newest = check_queries.newest_tools(connection, now - _WITHIN, now, service)
    seen_at, details = newest if newest else (None, {})
    tools = details.get("tools")
    return Tools(
        names=tuple(sorted(str(name) for name in tools)) if isinstance(tools, dict) else (),
        seen_at=seen_at,
        facts=_facts(details),
        changes=tuple(
            Change(
                row["timestamp"],
                tuple((verb, row[verb]) for verb, _ in _VERBS if row[verb]),
                row["message"] or "",
            )
            for row in records(check_queries.tool_changes(connection, since, until, service))
        ),
    )


def _facts(details: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    server = " ".join(str(details[name]) for name in ("server_name", "server_version") if details.get(name))
    offered = details.get("capabilities")
    facts = (
        ("Server", server),
        ("Protocol", str(details.get("protocol_version") or "")),
        ("Transport", str(details.get("transport") or "")),
        ("Offers", ", ".join(str(one) for one in offered) if isinstance(offered, list) else ""),
    )
    return tuple((name, value) for name, value in facts if value)


def card(found: Tools, visit: Visit) -> str:
    """The tools, what the server says of itself, and the changes."""
    about = f"{len(found.names)} now" if found.seen_at else ""
    aside = f"listed {times.ago(found.seen_at)}" if found.seen_at else ""
    facts = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in found.facts
    )
    body = f'{_names(found.names)}<dl class="facts">{facts}</dl>{_changes(found.changes, visit)}'
    return panels.card("Tools", body, about=about, aside=aside, classes="service-tools")


def _names(names: Sequence[str]) -> str:
    if not names:
        return notices.empty(
            "No list of tools", "No check of the last day could list what this server offers."
        )
    chips = [f"<li><code>{escape(name)}</code></li>" for name in names]
    more = ""
    if len(chips) > _SHOWN:
        more = (
            f'<details><summary data-keep="more-tools">{len(chips) - _SHOWN} more</summary>'
            f'<ul class="tools">{"".join(chips[_SHOWN:])}</ul></details>'
        )
    return f'<ul class="tools">{"".join(chips[:_SHOWN])}</ul>{more}'


def _changes(changes: Sequence[Change], visit: Visit) -> str:
    if not changes:
        return '<p class="service-note">No change of the tools was seen in this time.</p>'
    rows = "".join(_change(one, visit) for one in changes[:_NEWEST])
    more = len(changes) - _NEWEST
    said = (
        f'<p class="service-note">and {more} earlier change{"s" if more > 1 else ""}</p>' if more > 0 else ""
    )
    return f'<h3>Changes</h3><ul class="tool-changes">{rows}</ul>{said}'


def _codes(names: Sequence[str]) -> str:
    return " ".join(f"<code>{escape(name)}</code>" for name in names)


def _change(one: Change, visit: Visit) -> str:
    words_of = dict(_VERBS)
    parts = "".join(
        f'<span class="tool-{verb}">{words_of[verb]} {_codes(names)}</span>' for verb, names in one.tools
    )
    return f"<li>{times.moment(one.at, visit.zone, visit.now)}<div>{parts or escape(one.message)}</div></li>"
