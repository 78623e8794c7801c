"""All services along one axis of time, each with its incidents below its band. HTML."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from analytics.model import ServiceKey
from pages._ui.bands import KINDS, Band, Stretch, bands, legend
from pages._ui.incidents.question import Timeline
from pages._ui.incidents.rows import Incident
from pages._ui.incidents.selection import href
from pages._ui.situation import ORDER, Situation
from pages._ui.view import View
from pages._ui.words import service_label

#: Bands on one page; of more services those with incidents come first, then those that are worst now.
MOST = 24

#: What is drawn is kept so long for all who look at the same.
_DRAWN_AGAIN = timedelta(minutes=1)


def services_of(
    view: View, now: Situation, incidents: Sequence[Incident]
) -> tuple[tuple[ServiceKey, ...], int]:
    """The services to draw, in configured order, and how many there are in all."""
    shown = [
        seen
        for seen in now.services
        if view.service_type in (None, seen.key.service_type) and view.service in (None, seen.key)
    ]
    if len(shown) > MOST:
        met = {one.key for one in incidents}
        ranked = sorted(shown, key=lambda seen: (seen.key not in met, ORDER.index(seen.status)))
        kept = {seen.key for seen in ranked[:MOST]}
        keys = tuple(sorted((seen.key for seen in shown if seen.key in kept), key=_place))
        return keys, len(shown)
    return tuple(sorted((seen.key for seen in shown), key=_place)), len(shown)


def timeline(
    found: Timeline,
    keys: tuple[ServiceKey, ...],
    incidents: tuple[Incident, ...],
    view: View,
    zone: ZoneInfo,
    now: datetime,
) -> str:
    """The bands of `keys` with what of `incidents` is theirs. Dragging over them asks for that time."""
    minute = int(now.timestamp() // _DRAWN_AGAIN.total_seconds())
    return _drawn(found, keys, incidents, view, zone, minute)


@lru_cache(maxsize=32)
def _drawn(
    found: Timeline,
    keys: tuple[ServiceKey, ...],
    incidents: tuple[Incident, ...],
    view: View,
    zone: ZoneInfo,
    minute: int,
) -> str:
    now = datetime.fromtimestamp(minute * _DRAWN_AGAIN.total_seconds(), zone)
    met: dict[ServiceKey | None, list[Stretch]] = {}
    for one in reversed(incidents):
        met.setdefault(one.key, []).append(_incident(one, view))
    lines = [
        Band(
            service_label(key.service_type, key.service_name),
            found.stretches.get(key, ()),
            below=met.get(key, ()),
            href=view.href("service", service=key),
        )
        for key in keys
    ]
    drawn = bands(
        lines, found.period.since, found.period.until, zone, now, "Status of every service, with incidents"
    )
    return drawn + legend("healthy", "degraded", "down", "unknown")


def _incident(one: Incident, view: View) -> Stretch:
    kind = one.severity if one.severity in KINDS else "info"
    return Stretch(kind, one.began_at, one.resolved_at, one.title, href(view, incident=one.id))


def _place(key: ServiceKey) -> tuple[int, str]:
    return list(type(key.service_type)).index(key.service_type), key.service_name
