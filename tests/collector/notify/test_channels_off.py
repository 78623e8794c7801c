"""Messages for channels that are off for now, and for channels that are gone."""

from pathlib import Path

import pytest

from collector.notify.round import NOT_CONFIGURED
from tests.collector.notify.told import (
    Channel,
    Clock,
    delivery,
    fetch,
    message,
    put,
    states,
)
from tests.collector.scripted import database


async def test_messages_of_a_channel_that_is_gone_are_folded(tmp_path: Path) -> None:
    location, channel = database(tmp_path), Channel()
    put(location, message(), message("resolve"), channels=["gone", "oncall"])
    await delivery(location, channel).deliver_due()
    rows = fetch(location, "SELECT state, last_error FROM notifications WHERE channel = 'gone'")
    assert rows == [("folded", NOT_CONFIGURED)] * 2


@pytest.mark.parametrize("for_machines", [True, False])
async def test_a_start_without_a_channels_variable_loses_nothing(tmp_path: Path, for_machines: bool) -> None:
    location, clock = database(tmp_path), Clock()
    channel = Channel(for_machines=for_machines)
    put(location, message(), message(key="new"))
    await delivery(location, Channel("other"), clock=clock, off=frozenset({"oncall"})).deliver_due()
    assert states(location) == ["pending"] * 2
    await delivery(location, channel, clock=clock).deliver_due()
    put(location, message("resolve"))
    clock.move(days=3)
    without = delivery(location, Channel("other"), clock=clock, off=frozenset({"oncall"}))
    await without.deliver_due()
    await without.drain()
    assert states(location) == ["delivered", "delivered", "pending"]
    await delivery(location, channel, clock=clock).deliver_due()
    assert [one.action for one in channel.told if one.dedup_key == "k"] == ["trigger", "resolve"]
