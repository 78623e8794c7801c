"""Windows over recorded traffic: what the status rules judge an API or a webhook source by."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import duckdb

from analytics.model import Reason, Rhythm, Window
from analytics.named_sql import query

#: The window of the status rules.
SPAN = timedelta(hours=1)
#: How far back a source's usual rhythm is looked for: a whole week, so that no weekday is a surprise.
RHYTHM_SPAN = timedelta(days=7)
#: How far back its longest pause is looked for: at the end of a silent weekend the last one has to be in it.
EXTREME_SPAN = timedelta(days=14)
#: A source that is known for a shorter time has not shown its nights.
NIGHTS_KNOWN_AFTER = timedelta(days=2)

_REASONS: dict[str | None, Reason] = {reason.value: reason for reason in Reason}


def call_windows(
    connection: duckdb.DuckDBPyConnection, now: datetime, span: timedelta = SPAN
) -> dict[str, Window]:
    """The calls of the last `span` of every API, by `api_name`, as of `now`."""
    rows = connection.execute(query("call_windows"), bounds(now, span)).fetchall()
    return {row[0]: _call_window(*row[1:]) for row in rows}


def delivery_windows(
    connection: duckdb.DuckDBPyConnection,
    now: datetime,
    rhythms: Mapping[str, Rhythm],
    span: timedelta = SPAN,
) -> dict[str, Window]:
    """The deliveries of the last `span` of every webhook source, by `source`, as of `now`."""
    rows = connection.execute(query("delivery_windows"), bounds(now, span)).fetchall()
    silent = {name: Window(newest=rhythm.newest, rhythm=rhythm) for name, rhythm in rhythms.items()}
    return silent | {row[0]: _delivery_window(rhythms.get(row[0]), *row[1:]) for row in rows}


def delivery_rhythms(connection: duckdb.DuckDBPyConnection, now: datetime) -> dict[str, Rhythm]:
    """How every webhook source usually speaks, from its last two weeks as of `now`; by `source`."""
    bound = {**bounds(now, RHYTHM_SPAN), "extreme_since": now - EXTREME_SPAN}
    rows = connection.execute(query("delivery_rhythms"), bound).fetchall()
    return {name: _rhythm(*figures) for name, *figures in rows}


def bounds(now: datetime, span: timedelta) -> dict[str, datetime]:
    """What the queries over a window bind: the last `span` as of `now`."""
    return {"since": now - span, "until": now}


def _span(seconds: float | None) -> timedelta:
    return timedelta(seconds=seconds or 0.0)


def _rhythm(
    pauses: int,
    usual: float | None,
    longest: float | None,
    newest: datetime,
    oldest: datetime,
    extreme: float | None,
) -> Rhythm:
    known = newest - oldest >= NIGHTS_KNOWN_AFTER and extreme is not None
    return Rhythm(pauses, _span(usual), _span(longest), newest, _span(extreme) if known else None)


def _call_window(
    total: int,
    failed: int,
    p95_ms: float | None,
    consecutive_failures: int,
    newest: datetime,
    newest_success: datetime | None,
    retries: int,
    failure: dict[str, int | str | None] | None,
) -> Window:
    reason, message = Reason.OK, ""
    if failure is not None:
        status, word = failure["status"], failure["reason"]
        reason = failure_reason(
            status if isinstance(status, int) else None, word if isinstance(word, str) else None
        )
        message = str(failure["message"] or (f"HTTP {status}" if status else ""))
    return Window(
        total=total,
        failed=failed,
        p95_ms=p95_ms,
        consecutive_failures=consecutive_failures,
        newest=newest,
        newest_success=newest_success,
        reason=reason,
        message=message,
        retries=int(retries),
    )


def _delivery_window(
    rhythm: Rhythm | None,
    total: int,
    failed: int,
    p95_ms: float | None,
    newest: datetime | None,
    newest_success: datetime | None,
    handed_on: int,
    unprocessed: int,
    unverified_message: str | None,
    unprocessed_message: str | None,
) -> Window:
    return Window(
        total=total,
        failed=failed,
        p95_ms=p95_ms,
        newest=newest if newest is not None or rhythm is None else rhythm.newest,
        newest_success=newest_success,
        reason=Reason.AUTH if failed else Reason.OK,
        message=unverified_message or "",
        handed_on=handed_on,
        unprocessed=unprocessed,
        unprocessed_message=unprocessed_message or "",
        rhythm=rhythm,
    )


def failure_reason(status_code: int | None, word: str | None = None) -> Reason:
    """The reason a failed call is given: the one that was recorded with it, or what its HTTP status says.

    None as the status means that no answer came.
    """
    if word in _REASONS:
        return _REASONS[word]
    if status_code is None:
        return Reason.CONNECT
    if status_code in (401, 403):
        return Reason.AUTH
    if status_code == 429:
        return Reason.RATE_LIMITED
    if status_code >= 500:
        return Reason.HTTP_5XX
    return Reason.HTTP_4XX if status_code >= 400 else Reason.PROTOCOL
