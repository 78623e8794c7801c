"""Killed at any moment while senders report to it, the collector has every row that it acknowledged, once."""

import asyncio
import random
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.db import DatabaseMissing, FileLocation, read_only
from tests.collector.running import http_service, running, write_configuration
from tests.collector.stubborn_senders import TRACED_API, TRACED_HOST, Batch, Senders, calls, deliveries, spans
from tests.plugins.ports import free_port

#: Two collectors at once, each with a database of its own: most of a round is the start of the program. Of
#: the kills of a lane three meet the start, and the others a moment of work that four senders fill.
LANES, ROUNDS = 2, 15
SEED = 20261124
_MAKERS = (calls, calls, deliveries, spans)
_START_SECONDS = 30.0
_TABLES = ("api_metrics", "webhook_metrics")

_TORN = """
SELECT r.id FROM collector_runs r LEFT JOIN integration_health_checks c ON c.run_id = r.id
GROUP BY r.id, r.checks HAVING r.checks <> count(c.id)
UNION ALL
SELECT c.run_id FROM integration_health_checks c ANTI JOIN collector_runs r ON c.run_id = r.id
"""
_ORIGINS = "SELECT origin, count(*), count(DISTINCT id) FROM {table} WHERE origin <> 'probe' GROUP BY origin"


@dataclass
class Lane:
    """A collector that is killed again and again, and those who report to it."""

    folder: Path
    port: int
    senders: Senders
    rng: random.Random

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            with read_only(FileLocation(self.folder / "data" / "health.duckdb")) as connection:
                return connection.execute(sql).fetchall()
        except DatabaseMissing:
            return []

    def rows_found(self) -> dict[tuple[str, str], tuple[int, int]]:
        """How many rows, and how many ids, there are of each batch, by table and origin."""
        return {
            (table, origin): (rows, ids)
            for table in _TABLES
            for origin, rows, ids in self.fetch(_ORIGINS.format(table=table))
        }


def lane(folder: Path, seed: str) -> Lane:
    folder.mkdir()
    port, rng = free_port(), random.Random(seed)
    traces = f'\n[traces]\nhosts = {{ "{TRACED_HOST}" = "{TRACED_API}" }}\n'
    write_configuration(folder, http_service("gone", f"http://127.0.0.1:{free_port()}/") + traces)
    return Lane(folder, port, Senders(f"http://127.0.0.1:{port}", rng), rng)


async def test_killed_thirty_times_it_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    lanes = [lane(tmp_path / str(number), f"{SEED}-{number}") for number in range(LANES)]
    await asyncio.gather(*(rounds(each) for each in lanes))
    for each in lanes:
        assert each.senders.acknowledged > ROUNDS
        assert_kept(each)


async def rounds(lane: Lane) -> None:
    sending = asyncio.create_task(lane.senders.run(_MAKERS))
    for number in range(ROUNDS):
        # Every fifth time the moment may lie in the start of the program, before it takes anything.
        await killed_once(lane, lane.rng.uniform(0.0, 2.0) if number % 5 == 4 else None)
        assert not sending.done(), lane.senders.wrong
        assert_not_torn(lane.rows_found(), list(lane.senders.pending()))
    with running([], lane.folder, HEALTH_LISTEN=f"127.0.0.1:{lane.port}") as process:
        await acknowledging(lane, process)
        lane.senders.ending = True
        await asyncio.wait_for(sending, _START_SECONDS)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10) == 0
    assert lane.senders.wrong == []


async def killed_once(lane: Lane, after_start: float | None) -> None:
    """Start the collector and kill it, so many seconds after its start or a moment after it takes rows in."""
    with running([], lane.folder, HEALTH_LISTEN=f"127.0.0.1:{lane.port}") as process:
        if after_start is None:
            await acknowledging(lane, process)
            after_start = lane.rng.uniform(0.0, 0.3)
        await asyncio.sleep(after_start)
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait)


async def acknowledging(lane: Lane, process: "subprocess.Popen[str]") -> None:
    """Until this start of the collector has acknowledged something."""
    before, deadline = lane.senders.acknowledged, time.monotonic() + _START_SECONDS
    while lane.senders.acknowledged == before:
        log = lane.folder / "collector.log"
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()[-2000:]
        await asyncio.sleep(0.01)


def assert_not_torn(found: dict[tuple[str, str], tuple[int, int]], pending: list[Batch]) -> None:
    """What was under way at the end is there as a whole or not at all."""
    for batch in pending:
        assert found.get((batch.table, batch.origin), (0, 0)) in ((0, 0), (batch.rows, batch.rows)), (
            batch.origin
        )


def assert_kept(lane: Lane) -> None:
    """Every batch is there, each of its rows once, and nothing else; every cycle is whole."""
    sent = {(batch.table, batch.origin): (batch.rows, batch.rows) for batch in lane.senders.batches}
    found = lane.rows_found()
    wrong = {batch: (found.get(batch), rows) for batch, rows in sent.items() if found.get(batch) != rows}
    assert wrong == {}
    assert set(found) == set(sent)
    assert lane.fetch(_TORN) == []
    events = Counter(line.partition("event=")[2].partition(" ")[0] for line in _log(lane))
    assert not events.keys() & {"request_failed", "cycle_failed", "write_failed", "ingest_rows_refused"}
    names = {path.name for path in (lane.folder / "data").iterdir()}
    assert names & {"health.duckdb.copy", "health.duckdb.next", "health.duckdb.wal"} == set()


def _log(lane: Lane) -> list[str]:
    return (lane.folder / "collector.log").read_text().splitlines()
