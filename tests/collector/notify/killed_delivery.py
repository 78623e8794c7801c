"""A program that delivers as the collector does, to be killed. Forked for each line of standard input.

Everything is imported once, here; a fork of it runs in milliseconds. Its answers: the process id of each
fork, READY when that delivers, and, when it is gone, its status.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from analytics.alerting import Action, Message, Outgoing
from analytics.db import FileLocation, keep_pandas_out, read_only, transact
from analytics.model import Severity
from collector.log import configure
from collector.notify.deliver import Delivery
from collector.notify.registry import open_channels
from collector.secrets import Redactor
from collector.store_outbox import insert_outgoing
from tests.collector.notify.channels import client, spec

CHANNELS = ("my-pagerduty", "my-slack", "my-email", "my-webhook")
#: So much faster than the clock on the wall goes the one of these tests.
SPEED = 1200.0
EPOCH = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SEND_SECONDS = 0.3
READY = "ready\n"


@dataclass(frozen=True)
class Order:
    """What a fork is to do: `begun` is the moment of the monotonic clock at which it is `EPOCH`.

    `off` is a channel without its variable in this fork.
    """

    folder: str
    seed: int
    incidents: int
    begun: float
    port: int
    mail_port: int
    off: str = ""

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=(time.monotonic() - self.begun) * SPEED)

    @property
    def location(self) -> FileLocation:
        return FileLocation(Path(self.folder) / "health.duckdb")


def script(seed: int, incidents: int) -> list[tuple[str, str, int]]:
    """What is told in the whole test, by key, action and number: several incidents at a time, to their end.

    Every seventh cannot be told to machines, which refuse it.
    """
    chance = random.Random(seed)
    lives = []
    for number in range(incidents):
        actions = []
        for _ in range(chance.choice([1, 1, 2, 3])):
            between = chance.choice([[], ["acknowledge"], ["update"], ["update", "acknowledge", "update"]])
            actions += ["trigger", *between, "resolve"]
        key = f"{'poison' if number % 7 == 6 else 'incident'}/{number}"
        lives.append([(key, action, place) for place, action in enumerate(actions)])
    told = []
    open_now: list[list[tuple[str, str, int]]] = []
    while lives or open_now:
        if lives and len(open_now) < 4:
            open_now.append(lives.pop(0))
        one = chance.choice(open_now)
        told.append(one.pop(0))
        open_now = [life for life in open_now if life]
    return told


def message(key: str, action: str, number: int, at: datetime) -> Message:
    severity = Severity.CRITICAL if action == "update" else Severity.WARNING
    return Message(Action(action), key, "api/shopify", severity, f"{key} #{number}", "503", at, at)


def incident_id(key: str) -> UUID:
    return UUID(int=0x019CB000_0000_7000_8000_000000000000 + int(key.rpartition("/")[2]))


async def deliver(order: Order) -> None:
    """Write what is to be told, one after the other, and deliver it; ends when all is settled."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)

    ports = {"url": f"http://127.0.0.1:{order.port}"}
    specs = [
        spec("pagerduty", SEND_SECONDS, url=f"{ports['url']}/pagerduty"),
        spec("slack", SEND_SECONDS, url=f"{ports['url']}/slack"),
        spec("email", SEND_SECONDS, port=order.mail_port, security="none"),
        spec("webhook", SEND_SECONDS, url=f"{ports['url']}/webhook"),
    ]
    async with client() as http:
        channels, _ = open_channels(specs, {}, http, Redactor(), lambda: order.now().timestamp())
        channels, off = [one for one in channels if one.name != order.off], frozenset({order.off})
        delivery = Delivery(order.location, channels, configure(Redactor()), order.now, sleep=sleep, off=off)
        running = asyncio.create_task(delivery.run())
        try:
            await asyncio.to_thread(write, order, delivery)
            while unsettled(order.location):
                await asyncio.sleep(0.05)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def write(order: Order, delivery: Delivery) -> None:
    with read_only(order.location) as connection:
        [(rows,)] = connection.execute("SELECT count(*) FROM notifications").fetchall()
    assert rows % len(CHANNELS) == 0, "a transaction was torn"
    os.write(sys.stdout.fileno(), READY.encode())
    for step in script(order.seed, order.incidents)[rows // len(CHANNELS) :]:
        now = order.now()
        told = message(*step, now)
        outgoing = [Outgoing(name, told, incident_id(told.dedup_key)) for name in CHANNELS]
        transact(order.location, inserting(outgoing, now))
        delivery.wake()
        time.sleep(random.uniform(0.0, 0.04))


def inserting(outgoing: Sequence[Outgoing], now: datetime) -> Any:
    return lambda connection: insert_outgoing(connection, outgoing, now)


def unsettled(location: FileLocation) -> int:
    with read_only(location) as connection:
        [(count,)] = connection.execute(
            "SELECT count(*) FROM notifications WHERE state = 'pending'"
        ).fetchall()
    return int(count)


def main() -> None:
    keep_pandas_out()  # as the collector does; DuckDB would look for it in every fork
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            asyncio.run(deliver(Order(**json.loads(line))))
            os._exit(0)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
