"""The newest checks of a service as a table; one of them can be opened, and the address says which."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from analytics import check_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey, Status
from analytics.periods import parse_period
from pages._ui import filters, marks, notices, panels, reading, words
from pages._ui.marks import mark
from pages._ui.service import details
from pages._ui.shell import Visit
from pages._ui.snapshot import known_status
from pages._ui.view import View

#: Checks a page.
PAGE = 20

#: What of the address belongs to this table: the status that is looked for, and the check that is opened.
RESULT, OPENED = "result", "check"

_ORDER = (Status.DOWN, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)
_HEADINGS = ("Time", "Status", "What it found", "Latency", "Try")
_LOOKS = ("when", "status", "found", "number", "number wide")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt as it was stored; `details` is JSON text."""

    at: datetime
    status: Status
    reason: str
    message: str
    response_time_ms: float | None
    number: int
    details: str

    @property
    def name(self) -> str:
        """How the address calls it: its time in milliseconds since 1970."""
        return str(int(self.at.timestamp() * 1000))


@dataclass(frozen=True, slots=True)
class Checks:
    """One page of attempts, and how many there are of each status."""

    attempts: tuple[Attempt, ...]
    counts: Mapping[Status, int]


def newest_checks(
    connection: Connection, now: datetime, service: ServiceKey, period: str, status: Status | None, page: int
) -> Checks:
    """The attempts of `service` in `period` (in words), newest first, of one `status` or all."""
    when = parse_period(period, now)
    bounds = (connection, when.since, when.until, service)
    counts = check_queries.service_check_counts(*bounds)
    # Beyond the last page is the last page, as the links below the table have it.
    at = min(page, _pages(counts, status))
    found = check_queries.service_checks(*bounds, status, PAGE, (at - 1) * PAGE)
    return Checks(
        tuple(
            Attempt(
                row["timestamp"],
                known_status(row["status"]),
                row["reason"] or "",
                row["message"] or "",
                row["response_time_ms"],
                row["attempt"] or 1,
                row["details"] or "",
            )
            for row in records(found)
        ),
        counts,
    )


def _pages(counts: Mapping[Status, int], status: Status | None) -> int:
    """How many pages the attempts of one `status`, or all, fill: one without any."""
    return max(1, math.ceil((counts.get(status, 0) if status else sum(counts.values())) / PAGE))


def card(service: ServiceKey, visit: Visit) -> str:
    """The table with its filter and its pages."""
    view = visit.view
    asked = view.get(RESULT)
    status = Status(asked) if asked in list(Status) else None
    found = reading.ask(newest_checks, service, view.range or "24h", status, view.page).value
    aside = panels.download("integration_health_checks", period=view.range or "24h", service=str(service))
    if found is None:
        body = notices.empty("No checks to show", "The database gives none just now; this tries again.")
        return panels.card("Checks", body, aside=aside)
    body = _chips(found, status, visit) + _table(found.attempts, visit)
    body += filters.pager(view, "service", _pages(found.counts, status))
    return panels.card(
        "Checks", body, about="every attempt, newest first", aside=aside, classes="service-checks"
    )


def _here(view: View, **changes: object) -> str:
    kept = {RESULT: view.get(RESULT), OPENED: view.get(OPENED), "page": view.page}
    return escape(view.href("service", **{**kept, **changes}))


def _chips(found: Checks, chosen: Status | None, visit: Visit) -> str:
    chips = []
    for status in (None, *_ORDER):
        count = found.counts.get(status, 0) if status else sum(found.counts.values())
        if status and not count and status is not chosen:
            continue
        current = ' aria-current="true"' if status is chosen else ""
        word = f"{mark(status)}{words.STATUSES[status]}" if status else "All"
        href = _here(visit.view, **{RESULT: status or "", OPENED: "", "page": 1})
        chips.append(
            f'<a data-in-app data-keep="result-{status or "all"}" class="chip"{current} href="{href}">'
            f'{word} <span class="soft">{count:,}</span></a>'
        )
    return f'<nav class="chips" aria-label="Status of checks">{"".join(chips)}</nav>'


def _table(attempts: Sequence[Attempt], visit: Visit) -> str:
    if not attempts:
        return notices.empty("No checks", "None was made in this time, or none with this status.")
    heads = zip(_HEADINGS, _LOOKS, strict=True)
    head = "".join(f'<th role="columnheader" scope="col" class="{look}">{name}</th>' for name, look in heads)
    rows = "".join(_row(one, visit) for one in attempts)
    # The roles are said because a narrow screen lays the rows out anew.
    return (
        '<div class="scroll"><table class="rows checks" role="table">'
        '<caption class="unseen">Checks, newest first</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table></div>'
    )


def _row(one: Attempt, visit: Visit) -> str:
    opened = visit.view.get(OPENED) == one.name
    href = _here(visit.view, **{OPENED: "" if opened else one.name})
    reason = "" if one.reason in ("", "ok") else f"<b>{escape(words.reason(one.reason))}</b> · "
    link = (
        f'<a data-in-app data-keep="check-{one.name}" href="{href}" aria-expanded="{str(opened).lower()}">'
        f"{_time(one.at, visit)}</a>"
    )
    cells = (
        link,
        marks.pill(one.status),
        f"{reason}{escape(one.message)}",
        words.milliseconds(one.response_time_ms) or "–",
        f"{one.number}",
    )
    written = "".join(
        f'<td role="cell" class="{look}">{cell}</td>' for cell, look in zip(cells, _LOOKS, strict=True)
    )
    row = f'<tr role="row" data-row-link="yes" class="{"opened" if opened else "closed"}">{written}</tr>'
    if not opened:
        return row
    found = details.listed(one.details)
    return (
        f'{row}<tr role="row" class="check-details"><td role="cell" colspan="{len(cells)}">{found}</td></tr>'
    )


def _time(at: datetime, visit: Visit) -> str:
    """The time of a check to the second, with its day unless that is today."""
    local = at.astimezone(visit.zone)
    today = local.date() == visit.now.astimezone(visit.zone).date()
    day = "" if today else f"{local.day} {local:%b} "
    stamp = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f'<time datetime="{stamp}" title="{words.day_and_clock(at)}">{day}{local:%H:%M:%S}</time>'
