"""How a channel does, as the outbox knows it."""

from datetime import timedelta

from analytics.alerting import ChannelHealth
from analytics.db import Location, read_only, transact
from collector.store_outbox import (
    Settlement,
    channel_health,
    settle,
    waiting,
)
from tests.collector.notify.told import NOW, message, put

LATER = NOW + timedelta(minutes=1)


def test_the_health_of_a_channel_tells_what_waits_and_what_was_refused(any_database: Location) -> None:
    put(any_database, message(), message("update"), message(key="b"), channels=["oncall"])
    put(any_database, message(), message(key="old"), channels=["team"], now=NOW - timedelta(days=2))
    put(any_database, message(), channels=["team"])
    with read_only(any_database) as connection:
        found = waiting(connection, 9, 9)
    rows = {name: [row for row in found if row.channel == name] for name in ("oncall", "team")}
    outcomes = [
        Settlement(rows["oncall"][0].id, "oncall", "pending", 4, LATER, NOW, None, "500 first"),
        Settlement(rows["oncall"][2].id, "oncall", "pending", 2, LATER, LATER, None, "500 second"),
        Settlement(
            rows["team"][0].id, "oncall", "refused", 1, None, NOW - timedelta(days=2), None, "404 long ago"
        ),
        Settlement(rows["team"][1].id, "oncall", "delivered", 1, None, NOW, NOW),
        Settlement(rows["team"][2].id, "oncall", "refused", 1, None, NOW, None, "404 gone"),
    ]
    transact(any_database, lambda connection: settle(connection, outcomes))
    with read_only(any_database) as connection:
        assert channel_health(connection, ["team", "silent", "oncall"], LATER) == [
            ChannelHealth("team", 0, None, 0, 1, "404 gone"),
            ChannelHealth("silent", 0, None, 0, 0, ""),
            ChannelHealth("oncall", 3, NOW, 4, 0, "500 second"),
        ]


#: What became of the messages of a channel, oldest first, and how many of them never arrived, to be told.
TROUBLES = [
    (["refused"], 1),
    (["refused", "delivered"], 0),
    (["delivered", "refused"], 1),
    (["expired", "expired"], 2),
    (["expired", "delivered"], 0),
    (["delivered", "expired", "folded"], 1),
    (["expired", "delivered", "refused"], 1),
    (["old refused", "old expired"], 1),
]


def test_what_never_arrived_counts_until_the_channel_takes_something(any_database: Location) -> None:
    for number, (became, _) in enumerate(TROUBLES):
        put(any_database, *(message(key=str(place)) for place in range(len(became))), channels=[str(number)])
    with read_only(any_database) as connection:
        rows = waiting(connection, 99, 99)
    outcomes = []
    for number, (became, _) in enumerate(TROUBLES):
        own = [row for row in rows if row.channel == str(number)]
        for row, state in zip(own, became, strict=True):
            first = NOW - timedelta(days=9 if state.startswith("old ") else 0)
            outcomes.append(
                Settlement(row.id, row.channel, state.removeprefix("old "), 1, None, first, None, "no")
            )
    transact(any_database, lambda connection: settle(connection, outcomes))
    with read_only(any_database) as connection:
        found = channel_health(connection, [str(number) for number in range(len(TROUBLES))], LATER)
    assert [one.refused for one in found] == [count for _, count in TROUBLES]
    assert {one.last_error for one in found if one.refused} == {"no"}
    assert {one.last_error for one in found if not one.refused} == {""}
