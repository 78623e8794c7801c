"""The tables of traffic by the column: calls, deliveries, and what was said of quotas.

There are millions of calls: they come in batches, and of each only what the rules go by is kept.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from analytics.named_sql import query
from analytics.replay.columns import floats, numbers, running_sums
from analytics.replay.recording import Bools, Ints, QuotaSeries
from analytics.replay.traffic import CallColumns, DeliveryColumns, Failure

Bound = dict[str, datetime]

#: So many rows are held at once as they came.
_BATCH = 250_000


def read_calls(
    connection: duckdb.DuckDBPyConnection, bound: Bound, names: Sequence[str]
) -> dict[str, CallColumns]:
    """The calls of each of the APIs `names` that has any."""
    pieces: list[list[CallColumns]] = [[] for _ in names]
    known: dict[tuple[Any, ...], Failure] = {}
    for batch in _batches(connection, "replay_calls", {**bound, "names": names}):
        place = numbers(batch, "name", np.int16) - 1
        for number, own in enumerate(pieces):
            rows = np.flatnonzero(place == number)
            if len(rows):
                own.append(_calls(batch, rows, known))
    return {name: _joined(own) for name, own in zip(names, pieces, strict=True) if own}


def _calls(batch: pa.RecordBatch, rows: Ints, known: dict[tuple[Any, ...], Failure]) -> CallColumns:
    """Those rows in their order; failures that are alike are one."""
    succeeded = batch["succeeded"].to_numpy(zero_copy_only=False)[rows]
    failed = pa.array(rows[~succeeded])
    ways = zip(*(batch[name].take(failed).to_pylist() for name in ("status", "why", "message")), strict=True)
    return CallColumns(
        time=numbers(batch, "time")[rows],
        response_ms=numbers(batch, "response_ms", np.int32)[rows],
        retries=numbers(batch, "retries", np.int16)[rows],
        succeeded=succeeded,
        failures=[known.setdefault(way, Failure(*way)) for way in ways],
        failed_before=np.zeros(0, dtype=np.int32),
    )


def _joined(pieces: list[CallColumns]) -> CallColumns:
    """All of one API in the order of time; those of one moment as they came."""
    time = np.concatenate([one.time for one in pieces])
    order = _order(time)
    succeeded = np.concatenate([one.succeeded for one in pieces])
    failures = [failure for one in pieces for failure in one.failures]
    numbered = (np.cumsum(~succeeded) - 1)[order]
    succeeded = succeeded[order]
    return CallColumns(
        time=time[order],
        response_ms=np.concatenate([one.response_ms for one in pieces])[order],
        retries=np.concatenate([one.retries for one in pieces])[order],
        succeeded=succeeded,
        failures=[failures[number] for number in numbered[~succeeded].tolist()],
        failed_before=running_sums(~succeeded),
    )


def read_deliveries(
    connection: duckdb.DuckDBPyConnection, bound: Bound, names: Sequence[str]
) -> dict[str, DeliveryColumns]:
    """The deliveries of each of the webhook sources `names` that has any."""
    table = connection.execute(query("replay_deliveries"), {**bound, "names": names}).to_arrow_table()
    messages, time = table["message"].combine_chunks(), numbers(table, "time")
    verified, processed = numbers(table, "verified"), numbers(table, "processed")
    response, place = numbers(table, "response_ms"), numbers(table, "name") - 1
    found = {}
    for number, name in enumerate(names):
        rows = np.flatnonzero(place == number)
        if len(rows):
            rows = rows[_order(time[rows])]
            found[name] = DeliveryColumns(
                time=time[rows],
                verified=verified[rows],
                processed=processed[rows],
                response_ms=response[rows],
                messages=messages.take(pa.array(rows)).to_pylist(),
            )
    return found


def read_quotas(
    connection: duckdb.DuckDBPyConnection, bound: Bound, names: Sequence[str], done: Ints
) -> tuple[QuotaSeries, ...]:
    """What each client said of each quota of the APIs `names`: the newest words before each of `done`."""
    asked = {**bound, "names": names}
    series = connection.execute(query("replay_quota_series"), asked).fetchall()
    pieces: dict[int, list[QuotaSeries]] = {number: [] for number, *_ in series}
    for batch in _batches(connection, "replay_quotas", asked) if series else ():
        which = batch["series"].to_numpy()
        for number, *words in series:
            rows = np.flatnonzero(which == np.uint64(number))
            if len(rows):
                pieces[number].append(_last_words(_levels(batch, rows, words), done))
    return tuple(
        _last_words(_all_levels(pieces[number], words), done) for number, *words in series if pieces[number]
    )


def _levels(batch: pa.RecordBatch, rows: Ints, words: Sequence[str]) -> QuotaSeries:
    name, client, quota = words
    time, resets_at = (numbers(batch, one)[rows] for one in ("time", "resets_at"))
    return QuotaSeries(
        name, client, quota, time, floats(batch, "used")[rows], floats(batch, "most")[rows], resets_at
    )


def _all_levels(pieces: Sequence[QuotaSeries], words: Sequence[str]) -> QuotaSeries:
    name, client, quota = words
    columns = (
        np.concatenate([getattr(one, column) for one in pieces])
        for column in ("time", "used", "most", "resets_at")
    )
    return QuotaSeries(name, client, quota, *columns)


def _last_words(series: QuotaSeries, done: Ints) -> QuotaSeries:
    """In the order of time; of what was said between two of `done` only the last word, nobody saw others."""
    order = _order(series.time)
    places = np.searchsorted(done, series.time[order], side="left")
    last: Bools = np.append(places[1:] != places[:-1], True)
    kept = order[last]
    return QuotaSeries(
        series.name,
        series.client,
        series.quota,
        series.time[kept],
        series.used[kept],
        series.most[kept],
        series.resets_at[kept],
    )


def _order(time: Ints) -> Ints:
    """The places in the order of time; those of one moment stay as they are."""
    if np.all(time[1:] >= time[:-1]):
        return np.arange(len(time))  # as good as always
    return np.argsort(time, kind="stable")


def _batches(
    connection: duckdb.DuckDBPyConnection, name: str, bound: dict[str, Any]
) -> Iterator[pa.RecordBatch]:
    yield from connection.execute(query(name), bound).to_arrow_reader(_BATCH)
