"""How messages leave the outbox: in order, again after failures, folded when they are obsolete."""

from datetime import timedelta
from pathlib import Path

import pytest

from analytics.db import Location
from analytics.model import Severity
from collector.notify.base import Outcome, Receipt
from collector.notify.folding import REFUSED_BEFORE
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
    states,
)
from tests.collector.scripted import database


async def test_what_is_accepted_is_recorded_with_the_answer_and_in_the_timeline(
    any_database: Location,
) -> None:
    channel, clock = Channel(), Clock(NOW + timedelta(seconds=2))
    put(any_database, message(title="one"), incident=INCIDENT)
    over = delivery(any_database, channel, clock=clock)
    assert await over.deliver_due() == 1
    assert await over.deliver_due() == 0
    columns = "state, attempts, first_attempt_at, delivered_at, answer, last_error, next_attempt_at"
    assert fetch(any_database, f"SELECT {columns} FROM notifications") == [
        ("delivered", 1, clock.now, clock.now, "202 accepted", None, None)
    ]
    assert events(any_database) == [("sent", "oncall (pagerduty) accepted the alert: 202 accepted")]
    assert [one.title for one in channel.told] == ["one"]


async def test_a_failure_is_tried_again_with_growing_delays_until_it_is_accepted(tmp_path: Path) -> None:
    location, channel, clock = database(tmp_path), Channel(script=[BUSY, BUSY, BUSY]), Clock()
    put(location, message(), incident=INCIDENT)
    over = delivery(location, channel, clock=clock)
    for seconds in (5, 10, 20):
        assert await over.deliver_due() == 1
        clock.move(seconds=seconds - 0.001)
        assert await over.deliver_due() == 0
        clock.move(seconds=0.001)
    assert await over.deliver_due() == 1
    assert states(location) == ["delivered"]
    assert events(location) == [
        (
            "not_sent",
            "oncall (pagerduty) could not be told the alert yet, tried again until it is: 500 internal error",
        ),
        ("sent", "oncall (pagerduty) accepted the alert after 4 attempts: 202 accepted"),
    ]
    assert over.outcomes == {("oncall", "failed"): 3, ("oncall", "delivered"): 1}


async def test_nothing_is_sent_before_what_came_before_it_is_settled(tmp_path: Path) -> None:
    location, channel, clock = database(tmp_path), Channel(script=[BUSY, OK, BUSY]), Clock()
    put(location, message(), message("update"), message("acknowledge"), message(key="other"))
    over = delivery(location, channel, clock=clock)
    for _ in range(6):
        await over.deliver_due()
        clock.move(seconds=10)
    about_k = [one.action.value for one in channel.accepted if one.dedup_key == "k"]
    assert about_k == ["trigger", "update", "acknowledge"]
    assert states(location) == ["delivered"] * 4


async def test_slack_is_told_one_message_a_second(tmp_path: Path) -> None:
    location, slack, clock = database(tmp_path), Channel("team", "slack", False), Clock()
    put(location, *(message(key=str(number)) for number in range(3)), channels=["team"])
    over = delivery(location, slack, clock=clock)
    told = []
    for _ in range(5):
        told.append(await over.deliver_due())
        clock.move(seconds=0.5)
    assert told == [1, 0, 1, 0, 1]


async def test_the_loudest_goes_first(tmp_path: Path) -> None:
    location, slack, clock = database(tmp_path), Channel("team", "slack", False), Clock()
    for severity in (Severity.INFO, Severity.WARNING, Severity.CRITICAL):
        put(location, message(key=severity, severity=severity), channels=["team"])
    await all_due(delivery(location, slack, clock=clock), clock, seconds=1)
    assert [one.severity for one in slack.told] == ["critical", "warning", "info"]


async def test_a_channel_that_asks_for_a_pause_is_left_alone_with_all_its_messages(tmp_path: Path) -> None:
    limited = Receipt(Outcome.FAILED, "429", retry_after=120.0)
    location, channel, clock = database(tmp_path), Channel(script=[limited]), Clock()
    put(location, message())
    over = delivery(location, channel, clock=clock)
    await over.deliver_due()
    put(location, message(key="new"))
    clock.move(seconds=119)
    assert await over.deliver_due() == 0
    clock.move(seconds=1)
    assert await over.deliver_due() == 2


async def test_when_a_channel_works_again_what_failed_waits_no_longer(tmp_path: Path) -> None:
    location, channel, clock = database(tmp_path), Channel(last=BUSY), Clock()
    put(location, message(key="a"), message(key="b"))
    over = delivery(location, channel, clock=clock)
    for _ in range(10):
        await over.deliver_due()
        clock.move(minutes=15)
    assert await over.deliver_due() == 2  # the next attempts are 15 minutes away now
    channel.last = OK
    put(location, message(key="new"))
    assert await over.deliver_due() == 1
    assert await over.deliver_due() == 2
    assert states(location) == ["delivered"] * 3


