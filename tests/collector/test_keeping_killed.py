"""Killed in the middle of summing up and deleting, again and again, it lost nothing and doubled nothing."""

import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from analytics.db import FileLocation, read_only
from tests.collector.keeping_stage import HOUR, NOW, all_steps, fill, keeping, ran, sums
from tests.empty_database import empty_database

HOURS, ROUNDS, SEED = 24 * 12, 4, 20261129
BEGUN = NOW.replace(minute=0) - HOURS * HOUR
_CALLS_AN_HOUR = 120
_KEEPS = """
import asyncio, sys
from analytics.db import FileLocation
from pathlib import Path
from tests.collector.keeping_stage import keeping
kept = keeping(FileLocation(Path(sys.argv[1])), days=int(sys.argv[2]))
while asyncio.run(kept.step()):
    print("one more", flush=True)
"""


def killed_once(location: FileLocation, days: int, chance: random.Random) -> None:
    """Let it take some steps, and kill it within the one that follows."""
    command = [sys.executable, "-c", _KEEPS, str(location.path), str(days)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(chance.randint(2, 4)):
            assert process.stdout.readline() == b"one more\n"
        time.sleep(chance.uniform(0.0, 0.05))
        process.kill()


def assert_nothing_lost(location: FileLocation) -> object:
    """What is summed up is counted once, and what is not deleted is there; up to when it is summed up."""
    with read_only(location) as connection:
        row = connection.execute(
            """SELECT max(rolled_until), max(raw_since), (SELECT count(*) FROM api_metrics),
                (SELECT min(timestamp) FROM api_metrics) FROM rollup_state"""
        ).fetchone()
    assert row is not None
    ended, raw_since, left, oldest = row
    hours = 0 if ended is None else (ended - BEGUN) // HOUR
    calls = hours * _CALLS_AN_HOUR or None
    assert sums(location)[:3] == (calls, calls, None if calls is None else calls // 2)
    assert oldest == (raw_since or BEGUN)
    assert left == (NOW.replace(minute=0) - oldest) // HOUR * _CALLS_AN_HOUR
    return ended


async def test_killed_while_summing_up_and_deleting(tmp_path: Path) -> None:
    location, chance = empty_database(tmp_path), random.Random(SEED)
    fill(location, BEGUN, HOURS)
    ran(location, NOW - 12 * HOUR)
    reached = set()
    for number in range(ROUNDS):
        killed_once(location, 30 if number < ROUNDS // 2 else 2, chance)
        reached.add(assert_nothing_lost(location))
    await all_steps(keeping(location, days=2))
    assert assert_nothing_lost(location) == NOW.replace(minute=0)
    assert sums(location)[3] == HOURS
    with read_only(location) as connection:
        oldest = connection.execute("SELECT min(timestamp) FROM integration_health_checks").fetchall()[0][0]
    assert NOW - timedelta(days=4) < oldest
    assert len(reached) > ROUNDS // 2
