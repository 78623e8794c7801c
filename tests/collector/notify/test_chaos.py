"""Killed a hundred times, over receivers that fail in every way: every alert arrives, in order."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.collector.notify.killed_delivery import CHANNELS, READY, SPEED, Order, script
from tests.collector.notify.receivers import Receivers, Taken, receiving
from tests.collector.notify.told import fetch
from tests.collector.scripted import database

ROOT = Path(__file__).parents[3]
KILLS = 100
INCIDENTS = 30
SEED = 20261125
HOUR_SECONDS = 3600 / SPEED
KINDS = ("pagerduty", "slack", "email", "webhook")


@dataclass(frozen=True)
class Row:
    """A message of the outbox at the end."""

    kind: str
    key: str
    action: str
    title: str
    state: str
    last_error: str | None


@dataclass
class Nursery:
    """Starts programs that deliver, and kills them."""

    process: "subprocess.Popen[str]"

    def start(self, order: Order) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(asdict(order)) + "\n")
        self.process.stdin.flush()
        return int(self._line())

    def delivers(self) -> bool:
        """Whether the one that was started last delivers, which is waited for."""
        return self._line() == READY

    def ended(self) -> int:
        """The status of the one that was started last, when it is gone."""
        line = self._line()
        return int(line if line != READY else self._line())

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def nursery(log: Path) -> Iterator[Nursery]:
    command = [sys.executable, "-m", "tests.collector.notify.killed_delivery"]
    with (
        log.open("w") as said,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        try:
            yield Nursery(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(20)


def test_killed_a_hundred_times_every_alert_arrives_in_order_under_its_key(tmp_path: Path) -> None:
    seed = int(os.environ.get("CHAOS_SEED", SEED))
    chance, log = random.Random(seed), tmp_path / "log"
    location = database(tmp_path)
    with receiving(Receivers(random.Random(seed))) as receivers, nursery(log) as programs:
        order = Order(str(tmp_path), seed, INCIDENTS, time.monotonic(), receivers.port, receivers.mail_port)
        down_at = chance.randrange(20, 60)
        down_until = 0.0
        for kill in range(KILLS):
            if kill == down_at:
                receivers.down, down_until = True, time.monotonic() + HOUR_SECONDS
            if receivers.down and time.monotonic() >= down_until:
                receivers.down = False
            # Every tenth time the variable of a channel is missing.
            pid = programs.start(replace(order, off=chance.choice(CHANNELS) if kill % 10 == 9 else ""))
            # Every fifth time the moment may lie in the start of the program.
            if kill % 5 < 4:
                assert programs.delivers(), f"seed {seed}: {log.read_text()[-3000:]}"
                at_work(receivers, chance.randrange(1, 4))
            time.sleep(chance.uniform(0.0, 0.04))
            os.kill(pid, signal.SIGKILL)
            assert programs.ended() == -signal.SIGKILL, f"seed {seed}: {log.read_text()[-3000:]}"
        assert not receivers.down
        receivers.well = True
        programs.start(order)
        assert programs.ended() == 0, f"seed {seed}: {log.read_text()[-3000:]}"
        rows = outbox(location)
        assert len(rows) == len(KINDS) * len(script(seed, INCIDENTS)), f"seed {seed}"
        assert receivers.seen >= {"take", "lose the answer", "limit", "error", "hang", "reset"}
    try:
        for kind in KINDS:
            for key in {row.key for row in rows}:
                own = [row for row in rows if (row.kind, row.key) == (kind, key)]
                assert_told(own, [one for one in receivers.taken if (one.kind, one.key) == (kind, key)])
        assert_told_under_one_key(receivers.taken)
        told = Counter(fetch(location, "SELECT kind FROM incident_events"))
        assert told[("sent",)] == sum(row.state == "delivered" for row in rows)
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from error


def at_work(receivers: Receivers, messages: int) -> None:
    """Until so many more messages came, or a second is over."""
    until, deadline = receivers.came + messages, time.monotonic() + 1.0
    while receivers.came < until and time.monotonic() < deadline:
        time.sleep(0.001)


def outbox(location: Any) -> list[Row]:
    found = fetch(
        location,
        "SELECT channel, dedup_key, action, payload->>'$.title', state, last_error"
        " FROM notifications ORDER BY id",
    )
    return [Row(channel.removeprefix("my-"), *rest) for channel, *rest in found]


def assert_told(rows: list[Row], taken: list[Taken]) -> None:
    """What the other side took of one key is what the outbox says, in its order, to its end."""
    for_machines, poisoned = rows[0].kind in ("pagerduty", "webhook"), rows[0].key.startswith("poison")
    states = [row.state for row in rows]
    if poisoned and for_machines:
        assert set(states) <= {"refused", "folded"}, rows
        assert taken == [], taken
        return
    assert set(states) <= {"delivered", "folded"}, rows
    assert states[-1] == "delivered", rows
    if for_machines:
        assert all(row.state == "delivered" for row in rows if row.action in ("trigger", "resolve")), rows
    if rows[0].kind == "pagerduty":
        words = [word for word, _ in groupby(one.identity for one in taken)]
        wanted = [word for word, _ in groupby(identity(row) for row in rows if row.state == "delivered")]
        assert is_within(wanted, words), (wanted, words)
        assert is_within(words, [identity(row) for row in rows]), (words, rows)
        assert words[-1] == "resolve"
        return
    once = [place for place, _ in groupby(place_of(one, rows) for one in taken)]
    assert once == sorted(once), (rows, taken)
    assert {place for place, row in enumerate(rows) if row.state == "delivered"} <= set(once), (rows, taken)
    assert once[-1] == len(rows) - 1


def identity(row: Row) -> str:
    if row.kind == "pagerduty":
        return f"trigger {row.title}" if row.action in ("trigger", "update") else row.action
    return row.title


def place_of(one: Taken, rows: list[Row]) -> int:
    """The place of the message that was taken, by its title."""
    return next(place for place, row in enumerate(rows) if one.identity.endswith(row.title))


def is_within(some: list[str], all_of_them: list[str]) -> bool:
    """Whether `some` stand in `all_of_them` in this order, with others between."""
    rest = iter(all_of_them)
    return all(one in rest for one in some)


def assert_told_under_one_key(taken: list[Taken]) -> None:
    """Every repetition of a message bears the key it had the first time."""
    for kind, of in (("webhook", "id"), ("email", "id")):
        keys: dict[str, set[str]] = {}
        for one in taken:
            if one.kind == kind:
                keys.setdefault(one.identity.removeprefix("Over already: "), set()).add(one.body[of])
        assert all(len(found) == 1 for found in keys.values()), keys
