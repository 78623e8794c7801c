"""Reads `/api/v2/summary.json` as Atlassian Statuspage writes it, and incident.io after it.

Every such page describes its own shape at `/api`; it is not always kept to. An incident may go on while the
indicator says none; components may be missing, or be troubled without an incident; incident.io lists
incidents without components; words unknown today appear tomorrow. So whatever is there is taken, and nothing
is relied on but the list of incidents itself.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from analytics.rules.vendors import VendorIncident, VendorPage

_LONGEST_NAME, _LONGEST_WORD, _LONGEST_URL = 300, 60, 500
_MOST_INCIDENTS, _MOST_COMPONENTS = 100, 50

_OVER = frozenset({"resolved", "postmortem", "completed"})
_MAINTENANCE_GOES_ON = frozenset({"in_progress", "verifying"})
#: Of a component: working as it should, or not working because of a maintenance that is told by itself.
_NO_TROUBLE = frozenset({"operational", "under_maintenance", ""})


def read_page(body: bytes, now: datetime) -> VendorPage | str:
    """What the page says; a sentence about what is wrong with the feed when `body` is no such page.

    Instead of times that are missing or unreadable the midnight before `now` is taken. Raises nothing.
    """
    try:
        content = orjson.loads(body)
    except ValueError:
        return "the answer is not JSON" + (", but a web page" if body.lstrip()[:1] == b"<" else "")
    if not isinstance(content, Mapping):
        return "the answer is JSON, but no status page"
    if not isinstance(content.get("incidents"), list):
        return "the answer has no list of incidents; name the page's /api/v2/summary.json"
    told = {incident.vendor_id: incident for incident in _incidents(content, now)}
    going_on = [incident for incident in told.values() if incident.resolved_at is None]
    going_on += _troubled_components(content, going_on, now)
    status = content.get("status")
    status = status if isinstance(status, Mapping) else {}
    return VendorPage(
        indicator=_text(status.get("indicator"), _LONGEST_WORD) or "unknown",
        description=_text(status.get("description"), _LONGEST_NAME),
        incidents=tuple(going_on),
        ended=tuple(incident for incident in told.values() if incident.resolved_at is not None),
    )


def _incidents(content: Mapping[str, Any], now: datetime) -> Iterator[VendorIncident]:
    for entry in _tables(content.get("incidents"))[:_MOST_INCIDENTS]:
        yield from _incident(entry, now, _text(entry.get("impact"), _LONGEST_WORD) or "none")
    for entry in _tables(content.get("scheduled_maintenances"))[:_MOST_INCIDENTS]:
        state = _text(entry.get("status"), _LONGEST_WORD)
        if state in _MAINTENANCE_GOES_ON or state in _OVER:
            yield from _incident(entry, now, "maintenance")


def _incident(entry: Mapping[str, Any], now: datetime, impact: str) -> Iterator[VendorIncident]:
    name = _text(entry.get("name"), _LONGEST_NAME)
    vendor_id = _text(entry.get("id"), _LONGEST_WORD) or name[:_LONGEST_WORD]
    if not vendor_id:
        return
    began = entry.get("scheduled_for") if impact == "maintenance" else entry.get("started_at")
    started_at = _moment(began, now) or _moment(entry.get("created_at"), now)
    updated_at = _moment(entry.get("updated_at"), now) or started_at
    state = _text(entry.get("status"), _LONGEST_WORD) or "unknown"
    resolved_at = None
    if state in _OVER:
        resolved_at = _moment(entry.get("resolved_at"), now) or updated_at or _some_time_today(now)
    yield VendorIncident(
        vendor_id=vendor_id,
        name=name or "an incident without a name",
        impact=impact,
        state=state,
        started_at=started_at or _some_time_today(now),
        updated_at=updated_at or _some_time_today(now),
        resolved_at=resolved_at,
        url=_link(entry.get("shortlink")) or _link(entry.get("url")),
        components=_component_names(entry),
    )


def _troubled_components(
    content: Mapping[str, Any], going_on: list[VendorIncident], now: datetime
) -> list[VendorIncident]:
    """Components in a bad state that no incident accounts for; one without components may account for any."""
    if any(not incident.components for incident in going_on):
        return []
    explained = {name for incident in going_on for name in incident.components}
    troubled = {}
    for entry in _tables(content.get("components")):
        name, state = (_text(entry.get(key), _LONGEST_NAME) for key in ("name", "status"))
        if not name or name in explained or state in _NO_TROUBLE or entry.get("group") is True:
            continue
        updated_at = _moment(entry.get("updated_at"), now) or _some_time_today(now)
        vendor_id = "component " + (_text(entry.get("id"), _LONGEST_WORD) or name[:_LONGEST_WORD])
        troubled[vendor_id] = VendorIncident(
            vendor_id=vendor_id,
            name=f"{name}: {state[:_LONGEST_WORD].replace('_', ' ')}"[:_LONGEST_NAME],
            impact="none",
            state="no incident opened",
            started_at=updated_at,
            updated_at=updated_at,
            components=(name,),
        )
    return list(troubled.values())[:_MOST_COMPONENTS]


def _component_names(entry: Mapping[str, Any]) -> tuple[str, ...]:
    names = (_text(part.get("name"), _LONGEST_NAME) for part in _tables(entry.get("components")))
    return tuple(dict.fromkeys(filter(None, names)))[:_MOST_COMPONENTS]


def _tables(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _text(value: Any, longest: int) -> str:
    """`value` on one line, cut to `longest`, without what cannot be printed; "" when it is no text."""
    if not isinstance(value, str):
        return ""
    words = " ".join(value[: 4 * longest].split())
    line = "".join(letter for letter in words if letter.isprintable())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _link(value: Any) -> str | None:
    """`value` when it is an address for a browser; any other is not shown."""
    if not isinstance(value, str) or len(value) > _LONGEST_URL or not value.isascii():
        return None
    return value if value.startswith("https://") and value.isprintable() and " " not in value else None


def _moment(value: Any, now: datetime) -> datetime | None:
    """The time that `value` writes (ISO 8601), in UTC; None for anything else, and for the far future."""
    if not isinstance(value, str):
        return None
    try:
        written = datetime.fromisoformat(value)
        moment = written.astimezone(UTC) if written.tzinfo else written.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment - now < timedelta(days=1) else None


def _some_time_today(now: datetime) -> datetime:
    """Instead of a time that nobody told: one that is the same with every reading of the day."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
