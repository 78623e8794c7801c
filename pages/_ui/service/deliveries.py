"""What a webhook source delivers: how much of each event type was genuine and taken, and its silence."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics import check_queries, webhook_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey
from analytics.periods import Period
from pages._ui import notices, panels, times, words
from pages._ui.daybars import exact_percent
from pages._ui.shell import Visit
from pages._ui.tables import Column, Row, table, technical

#: How far back to look for the newest check.
_WITHIN = timedelta(hours=6)

#: No pause is longer than a year.
_LONGEST_SECONDS = 366 * 86_400


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The deliveries of one event type; shares are in percent, None without a delivery that counts."""

    event: str
    count: int
    unverified: int
    verified_percent: float | None
    processed_percent: float | None
    repeated: int
    p95_ms: float | None
    newest: datetime | None
    longest_silence: timedelta


@dataclass(frozen=True, slots=True)
class Silence:
    """When the source last delivered something genuine, its usual pause, and what 99 of 100 do not exceed."""

    newest: datetime | None
    usual: timedelta | None
    longest: timedelta | None


def read(connection: Connection, period: Period, service: ServiceKey) -> tuple[Deliveries, ...]:
    """The event types of `service` in `period`, the most frequent first."""
    found = webhook_queries.webhook_figures(connection, period.since, period.until, [service])
    rows = [
        Deliveries(
            row["event_type"] or "",
            row["deliveries"],
            row["unverified"],
            row["verified_percent"],
            row["processed_percent"],
            row["repeated"],
            row["p95_ms"],
            row["newest"],
            timedelta(seconds=row["longest_silence_seconds"] or 0),
        )
        for row in records(found)
    ]
    return tuple(sorted(rows, key=lambda one: -one.count))


def read_silence(connection: Connection, service: ServiceKey, now: datetime) -> Silence:
    """The silence of `service`, as its newest check of the last hours found it."""
    found = check_queries.service_checks(connection, now - _WITHIN, now, service, count=1)
    text = next((row["details"] for row in records(found)), None)
    details = json.loads(text) if text else {}
    return silence_of(details if isinstance(details, dict) else {})


def silence_of(details: Mapping[str, Any]) -> Silence:
    """What the details of a check say of silence; of what is written otherwise nothing."""
    newest = _moment(details.get("newest_genuine") or details.get("newest"))
    return Silence(
        newest, _pause(details.get("usual_pause_seconds")), _pause(details.get("longest_pause_seconds"))
    )


def card(found: Sequence[Deliveries], visit: Visit) -> str:
    """The event types as a table."""
    aside = panels.download(
        "webhook_figures", period=visit.view.range or "24h", service=str(visit.view.service)
    )
    if not found:
        body = notices.empty("No deliveries", "Nothing was delivered by this source in this time.")
        return panels.card("Deliveries by event type", body, aside=aside)
    columns = [
        Column("Event type"),
        Column("Deliveries", number=True),
        Column("Verified", number=True, title="deliveries with a genuine signature"),
        Column("Processed", number=True, title="of the genuine ones, taken by the application"),
        Column("Repeated", number=True, wide_only=True),
        Column("P95", number=True, wide_only=True, title="from the last byte to our answer"),
        Column("Longest silence", number=True, wide_only=True),
        Column("Newest", wide_only=True),
    ]
    body = table("Deliveries by event type", columns, [_row(one) for one in found])
    return panels.card("Deliveries by event type", body, aside=aside, classes="service-deliveries")


def facts(found: Silence) -> str:
    """When the source spoke last, and how often it usually does, as facts about its state."""
    shown = [("Last delivery", times.ago(found.newest) if found.newest else "none seen")]
    if found.usual is not None:
        longest = f", 99 of 100 pauses under {words.span(found.longest)}" if found.longest else ""
        shown.append(("Usually", f"one every {words.span(found.usual)}{longest}"))
    return "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in shown)


def _row(one: Deliveries) -> Row:
    forged = f"<small>{one.unverified:,} not</small>" if one.unverified else ""
    return Row(
        [
            technical(one.event) if one.event else '<span class="soft">not told</span>',
            f"{one.count:,}",
            exact_percent(one.verified_percent) + forged,
            exact_percent(one.processed_percent),
            f"{one.repeated:,}",
            words.milliseconds(one.p95_ms) or "–",
            words.spelt(one.longest_silence.total_seconds()),
            times.ago(one.newest) if one.newest else "–",
        ]
    )


def _pause(seconds: Any) -> timedelta | None:
    """At least a second: less is no pause anybody notices."""
    if isinstance(seconds, int | float) and 0 <= seconds < _LONGEST_SECONDS:
        return timedelta(seconds=max(1.0, seconds))
    return None


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None
