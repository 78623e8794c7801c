"""What was typed, understood: periods, moments and services. Faults are `UsageError`s."""

import difflib
from collections.abc import Sequence
from datetime import datetime, timedelta

import duckdb

from analytics.commands import UsageError
from analytics.commands.words import listed
from analytics.model import ServiceKey, ServiceType
from analytics.named_sql import query
from analytics.periods import LONGEST, Period, parse_moment, parse_period


def period_of(text: str, now: datetime, longest: timedelta | None = LONGEST) -> Period:
    """The period that `text` means at `now`, at most `longest`."""
    try:
        return parse_period(text, now, longest)
    except ValueError as error:
        raise UsageError(str(error)) from None


def period_between(
    since: str, until: str | None, now: datetime, longest: timedelta | None = LONGEST
) -> Period:
    """From `since`, a length or a moment, until just before `until`, a moment, by default `now`."""
    if "/" in since:
        if until is not None:
            raise UsageError(f"--since {since}: names an end already; leave --until out")
        return period_of(since, now, longest)
    end = now if until is None else min(moment_of("--until", until), now)
    if _is_moment(since):
        return period_of(f"{since}/{until or ''}", now, longest)
    return period_of(since, end, longest)


def moment_of(flag: str, text: str) -> datetime:
    """The moment that was typed after `flag`."""
    try:
        return parse_moment(text)
    except ValueError as error:
        raise UsageError(f"{flag} {text}: {error}; write one such as 2026-11-20T08:00 (UTC)") from None


def service_key(text: str) -> ServiceKey:
    """The service called `type/name`."""
    kind, slash, name = text.partition("/")
    if not slash or not name or kind not in list(ServiceType):
        raise UsageError(
            f'"{text}" names no service; write TYPE/NAME, such as api/shopify; types: {listed(ServiceType)}'
        )
    return ServiceKey(ServiceType(kind), name)


def chosen_services(
    connection: duckdb.DuckDBPyConnection, words: Sequence[str] | None
) -> list[ServiceKey] | None:
    """The services that `words` name, None for all. UsageError for one that the database does not know."""
    if not words:
        return None
    keys = [service_key(word) for word in words]
    known = [name for (name,) in connection.execute(query("known_services")).fetchall()]
    for key in keys:
        if str(key) not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UsageError(f'"{key}" is no service in this database; {hint}there are: {listed(known, 40)}')
    return keys


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return False
    return True
