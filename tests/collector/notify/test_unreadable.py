"""Rows of the outbox that this version cannot read keep no other waiting."""

from pathlib import Path

import pytest

from analytics.db import transact
from tests.collector.notify.told import (
    Channel,
    delivery,
    fetch,
    message,
    put,
    states,
)
from tests.collector.scripted import database


async def test_a_message_that_cannot_be_read_is_refused_and_keeps_no_other_waiting(tmp_path: Path) -> None:
    location, channel = database(tmp_path), Channel()
    put(location, message(), message("update"), message(key="other"))
    transact(
        location,
        lambda connection: connection.execute(
            "UPDATE notifications SET payload = '{}' WHERE action = 'trigger' AND dedup_key = 'k'"
        ),
    )
    over = delivery(location, channel)
    await over.deliver_due()
    assert fetch(location, "SELECT state, last_error FROM notifications WHERE payload = '{}'") == [
        ("refused", "the stored message cannot be read: KeyError: 'action'")
    ]
    assert "delivered" in states(location)


@pytest.mark.parametrize("payload", ["[1]", "3", '"text"', "null", "[[[]]]", "RENAMED"])
async def test_whatever_a_row_holds_it_is_refused_alone(tmp_path: Path, payload: str) -> None:
    location, channel = database(tmp_path), Channel()
    put(location, message(), message(key="other", title="read"))
    change = f"payload = '{payload}'"
    if payload == "RENAMED":
        change = """payload = json_merge_patch(payload, '{"title": 3}')"""
    transact(
        location,
        lambda connection: connection.execute(f"UPDATE notifications SET {change} WHERE dedup_key = 'k'"),
    )
    over = delivery(location, channel)
    await over.deliver_due()
    await over.deliver_due()
    assert states(location) == ["refused", "delivered"]
    [(error,)] = fetch(location, "SELECT last_error FROM notifications WHERE dedup_key = 'k'")
    assert error.startswith("the stored message cannot be read: ")


async def test_a_past_that_only_a_newer_version_knows_keeps_nothing_waiting(tmp_path: Path) -> None:
    location, channel = database(tmp_path), Channel()
    put(location, message(), message("resolve"), message(key="other"))
    change = "UPDATE notifications SET state = 'postponed' WHERE action = 'trigger' AND dedup_key = 'k'"
    transact(location, lambda connection: connection.execute(change))
    await delivery(location, channel).deliver_due()
    assert sorted(channel.actions) == ["resolve", "trigger"]
