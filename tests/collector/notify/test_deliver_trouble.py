"""Delivery beside what goes wrong: channels that hang, a database that is gone, an end in the middle."""

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path

from analytics.alerting import Message
from analytics.db import transact
from collector.notify.base import Outcome, Receipt
from collector.notify.deliver import Delivery
from collector.store import insert_rows
from tests.collector.notify.told import (
    BUSY,
    INCIDENT,
    NOW,
    OK,
    WRONG,
    Channel,
    Clock,
    all_due,
    delivery,
    events,
    fetch,
    message,
    put,
    running,
    short,
    states,
    until,
    unwritable,
)
from tests.collector.scripted import database


async def test_one_that_hangs_keeps_no_other_channel_and_no_other_key_waiting(tmp_path: Path) -> None:
    location, slow, quick = database(tmp_path), Channel("slow"), Channel("quick")
    slow.opened.clear()
    put(location, *(message(key=str(number)) for number in range(9)), channels=["slow", "quick"])
    async with running(delivery(location, slow, quick)):
        await until(lambda: len(quick.accepted) == 9 and len(slow.told) == 4)
        slow.opened.set()
        await until(lambda: states(location) == ["delivered"] * 18)
    assert (slow.most_at_once, quick.most_at_once) <= (4, 4)


async def test_a_channel_that_refuses_everything_fails_until_it_accepts_something(tmp_path: Path) -> None:
    location, clock = database(tmp_path), Clock()
    channel = Channel(script=[WRONG, BUSY, WRONG], last=OK)
    over = delivery(location, channel, clock=clock)
    for number in range(3):
        put(location, message(key=str(number)))
        await over.deliver_due()
        clock.move(seconds=1)
        assert over.health().failing == {"oncall": NOW}
    assert over.health().last_error == "oncall: 400 invalid routing key"
    put(location, message(key="mended"))
    await over.deliver_due()
    assert (over.health().failing, over.health().last_error) == ({}, "")


async def test_a_channel_that_breaks_its_word_has_failed_and_tells_no_secret(tmp_path: Path) -> None:
    location, channel = database(tmp_path), Channel(script=[RuntimeError("https://hook/s3cret")])
    put(location, message())
    await delivery(location, channel).deliver_due()
    [(state, error)] = fetch(location, "SELECT state, last_error FROM notifications")
    assert (state, error) == ("pending", "the attempt ended with RuntimeError")


async def test_an_answer_is_kept_as_one_bounded_line(tmp_path: Path) -> None:
    hostile = Receipt(Outcome.ACCEPTED, "ok\r\n\x1b[31m\u202e" + "x" * 10_000)
    location = database(tmp_path)
    put(location, message())
    await delivery(location, Channel(script=[hostile])).deliver_due()
    [(answer,)] = fetch(location, "SELECT answer FROM notifications")
    assert answer.startswith("ok [31m x")
    assert len(answer) == 300


async def test_a_refused_alert_is_tried_once_more_after_a_restart(tmp_path: Path) -> None:
    location, clock = database(tmp_path), Clock()
    incident = {"id": INCIDENT, "created_at": NOW, "service_type": "api", "service_name": "shopify"}
    rows = [{**incident, "severity": "critical", "title": "t", "status": "open"}]
    transact(location, lambda connection: insert_rows(connection, "integration_incidents", rows))
    put(location, message(), message("update"), incident=INCIDENT)
    await all_due(delivery(location, Channel(last=WRONG), clock=clock), clock)
    assert states(location) == ["refused", "folded"]
    channel = Channel()
    await all_due(delivery(location, channel, clock=clock), clock)
    assert channel.actions == ["trigger", "update"]
    assert states(location) == ["delivered"] * 2


async def test_outcomes_wait_in_memory_while_the_database_cannot_be_written(tmp_path: Path) -> None:
    location, channel, clock = database(tmp_path), Channel(), Clock()
    channel.opened.clear()
    put(location, message(), message("update"), incident=INCIDENT)
    async with running(delivery(location, channel, clock=clock, sleep=short)) as task:
        over = _of(task)
        await until(lambda: channel.told)
        with unwritable(location):
            channel.opened.set()
            await until(lambda: over.health().failure)
            reads = over.health().round_at
            clock.move(minutes=1)
            await until(lambda: over.health().round_at != reads)
            assert channel.actions == ["trigger"]
            assert over.health().unrecorded == 1
        await until(lambda: states(location) == ["delivered"] * 2)
        await until(lambda: over.health().failure is None)
    assert channel.actions == ["trigger", "update"]
    assert [kind for kind, _ in events(location)] == ["sent", "sent"]


async def test_a_database_that_is_gone_is_waited_for(tmp_path: Path) -> None:
    location, channel = database(tmp_path), Channel()
    put(location, message())
    hidden = tmp_path / "hidden"
    location.path.rename(hidden)
    async with running(delivery(location, channel, sleep=short)) as task:
        await until(lambda: _of(task).health().failure)
        hidden.rename(location.path)
        await until(lambda: channel.accepted)
        await until(lambda: _of(task).health().failure is None)


async def test_a_new_message_is_sent_at_once_when_somebody_says_so(tmp_path: Path) -> None:
    location, channel = database(tmp_path), Channel()
    over = delivery(location, channel)
    over.wake()  # before it runs: nothing happens
    async with running(over):
        await until(lambda: over.health().round_at)
        put(location, message())
        await asyncio.to_thread(over.wake)
        await until(lambda: states(location) == ["delivered"])
    over.wake()


async def test_stopped_it_lets_a_send_in_hand_end_and_records_it(tmp_path: Path) -> None:
    location, channel = database(tmp_path), Channel()
    channel.opened.clear()
    put(location, message())
    async with running(delivery(location, channel)) as task:
        await until(lambda: channel.told)
        task.cancel()
        await asyncio.sleep(0)
        channel.opened.set()
    assert states(location) == ["delivered"]


async def test_stopped_while_it_records_it_records_once(tmp_path: Path) -> None:
    location, channel = database(tmp_path), Channel()
    put(location, message(), incident=INCIDENT)
    for number in range(12):
        put(location, message(key=str(number)), incident=INCIDENT)
        expected = len(channel.accepted) + 1 + (number == 0)
        async with running(delivery(location, channel)):
            await until(partial(reached, channel.accepted, expected))
            await asyncio.sleep(number / 400)
    await delivery(location, channel).deliver_due()
    assert len(events(location)) == states(location).count("delivered") == 13 == len(channel.accepted)


def reached(accepted: list[Message], count: int) -> bool:
    return len(accepted) >= count


async def test_the_health_tells_what_waits_and_which_channel_fails(tmp_path: Path) -> None:
    location, clock = database(tmp_path), Clock(NOW + timedelta(minutes=1))
    put(location, message(), message("update"), channels=["oncall", "team"])
    over = delivery(location, Channel(last=BUSY), Channel("team", "webhook"), clock=clock)
    await over.deliver_due()
    health = over.health()
    assert (sum(health.waiting.values()), health.oldest_waiting_at, health.failing) == (
        4,
        NOW,
        {"oncall": clock.now},
    )
    assert (health.last_error, health.failure, health.unrecorded) == ("oncall: 500 internal error", None, 0)


def _of(task: asyncio.Task[None]) -> Delivery:
    over = task.get_coro().cr_frame.f_locals["self"]
    assert isinstance(over, Delivery)
    return over
