"""The outbox in the database: its order, messages as JSON, what is settled, how a channel does."""

import json
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from analytics.alerting import Action, Message, Outgoing
from analytics.alerting.message_json import message_from, message_json
from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.model import Severity
from collector.store_outbox import (
    Settlement,
    insert_outgoing,
    settle,
    waiting,
)
from tests.collector.notify.told import INCIDENT, NOW, fetch, message, payloads, put, states

LATER = NOW + timedelta(minutes=1)
FULL = Message(
    action=Action.RESOLVE,
    dedup_key="incident/1",
    service="api/shopify",
    severity=Severity.WARNING,
    title='Shopify "API" ü \u2028 <b>',
    text="line\nline",
    at=LATER,
    began_at=NOW,
    rule="service_down",
    reason="http_5xx",
    incident_id=str(INCIDENT),
    ended_at=LATER + timedelta(microseconds=7),
    author="ada",
    note="note",
    vendor="Shopify reports: errors",
    relapses=3,
    affected=("api/a", "mcp/b"),
    runbook="https://example.com/runbooks/http_5xx",
    dashboard="https://example.com",
    over=True,
    path="data/reports/daily",
)


def test_a_message_survives_the_trip_through_json_and_the_database(any_database: Location) -> None:
    assert all(getattr(FULL, name.name) for name in fields(Message))
    for one in (FULL, message(), replace(FULL, ended_at=None, affected=())):
        assert message_from(message_json(one)) == one
    put(any_database, FULL)
    assert [message_from(data) for data in payloads(any_database)] == [FULL]


def test_a_message_of_a_newer_version_is_read_without_what_is_unknown() -> None:
    assert message_from({**message_json(FULL), "colour": "red"}) == FULL


@pytest.mark.parametrize(
    "change", [{"action": "shout"}, {"at": "yesterday"}, {"severity": None}, {"affected": 3}, {"at": 12}]
)
def test_a_message_that_cannot_be_read_is_a_clear_error(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^the stored message cannot be read: ") as found:
        message_from({**message_json(FULL), **change})
    assert "\n" not in str(found.value)
    with pytest.raises(ValueError, match="the stored message cannot be read"):
        message_from({})


def test_the_order_of_creation_is_kept_within_a_millisecond_and_when_the_clock_is_set_back(
    any_database: Location,
) -> None:
    titles = [str(number) for number in range(5000)]
    put(any_database, *(message(title=title) for title in titles[:4990]))
    put(any_database, *(message(title=title) for title in titles[4990:4995]), now=NOW - timedelta(days=400))
    put(any_database, *(message(title=title) for title in titles[4995:]), now=NOW)
    assert [data["title"] for data in payloads(any_database)] == titles
    with read_only(any_database) as connection:
        rows = waiting(connection, 1, 7)
    assert [message_from_text(row.payload).title for row in rows] == titles[:7]
    assert {row.id.version for row in rows} == {7}


def message_from_text(text: str) -> Message:
    return message_from(json.loads(text))


def test_no_channel_starves_another_by_what_waits_for_it(any_database: Location) -> None:
    put(any_database, *(message(key=str(number)) for number in range(20)), channels=["busy"])
    put(any_database, message(), channels=["calm"])
    with read_only(any_database) as connection:
        assert [row.channel for row in waiting(connection, 3, 9)] == ["busy"] * 3 + ["calm"]


def test_the_loudest_keys_are_looked_at_however_many_wait_before_them(any_database: Location) -> None:
    for number in range(5):
        put(any_database, message(key=f"calm {number}", severity=Severity.INFO))
    put(any_database, message(key="raised", severity=Severity.WARNING))
    put(any_database, message(key="loud"), message("resolve", key="loud"))
    put(any_database, message("update", key="raised"))
    with read_only(any_database) as connection:
        assert keys(connection, 2, 9) == ["raised", "loud", "loud", "raised"]
        assert keys(connection, 3, 9) == ["calm 0", "raised", "loud", "loud", "raised"]
        assert keys(connection, 2, 1) == ["raised", "loud"]


def keys(connection: Any, most: int, rows: int) -> list[str]:
    return [row.dedup_key for row in waiting(connection, most, rows)]


def test_a_settled_message_is_no_longer_waiting_and_stands_in_the_timeline(any_database: Location) -> None:
    put(any_database, message(), message("update"), message("resolve"), incident=INCIDENT)
    with read_only(any_database) as connection:
        first, second, third = waiting(connection, 9, 9)
    again = LATER + timedelta(seconds=5)
    outcomes = [
        Settlement(
            first.id,
            "oncall",
            "delivered",
            2,
            None,
            NOW,
            LATER,
            None,
            "202 ok",
            INCIDENT,
            ("sent", "told", LATER),
        ),
        Settlement(second.id, "oncall", "folded", 0, last_error="newer"),
        Settlement(third.id, "oncall", "pending", 1, again, LATER, None, "500", None, INCIDENT),
    ]
    transact(any_database, lambda connection: settle(connection, outcomes))
    transact(any_database, lambda connection: settle(connection, []))
    columns = "state, attempts, next_attempt_at, first_attempt_at, delivered_at, last_error, answer"
    assert fetch(any_database, f"SELECT {columns} FROM notifications ORDER BY id") == [
        ("delivered", 2, None, NOW, LATER, None, "202 ok"),
        ("folded", 0, None, None, None, "newer", None),
        ("pending", 1, again, LATER, None, "500", None),
    ]
    with read_only(any_database) as connection:
        assert [row.id for row in waiting(connection, 9, 9)] == [third.id]
    assert fetch(
        any_database, "SELECT incident_id, timestamp, kind, author, message FROM incident_events"
    ) == [(INCIDENT, LATER, "sent", "collector", "told")]


#: What became of a trigger and the updates after it, and what a message that follows knows of that.
PASTS = [
    ([], "delivered"),
    (["delivered"], "delivered"),
    (["refused"], "refused"),
    (["expired"], "expired"),
    (["folded"], "folded"),
    (["refused", "delivered"], "delivered"),
    (["delivered", "folded"], "delivered"),
]


def test_a_waiting_message_knows_what_became_of_its_trigger(any_database: Location) -> None:
    for number, (settled, _) in enumerate(PASTS):
        actions = [*["trigger", "update"][: len(settled)], "acknowledge"]
        put(any_database, *(message(action, str(number)) for action in actions))
        put(any_database, message(key=str(number)), channels=["other"])
    with read_only(any_database) as connection:
        rows = waiting(connection, 99, 99)
    outcomes = []
    for number, (settled, _) in enumerate(PASTS):
        own = [row for row in rows if row.dedup_key == str(number) and row.channel == "oncall"]
        outcomes += [Settlement(row.id, "oncall", state, 1) for row, state in zip(own, settled, strict=False)]
    transact(any_database, lambda connection: settle(connection, outcomes))
    with read_only(any_database) as connection:
        found = waiting(connection, 99, 99)
    assert [row.past for row in found if row.channel == "oncall"] == [past for _, past in PASTS]
    assert {row.past for row in found if row.channel == "other"} == {"delivered"}


def test_nothing_outgoing_writes_nothing(any_database: Location) -> None:
    transact(any_database, lambda connection: insert_outgoing(connection, [], NOW))
    outgoing = [Outgoing("oncall", message(), uuid7())]
    with pytest.raises(RuntimeError):
        transact(any_database, lambda connection: _then_fail(connection, outgoing))
    assert states(any_database) == []


def _then_fail(connection: Any, outgoing: list[Outgoing]) -> None:
    insert_outgoing(connection, outgoing, NOW)
    raise RuntimeError
