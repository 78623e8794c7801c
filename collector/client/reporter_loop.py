"""The thread that sends what was recorded: gathers for a moment, sends, and tries again until it is taken."""

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.ids import uuid7_texts
from collector.client.reporter_wire import Outcome, Wire, encoded

log = logging.getLogger("collector.client")

#: Rows in one request, and how long the first of them waits for more.
BATCH_ROWS = 500
GATHER_SECONDS = 0.5

_FIRST_PAUSE, _LONGEST_PAUSE, _LONGEST_ASKED = 0.2, 30.0, 60.0
_SECONDS_BETWEEN_WARNINGS = 60.0
#: A batch that the collector fails over again and again, while it answers, is given up.
_MOST_ERRORS_500 = 5


@dataclass(slots=True)
class Mark:
    """Stands in the queue behind the rows it waits for; `kept` is False when they were given up."""

    passed: threading.Event = field(default_factory=threading.Event)
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row on its way, and the route of the collector it goes to."""

    route: str
    row: Mapping[str, Any]


class Losses:
    """How many rows were lost. Any thread may add, also one that a signal interrupts while it adds."""

    def __init__(self) -> None:
        self.total = 0
        self._lock = threading.RLock()

    def add(self, rows: int) -> None:
        """Count `rows` more."""
        with self._lock:
            self.total += rows


class Warnings:
    """Log lines of a kind, at most one a minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: dict[str, float] = {}

    def warn(self, kind: str, message: str, *values: object) -> bool:
        """Log it, unless one of its kind was logged within the last minute; whether it was."""
        now = self._clock()
        if now - self._last.get(kind, float("-inf")) < _SECONDS_BETWEEN_WARNINGS:
            return False
        self._last[kind] = now
        log.warning(message, *values)
        return True


class Loop:
    """What one sending thread runs. Rows come through `waiting`; `hurry` cuts any pause short."""

    def __init__(
        self,
        open_wire: Callable[[], Wire],
        losses: Losses,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.waiting: queue.SimpleQueue[Recorded | Mark] = queue.SimpleQueue()
        self.hurry = threading.Event()
        self._open_wire = open_wire
        self._losses = losses
        self._clock = clock
        self._chance = chance
        self._warnings = Warnings(clock)
        self._ends_at: float | None = None
        self._given_up = False
        self._away = False

    def end(self, within: float) -> None:
        """Send what waits and stop; what is not taken within so many seconds is lost."""
        self._ends_at = self._clock() + within
        self.hurry.set()

    def run(self) -> None:
        """Send until `end` was called and nothing waits."""
        wire: Wire | None = None
        while True:
            batch, marks = self._gather()
            if batch:
                wire = wire or self._open_wire()
                self._deliver(wire, batch)
            for mark in marks:
                mark.kept = not self._given_up
                mark.passed.set()
            if self._ends_at is not None and self.waiting.empty():
                break
        if wire is not None:
            wire.close()

    def _gather(self) -> tuple[list[Recorded], list[Mark]]:
        """The rows for the next requests, up to a mark: waits for the first, and a moment for more."""
        items = [self.waiting.get()]
        if isinstance(items[0], Recorded) and self.waiting.qsize() < BATCH_ROWS:
            self.hurry.wait(GATHER_SECONDS)
        self.hurry.clear()
        while len(items) < BATCH_ROWS and not isinstance(items[-1], Mark):
            try:
                items.append(self.waiting.get_nowait())
            except queue.Empty:
                break
        rows = [item for item in items if isinstance(item, Recorded)]
        return rows, [item for item in items if isinstance(item, Mark)]

    def _deliver(self, wire: Wire, batch: list[Recorded]) -> None:
        routes: dict[str, list[bytes]] = {}
        ids = uuid7_texts(len(batch))
        for item, fresh in zip(batch, ids, strict=True):
            # The id stands before the first try: whatever is sent again is stored once.
            line = encoded(item.row if item.row.get("id") else {**item.row, "id": fresh})
            if line is None:
                self._losses.add(1)
                self._warnings.warn("row", "a row for %s cannot be sent: no JSON, or too long", item.route)
            else:
                routes.setdefault(item.route, []).append(line)
        for route, lines in routes.items():
            self._send(wire, route, lines)

    def _send(self, wire: Wire, route: str, lines: list[bytes]) -> None:
        """Until the collector has taken or refused `lines`, or the end has come."""
        tries = errors = 0
        while not self._given_up:
            outcome = wire.post(route, lines, self._losses.total)
            if not outcome.again:
                self._is_back()
                if outcome.too_long and len(lines) > 1:
                    half = len(lines) // 2
                    self._send(wire, route, lines[:half])
                    self._send(wire, route, lines[half:])
                elif outcome.refused:
                    self._losses.add(outcome.refused)
                    self._warnings.warn(
                        "refused", "%s; %d rows are lost so far", outcome.problem, self._losses.total
                    )
                return
            tries += 1
            errors += outcome.broken
            if errors >= _MOST_ERRORS_500:
                break
            self._pause(outcome, tries, len(lines))
        self._losses.add(len(lines))

    def _is_back(self) -> None:
        if self._away:
            self._away = False
            log.info("the collector is reachable again")

    def _pause(self, outcome: Outcome, tries: int, rows: int) -> None:
        if tries > 1 or self._ends_at is not None:
            waiting = rows + self.waiting.qsize()
            self._away |= self._warnings.warn("again", "%s; %d rows wait", outcome.problem, waiting)
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(tries - 1, 20)) * (1 + self._chance()) / 2
        if outcome.retry_after is not None:
            pause = min(max(outcome.retry_after, _FIRST_PAUSE), _LONGEST_ASKED)
        if self._ends_at is not None:
            left = self._ends_at - self._clock()
            if left <= 0 or (tries > 1 and not outcome.reached):
                self._given_up = True
                return
            time.sleep(min(pause, left))
        elif self.hurry.wait(pause):
            self.hurry.clear()
