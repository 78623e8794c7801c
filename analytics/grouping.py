"""How figures of traffic are grouped: by what, of which services, in what steps of time. Their queries bind
these."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

import duckdb

from analytics.coverage import HOUR, coverage, read_state
from analytics.frames import names
from analytics.model import ServiceKey

#: What one row is about. `endpoint`: method and endpoint of an API, event type of a webhook source.
By = Literal["service", "type", "endpoint", "all"]

#: The columns that tell rows apart; those that are not grouped by are empty.
KEYS = ["service_type", "service_name", "method", "endpoint"]


def bound(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    by: By,
    services: Sequence[ServiceKey] | None,
    step: timedelta | None = None,
) -> dict[str, Any]:
    """What a query over [`since`, `until`) binds; without `step` the whole period is one step.

    A step under an hour is worked out from single rows alone. ValueError when it is no time, or over an hour
    and not whole hours, and when `by` is none of `By`.
    """
    if by not in get_args(By):
        raise ValueError(f"figures are by {', '.join(get_args(By))}, and not by {by!r}")
    if step is not None and (step <= timedelta(0) or (step > HOUR and step % HOUR)):
        raise ValueError(f"a step is at most an hour, or whole hours, and not {step}")
    moments = coverage(connection, since, until).bound()
    if step is not None and step < HOUR:
        moments |= {"since": since, "body_since": until, "body_until": until, "until": until}
    return {
        **moments,
        "by": by,
        "services": names(services),
        "step": 0 if step is None else step // timedelta(microseconds=1),
    }


def possible_step(connection: duckdb.DuckDBPyConnection, since: datetime, step: timedelta) -> timedelta:
    """`step`, or an hour where it is finer and the single rows from `since` on are gone."""
    if step >= HOUR:
        return step
    raw_since = read_state(connection).raw_since
    return HOUR if raw_since is not None and raw_since > since else step
