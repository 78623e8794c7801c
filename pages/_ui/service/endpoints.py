"""Which endpoints of an API are called, how fast they answer, and why calls of them fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from analytics import latency_queries, traffic_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey
from analytics.periods import Period
from pages._ui import notices, panels, words
from pages._ui.shell import Visit
from pages._ui.tables import Column, Row, table, technical

#: Endpoints that are listed; the others are in the download.
_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of an API. Times in ms, None without any; `failures` are (reason, how often)."""

    method: str
    path: str
    requests: int
    errors: int
    error_percent: float
    retry_percent: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    failures: tuple[tuple[str, int], ...]


def read(connection: Connection, period: Period, service: ServiceKey) -> tuple[Endpoint, ...]:
    """The endpoints of `service` in `period`, those with the most errors first, then the most called."""
    bounds = (connection, period.since, period.until)
    joined = latency_queries.rates_and_latency(*bounds, "endpoint", [service])
    why: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for row in records(traffic_queries.failures(*bounds, [service])):
        why.setdefault((row["method"] or "", row["endpoint"] or ""), []).append(
            (row["reason"] or "", row["errors"])
        )
    found = [
        Endpoint(
            row["method"] or "",
            row["endpoint"] or "",
            row["requests"],
            row["errors"],
            row["error_percent"],
            row["retry_percent"],
            row["p50_ms"],
            row["p95_ms"],
            row["p99_ms"],
            tuple(why.get((row["method"] or "", row["endpoint"] or ""), ())),
        )
        for row in records(joined)
    ]
    return tuple(sorted(found, key=lambda one: (-one.errors, -one.requests)))


def card(found: Sequence[Endpoint], visit: Visit) -> str:
    """The endpoints as a table."""
    period, service = visit.view.range or "24h", str(visit.view.service)
    aside = panels.download("rates_by_endpoint", period=period, service=service)
    if not found:
        body = notices.empty("No calls", "No program reported a call of this API in this time.")
        return panels.card("Endpoints", body, aside=aside)
    columns = [
        Column("Endpoint"),
        Column("Calls", number=True),
        Column("Errors", number=True),
        Column("Retries", number=True, wide_only=True, title="further attempts for 100 calls"),
        Column("P50", number=True, wide_only=True),
        Column("P95", number=True),
        Column("P99", number=True, wide_only=True),
        Column("Why calls failed", wide_only=True),
    ]
    body = table("Endpoints", columns, [_row(one) for one in found[:_SHOWN]])
    rest = len(found) - _SHOWN
    about = f"the {_SHOWN} with the most errors or calls; {rest} more in the download" if rest > 0 else ""
    return panels.card("Endpoints", body, about=about, aside=aside, classes="service-endpoints")


def _row(one: Endpoint) -> Row:
    errors = (
        f"{one.errors:,}<small>{words.bad_share(one.error_percent)}</small>"
        if one.errors
        else '<span class="soft">0</span>'
    )
    return Row(
        [
            f'<span class="method">{escape(one.method)}</span>{technical(one.path)}',
            f"{one.requests:,}",
            errors,
            words.bad_share(one.retry_percent),
            words.milliseconds(one.p50_ms) or "–",
            words.milliseconds(one.p95_ms) or "–",
            words.milliseconds(one.p99_ms) or "–",
            reasons(one.failures),
        ]
    )


def reasons(failures: Sequence[tuple[str, int]], most: int = 3) -> str:
    """Why requests failed and how often, the most frequent first. HTML."""
    shown = ", ".join(
        f"{escape(words.reason(reason)) if reason else 'no reason told'} {count:,}×"
        for reason, count in failures[:most]
    )
    more = sum(count for _, count in failures[most:])
    return shown + (f", others {more:,}×" if more else "") or '<span class="soft">–</span>'
