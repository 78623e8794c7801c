"""How much is left of an API's quotas: a bar each, and when it will be used up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from analytics import quota_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey
from pages._ui import panels, times, words
from pages._ui.service.meter import Look, meter
from pages._ui.shell import Visit

#: How full, in percent, a quota is a matter of concern, and of haste.
_FULL, _NEARLY = 95.0, 80.0

#: When a quota will be used up in less than this, somebody should know.
_SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quota:
    """The newest reading of one quota, as one program was told it; moments are None when not known."""

    name: str
    client: str
    used: float
    limit: float
    used_percent: float
    told_at: datetime
    resets_at: datetime | None
    exhausted_at: datetime | None


def read(connection: Connection, service: ServiceKey, now: datetime) -> tuple[Quota, ...]:
    """The quotas of `service` that were told of in the last day, the fullest first."""
    return tuple(
        Quota(
            row["quota"] or "quota",
            row["client"] or "",
            row["used"],
            row["limit"],
            row["used_percent"],
            row["at"],
            row["resets_at"],
            row["exhausted_at"],
        )
        for row in records(quota_queries.quota_headroom(connection, now, services=[service]))
    )


def card(found: Sequence[Quota], visit: Visit) -> str:
    """The quotas as bars."""
    rows = "".join(f"<li>{_quota(one, visit)}</li>" for one in found)
    aside = panels.download("quota_headroom", period="24h", service=str(visit.view.service))
    return panels.card(
        "Quotas", f'<ul class="quotas">{rows}</ul>', about="as the newest answers told", aside=aside
    )


def _quota(one: Quota, visit: Visit) -> str:
    look: Look = "full" if one.used_percent >= _FULL else "nearly" if one.used_percent >= _NEARLY else "room"
    named = spelt(one.name)
    client = f'<span class="soft"> · told to {escape(one.client)}</span>' if one.client else ""
    figures = f"{one.used:,.0f} of {one.limit:,.0f}"
    bar = meter(
        one.used_percent,
        look,
        f"{named}: {figures} used",
        f"<b>{escape(named)}</b>{client}",
        f"<b>{words.percent(one.used_percent)}</b> {figures}",
    )
    return f'{bar}<p class="service-note">{_when(one, visit)}</p>'


def spelt(name: str) -> str:
    """A quota as people say it: `tokensPerDay` reads Tokens per day."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name).strip().capitalize()


def _when(one: Quota, visit: Visit) -> str:
    parts = []
    if one.exhausted_at is not None:
        at = times.moment(one.exhausted_at, visit.zone, visit.now)
        soon = one.exhausted_at - visit.now < _SOON
        look = "going" if soon else "calm"
        parts.append(f'<b class="{look}">used up {at} at this pace</b>')
    else:
        parts.append("lasts at the pace of the last hour")
    if one.resets_at is not None and one.resets_at > visit.now:
        parts.append(f"resets {times.moment(one.resets_at, visit.zone, visit.now)}")
    parts.append(f"told {times.ago(one.told_at)}")
    return " · ".join(parts)
