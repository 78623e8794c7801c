"""A collector that ends now sends what waits, and ends."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from analytics.alerting import Message
from analytics.db import DatabaseError, FileLocation
from collector.notify.base import Receipt
from tests.collector.notify.told import (
    BUSY,
    Channel,
    Clock,
    delivery,
    message,
    put,
    short,
    states,
    unwritable,
)
from tests.collector.scripted import database


async def test_a_collector_that_ends_now_sends_what_waits_and_waits_for_no_failure(tmp_path: Path) -> None:
    location, clock = database(tmp_path), Clock()
    slack, oncall = Channel("team", "slack", False), Channel(last=BUSY)
    put(location, *(message(key=str(number)) for number in range(3)), channels=["team", "oncall"])

    async def sleep(seconds: float) -> None:
        clock.move(seconds=seconds)

    await delivery(location, slack, oncall, clock=clock, sleep=sleep).drain()
    assert (len(slack.accepted), len(oncall.told)) == (3, 3)
    assert sorted(states(location)) == ["delivered"] * 3 + ["pending"] * 3


async def test_a_collector_that_ends_now_ends_though_nothing_can_be_recorded(tmp_path: Path) -> None:
    location, channel = database(tmp_path), Channel()
    put(location, message(), message(key="other"))
    over = delivery(location, channel, sleep=short)
    with unwritable_after(channel, location), pytest.raises(DatabaseError, match="could not be recorded"):
        async with asyncio.timeout(5):
            await over.drain()
    assert len(channel.told) == 2


@contextlib.contextmanager
def unwritable_after(channel: Channel, location: FileLocation) -> Any:
    """As soon as `channel` was told something nothing may be written any more."""
    with contextlib.ExitStack() as broken:
        send = channel.send

        async def told(message: Message) -> Receipt:
            receipt = await send(message)
            if len(channel.told) == 1:
                broken.enter_context(unwritable(location))
            return receipt

        channel.send = told
        yield
