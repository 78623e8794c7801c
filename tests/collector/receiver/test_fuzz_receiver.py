"""Thousands of requests of every bad kind: none breaks the receiver, hangs, or costs an accepted row."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from analytics.db import FileLocation, read_only
from tests.collector.receiver import fuzz_deliveries, fuzz_http, fuzz_rows, fuzz_traces
from tests.collector.receiver.fuzz_heavy import HEAVY, Heavy
from tests.collector.receiver.fuzz_process import Target, under_fire
from tests.collector.receiver.fuzz_shots import TOKEN, Promise, Shot, get, post
from tests.collector.receiver.fuzz_slow import SLOW, cut_off
from tests.collector.receiver.fuzz_wire import DEADLINE_SECONDS, Answer, Connection
from tests.collector.webhooks.signing import SECRETS
from tests.plugins.ports import wait_until

#: The rarest of the kinds comes sixty times, and each of its shots is another one.
SHOTS = 6_000
SEED = 20261124
_SENDERS = 48
_MEBIBYTE = 1024 * 1024
_MOST_GROWTH = 150 * _MEBIBYTE
#: The receiver may hold 64 MiB of bodies, and in another form what it reads them to.
_MOST_GROWTH_WHEN_HEAVY = 300 * _MEBIBYTE
_LONGEST_WAIT = 5.0
#: Twenty large requests at once wait for one core, which may have other work.
_PATIENCE_WHEN_HEAVY = 60.0

_FAMILIES: tuple[tuple[Callable[[random.Random, int], Shot], int], ...] = (
    (fuzz_rows.right_rows, 12),
    (fuzz_rows.wrong_fields, 16),
    (fuzz_rows.damaged_rows, 12),
    (fuzz_rows.misencoded_rows, 5),
    (fuzz_rows.strange_types, 4),
    (fuzz_rows.strange_gzip, 4),
    (fuzz_traces.right_spans, 4),
    (fuzz_traces.damaged_protobuf, 8),
    (fuzz_traces.strange_json_spans, 7),
    (fuzz_deliveries.genuine, 3),
    (fuzz_deliveries.forged, 4),
    (fuzz_deliveries.misdirected, 3),
    (fuzz_http.strange_framing, 5),
    (fuzz_http.strange_chunks, 3),
    (fuzz_http.strange_heads, 3),
    (fuzz_http.strange_addresses, 4),
    (fuzz_http.strange_tokens, 2),
    (fuzz_http.readings, 1),
    (fuzz_http.pipelined, 1),
)


def shot(number: int) -> Shot:
    """The shot of that number, always the same but for the time in it."""
    rng = random.Random(f"{SEED}-{number}")
    makers, weights = zip(*_FAMILIES, strict=True)
    return rng.choices(makers, weights)[0](rng, number)


@dataclass
class Outcome:
    """What came back of all shots."""

    wrong: list[str] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    stored: Counter[str] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)

    def add(self, number: int, shot: Shot, answers: list[Answer]) -> None:
        where = f"shot {number} ({shot.family})"
        if len(answers) < shot.answers and not shot.alone:
            self.wrong.append(f"{where}: {len(answers)} answers of {shot.answers}")
        for answer in answers:
            self.statuses[shot.family, answer.status] += 1
            if answer.status not in shot.allowed:
                self.wrong.append(f"{where}: {answer.status} {answer.body[:200]!r}")
            if TOKEN.encode() in answer.head + answer.body or b"Traceback" in answer.body:
                self.wrong.append(f"{where}: told too much {answer.body[:200]!r}")
            if b"application/json" in answer.head and answer.body:
                said = answer.json()
                if shot.table and answer.status == 200 and isinstance(said, dict):
                    self.stored[shot.table] += said.get("stored", 0)
        for promise, answer in zip(shot.promises, answers, strict=False):
            if answer.status == 200:
                self.promises.append(promise)


async def fire_all(port: int, outcome: Outcome) -> None:
    """All shots, by several senders at once, each over one connection as long as that lasts."""
    numbers = iter(range(SHOTS))

    async def sender() -> None:
        connection = Connection(port)
        for number in numbers:
            fired = shot(number)
            try:
                answers = await connection.fire(fired)
            except TimeoutError:
                outcome.wrong.append(f"shot {number} ({fired.family}): hangs")
                await connection.close()
            else:
                outcome.add(number, fired, answers)
        await connection.close()

    async with asyncio.TaskGroup() as senders:
        for _ in range(_SENDERS):
            senders.create_task(sender())


async def try_slowly(port: int, outcome: Outcome) -> None:
    """All slow senders at once."""
    ends = await asyncio.gather(*(cut_off(slow, port) for slow in SLOW), return_exceptions=True)
    for slow, end in zip(SLOW, ends, strict=True):
        if end is not None:
            outcome.wrong.append(f"{slow.what}: not cut off, {end!r}")


async def ask(port: int, request: bytes, patience: float = DEADLINE_SECONDS) -> list[Answer]:
    connection = Connection(port, patience)
    try:
        return await connection.fire(Shot("asking", (request,)))
    finally:
        await connection.close()


async def longest_wait(port: int, heavy: Heavy) -> tuple[set[int], float]:
    """The statuses of the answers to `heavy`, and the longest that another sender had to wait meanwhile."""
    request, waits = heavy.request(), []

    async def other() -> None:
        while True:
            begun = time.monotonic()
            assert (await ask(port, get("/healthz")))[0].status == 200
            waits.append(time.monotonic() - begun)
            await asyncio.sleep(0.02)

    waiting = asyncio.create_task(other())
    answers = await asyncio.gather(*(ask(port, request, _PATIENCE_WHEN_HEAVY) for _ in range(heavy.times)))
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled(), waiting.exception()
    return {answer.status for each in answers for answer in each}, max(waits, default=0.0)


async def crowd(port: int, count: int) -> list[Answer]:
    """As many connections at once, each asking once all are open."""
    connections = [Connection(port) for _ in range(count)]
    shots = Shot("crowd", (get("/healthz"),))
    answers = await asyncio.gather(*(connection.fire(shots) for connection in connections))
    await asyncio.gather(*(connection.close() for connection in connections))
    return [answer for each in answers for answer in each]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with under_fire(tmp_path_factory.mktemp("fuzz")) as target:
        yield target


def warm_up(port: int) -> None:
    """Have everything loaded that is loaded once, the library for large batches too."""
    rows = b'[{"api_name":"warm","origin":"warm"}' + b',{"api_name":"warm","origin":"warm"}' * 5999 + b"]"
    for request in (get("/metrics"), post("/ingest/api-metrics", rows), post("/v1/traces", b"{}")):
        assert asyncio.run(ask(port, request))[0].status == 200


def fetch(target: Target, sql: str) -> list[tuple[object, ...]]:
    with read_only(FileLocation(target.database)) as connection:
        return connection.execute(sql).fetchall()


def test_thousands_of_bad_requests_break_nothing(target: Target) -> None:
    warm_up(target.port)
    begun, files = target.resident_bytes(), target.open_files()
    target.forget_peak()
    outcome = Outcome()

    async def attack() -> None:
        await asyncio.gather(fire_all(target.port, outcome), try_slowly(target.port, outcome))

    asyncio.run(attack())
    assert outcome.wrong[:20] == []
    assert target.peak_bytes() - begun < _MOST_GROWTH
    wait_until(lambda: target.open_files() <= files, "the end of all connections")
    assert_kept(target, outcome)
    assert_quiet(target)


def test_the_heaviest_requests_are_answered_and_let_others_through(target: Target) -> None:
    warm_up(target.port)
    begun, files = target.resident_bytes(), target.open_files()
    target.forget_peak()
    for heavy in HEAVY:
        statuses, wait = asyncio.run(longest_wait(target.port, heavy))
        assert statuses <= heavy.allowed, heavy.what
        assert statuses, heavy.what
        assert wait < _LONGEST_WAIT, heavy.what
        assert target.peak_bytes() - begun < _MOST_GROWTH_WHEN_HEAVY, heavy.what
    wait_until(lambda: target.open_files() <= files, "the end of all connections")
    assert_quiet(target)


def test_a_crowd_is_served_as_far_as_it_may_and_then_the_next(target: Target) -> None:
    files = target.open_files()
    begun = time.monotonic()
    statuses = Counter(answer.status for answer in asyncio.run(crowd(target.port, 700)))
    assert set(statuses) == {200, 503}
    assert statuses[200] >= 400
    assert time.monotonic() - begun < 20
    wait_until(lambda: target.open_files() <= files, "the end of all connections")
    assert asyncio.run(ask(target.port, get("/healthz")))[0].status == 200
    assert_quiet(target)


def assert_kept(target: Target, outcome: Outcome) -> None:
    """Every promise was kept, no row is there twice, and none is there that nobody was told of."""
    found: dict[tuple[str, str, object], int] = {}
    for table, column in sorted({(promise.table, promise.column) for promise in outcome.promises}):
        counts = fetch(target, f"SELECT {column}, count(*) FROM {table} GROUP BY ALL")
        found |= {(table, column, value): rows for value, rows in counts}
    broken = [
        promise
        for promise in outcome.promises
        if found.get((promise.table, promise.column, promise.value)) != promise.rows
    ]
    assert broken == []
    assert len(outcome.promises) > SHOTS / 10
    for table in fuzz_rows.TABLES.values():
        assert fetch(target, f"SELECT id FROM {table} GROUP BY id HAVING count(*) > 1") == []
    for table in ("api_metrics", "circuit_events"):
        name = f"api_name NOT IN ('{fuzz_traces.API}', 'warm') AND origin IS DISTINCT FROM 'probe'"
        assert fetch(target, f"SELECT count(*) FROM {table} WHERE {name}") == [(outcome.stored[table],)]


def assert_quiet(target: Target) -> None:
    """The log tells of no failure, and of nothing secret."""
    log = target.log
    for word in ("request_failed", "cycle_failed", "write_failed", "rows_refused", "Traceback", "Error"):
        assert word not in log, [line for line in log.splitlines() if word in line][:5]
    assert not [secret for secret in (TOKEN, *SECRETS.values()) if secret in log]
