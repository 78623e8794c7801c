"""What surrounds a service: what its vendor says, what it needs and what needs it, announced work, mutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics import surroundings_queries as queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey, Status
from analytics.rules.vendors import READ_WITHIN, vendor_title
from pages._ui import words
from pages._ui.situation import Situation

#: A report that is over is still worth a word about what is wrong now for so long.
_STILL_OF_INTEREST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Report:
    """An incident as a vendor tells it; `resolved_at` is None while it goes on, `url` empty without one."""

    vendor: str
    name: str
    impact: str
    state: str
    started_at: datetime
    resolved_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A vendor's status page: what it says as a whole, and when it could be read last (None: never)."""

    vendor: str
    description: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Work:
    """Announced work on the service."""

    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Mute:
    """Somebody wants to hear nothing of `rule`, or of anything when it is empty."""

    rule: str
    until: datetime
    author: str
    note: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All of it; reports and work are those of the period that is looked at."""

    reports: tuple[Report, ...]
    feeds: tuple[Feed, ...]
    work: tuple[Work, ...]
    mutes: tuple[Mute, ...]
    needed: tuple[ServiceKey, ...]
    needing: tuple[ServiceKey, ...]


def read(
    connection: Connection, since: datetime, until: datetime, service: ServiceKey, now: datetime
) -> Surroundings:
    """What surrounds `service`, with what happened from `since` to `until`."""
    needed, needing = queries.dependencies(connection, service)
    return Surroundings(
        reports=tuple(
            Report(
                vendor_title(row["vendor"]),
                row["name"],
                row["impact"] or "",
                row["state"] or "",
                row["started_at"],
                row["resolved_at"],
                row["url"] or "",
            )
            for row in records(queries.vendor_reports(connection, since, service))
        ),
        feeds=tuple(
            Feed(vendor_title(row["vendor"]), row["description"] or "", row["read_at"])
            for row in records(queries.vendor_feeds(connection, service))
        ),
        work=tuple(Work(**row) for row in records(queries.maintenance(connection, since, until, service))),
        mutes=tuple(
            Mute(row["rule"] or "", row["until"], row["author"] or "", row["note"])
            for row in records(queries.mutes(connection, now, service))
        ),
        needed=needed,
        needing=needing,
    )


def whose_fault(found: Surroundings, status: Status, all_now: Situation) -> str:
    """Whether what is wrong comes from the vendor, from something the service needs, or from us, as far as is
    known. Plain text; empty when nothing is wrong and nobody reports anything."""
    now = all_now.now
    going_on = [one for one in found.reports if one.resolved_at is None]
    if going_on:
        return f"{going_on[0].vendor} reports trouble of its own: it may be them."
    if status not in (Status.DOWN, Status.DEGRADED):
        return ""
    troubled = [one for one in all_now.services if one.key in found.needed and one.status is Status.DOWN]
    if troubled:
        return f"It needs {words.label(troubled[0].key)}, which is down: begin there."
    lately = [one for one in found.reports if one.resolved_at and now - one.resolved_at < _STILL_OF_INTEREST]
    if lately:
        ago = words.span(now - (lately[0].resolved_at or now))
        return f"{lately[0].vendor} reported trouble until {ago} ago."
    heard = [one for one in found.feeds if one.read_at and now - one.read_at <= READ_WITHIN]
    if heard:
        return f"{heard[0].vendor} reports no trouble: look on our side first."
    return "No vendor's status page is read for it: whether it is them cannot be told from here."
