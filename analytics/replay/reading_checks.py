"""The checks by the column."""

from collections.abc import Sequence
from datetime import datetime

import duckdb
import numpy as np

from analytics.model import Reason
from analytics.named_sql import query
from analytics.replay.columns import floats, numbers
from analytics.replay.recording import STATUSES, CheckColumns

Bound = dict[str, datetime]


def read_checks(connection: duckdb.DuckDBPyConnection, bound: Bound, known: Sequence[bool]) -> CheckColumns:
    """The checks of the parts that `bound` holds.

    `known` says of each monitored service whether its type is known; checks of others are left out, and
    checks of a status that is not known.
    """
    words = {"statuses": [one.value for one in STATUSES], "reasons": [one.value for one in Reason]}
    table = connection.execute(query("replay_checks"), {**bound, **words}).to_arrow_table()
    part, service = numbers(table, "part", np.int32), numbers(table, "service", np.int32)
    time, status = numbers(table, "time"), numbers(table, "status", np.int8)
    service_places = np.cumsum(np.array(known, dtype=np.int32), dtype=np.int32) - 1
    # Written in the order of time as good as always: two sorts that keep order are quicker than one of both.
    places = np.argsort(time, kind="stable")
    places = places[np.argsort(part[places], kind="stable")]
    keep = (status > 0) & np.array(known, dtype=np.bool_)[service] if len(service) else status > 0
    places = places[keep[places]]
    return CheckColumns(
        part=part[places],
        service=service_places[service[places]],
        time=time[places],
        status=status[places] - np.int8(1),
        reason=numbers(table, "reason", np.int16)[places],
        errors=numbers(table, "errors", np.int32)[places],
        response_ms=numbers(table, "response_ms", np.int32)[places],
        success_rate=floats(table, "success_rate")[places],
        attempt=numbers(table, "attempt", np.int32)[places],
        days_left=floats(table, "days_left")[places],
        text_place=places.astype(np.int32),
        messages=table["message"].combine_chunks(),
        details=table["details"].combine_chunks(),
    )