async def test_what_is_refused_is_shown_and_what_follows_is_folded(tmp_path: Path) -> None:
    location, channel, clock = database(tmp_path), Channel(script=[WRONG]), Clock()
    put(location, message(), incident=INCIDENT)
    over = delivery(location, channel, clock=clock)
    await over.deliver_due()
    put(location, message("acknowledge"), message("resolve"), incident=INCIDENT)
    await all_due(over, clock)
    rows = fetch(location, "SELECT state, last_error FROM notifications ORDER BY id")
    assert rows == [
        ("refused", "400 invalid routing key"),
        ("folded", REFUSED_BEFORE),
        ("folded", REFUSED_BEFORE),
    ]
    assert events(location) == [
        ("not_sent", "oncall (pagerduty) refused the alert for good: 400 invalid routing key")
    ]
    put(location, message())
    await over.deliver_due()
    assert channel.actions == ["trigger", "trigger"]


@pytest.mark.parametrize("for_machines", [True, False])
async def test_after_a_day_of_failures_it_is_given_up(tmp_path: Path, for_machines: bool) -> None:
    location, clock = database(tmp_path), Clock()
    channel = Channel(last=BUSY, for_machines=for_machines)
    put(location, message(), incident=INCIDENT)
    over = delivery(location, channel, clock=clock)
    while states(location) == ["pending"]:
        await over.deliver_due()
        clock.move(hours=1)
    assert clock.now - NOW == timedelta(hours=25)
    assert states(location) == ["expired"]
    assert [kind for kind, _ in events(location)] == ["not_sent", "not_sent"]
    put(location, message("update", title="worse"))
    channel.last = OK
    await over.deliver_due()
    assert (channel.told[-1].title, channel.told[-1].action) == ("worse", "trigger")


async def test_what_waited_while_the_collector_was_down_for_days_has_its_day_still(tmp_path: Path) -> None:
    location, channel, clock = database(tmp_path), Channel(script=[BUSY]), Clock(NOW + timedelta(days=3))
    put(location, message())
    over = delivery(location, channel, clock=clock)
    await over.deliver_due()
    clock.move(seconds=5)
    await over.deliver_due()
    assert states(location) == ["delivered"]


@pytest.mark.parametrize(
    ("for_machines", "told", "kept"),
    [
        (True, [("trigger", True), ("resolve", False)], ["delivered", "delivered"]),
        (False, [("resolve", True)], ["folded", "delivered"]),
    ],
)
async def test_what_ended_before_it_could_be_told_is_told_as_over(
    tmp_path: Path, for_machines: bool, told: list[tuple[str, bool]], kept: list[str]
) -> None:
    location, clock = database(tmp_path), Clock()
    channel = Channel(script=[BUSY, BUSY], for_machines=for_machines)
    put(location, message())
    over = delivery(location, channel, clock=clock)
    await over.deliver_due()
    put(location, message("resolve"))
    for _ in range(5):
        clock.move(minutes=1)
        await over.deliver_due()
    assert [(one.action, one.over) for one in channel.accepted] == told
    assert states(location) == kept


async def test_what_a_channel_has_no_way_to_tell_is_folded(tmp_path: Path) -> None:
    location, channel, clock = database(tmp_path), Channel(not_taken=("acknowledge",)), Clock()
    put(location, message(), message("acknowledge"), message("resolve"))
    await all_due(delivery(location, channel, clock=clock), clock)
    assert states(location)[1] == "folded"
    assert "acknowledge" not in channel.actions


async def test_the_loudest_goes_first_behind_more_than_are_looked_at(tmp_path: Path) -> None:
    location, slack = database(tmp_path), Channel("team", "slack", False)
    calm = [message(key=str(number), severity=Severity.WARNING) for number in range(501)]
    put(location, *calm, message(key="loud"), channels=["team"])
    await delivery(location, slack).deliver_due()
    assert [one.dedup_key for one in slack.told] == ["loud"]


async def test_a_message_tried_once_before_the_collector_was_stopped_for_days_is_not_given_up(
    tmp_path: Path,
) -> None:
    location, clock, channel = database(tmp_path), Clock(), Channel(script=[BUSY, BUSY])
    put(location, message())
    await delivery(location, channel, clock=clock).deliver_due()
    clock.move(days=2)
    over = delivery(location, channel, clock=clock)
    await over.deliver_due()
    assert states(location) == ["pending"]
    clock.move(seconds=10)
    await over.deliver_due()
    assert states(location) == ["delivered"]
