"""How webhook sources deliver, as a DataFrame. Arguments are those of `analytics.traffic_queries`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import duckdb
import pandas as pd

from analytics.frames import frame
from analytics.grouping import bound, possible_step
from analytics.model import ServiceKey

#: Up to this length of the period single rows are asked for silences, in such grains; else the hours are.
_DAY = timedelta(days=1)
_GRAIN = timedelta(minutes=2)


def webhook_figures(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """What each webhook source delivered: a row a source and event type.

    Columns: service_name, event_type; as counts deliveries, unverified, unprocessed (of those that were
    genuine), repeated; verified_percent, processed_percent (of the genuine ones); p95_ms (of the processing
    of those that went well); newest (a time) and longest_silence_seconds, from `since`, between two
    deliveries, or up to `until`. It is exact when it is longer than two minutes in a period of up to 24
    hours whose single rows are kept, and when it is longer than an hour in any other.
    """
    values = bound(connection, since, until, "endpoint", services)
    del values["by"], values["step"]
    fine = until - since <= _DAY and possible_step(connection, since, _GRAIN) == _GRAIN
    grain = _GRAIN // timedelta(microseconds=1) if fine else 0
    return frame(connection, "webhook_figures", grain=grain, **values)
