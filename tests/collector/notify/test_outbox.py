"""The outbox in the database: its order, messages as JSON, what is settled, how a channel does."""

import json
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from analytics.alerting import Action, ChannelHealth, Message, Outgoing
from analytics.alerting.message_json import message_from, message_json
from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.model import Severity
from collector.store import insert_rows
from collector.store_outbox import (
    Settlement,
    channel_health,
    insert_outgoing,
    revive_refused,
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
        rows = waiting(connection, 7)
    assert [message_from_text(row.payload).title for row in rows] == titles[:7]
    assert {row.id.version for row in rows} == {7}


def message_from_text(text: str) -> Message:
    return message_from(json.loads(text))


def test_no_channel_starves_another_by_what_waits_for_it(any_database: Location) -> None:
    put(any_database, *(message() for _ in range(20)), channels=["busy"])
    put(any_database, message(), channels=["calm"])
    with read_only(any_database) as connection:
        assert [row.channel for row in waiting(connection, 3)] == ["busy"] * 3 + ["calm"]


def test_a_settled_message_is_no_longer_waiting_and_stands_in_the_timeline(any_database: Location) -> None:
    put(any_database, message(), message("update"), message("resolve"), incident=INCIDENT)
    with read_only(any_database) as connection:
        first, second, third = waiting(connection, 9)
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
        assert [row.id for row in waiting(connection, 9)] == [third.id]
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
        rows = waiting(connection, 99)
    outcomes = []
    for number, (settled, _) in enumerate(PASTS):
        own = [row for row in rows if row.dedup_key == str(number) and row.channel == "oncall"]
        outcomes += [Settlement(row.id, "oncall", state, 1) for row, state in zip(own, settled, strict=False)]
    transact(any_database, lambda connection: settle(connection, outcomes))
    with read_only(any_database) as connection:
        found = waiting(connection, 99)
    assert [row.past for row in found if row.channel == "oncall"] == [past for _, past in PASTS]
    assert {row.past for row in found if row.channel == "other"} == {"delivered"}


def test_the_health_of_a_channel_tells_what_waits_and_what_was_refused(any_database: Location) -> None:
    put(any_database, message(), message("update"), message(key="b"), channels=["oncall"])
    put(any_database, message(), message(key="old"), channels=["team"], now=NOW - timedelta(days=2))
    put(any_database, message(), channels=["team"])
    with read_only(any_database) as connection:
        found = waiting(connection, 9)
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


#: The state of an incident, its channel, what became of its trigger, and whether that is tried again.
REFUSALS = [
    ("open", "oncall", "refused", True),
    ("investigating", "oncall", "refused", True),
    ("resolved", "oncall", "refused", False),
    ("open", "off", "refused", False),
    ("open", "oncall", "delivered", False),
    ("open", "oncall", "expired", False),
]


def test_a_refused_alert_of_an_open_incident_is_tried_again_with_what_followed_it(
    any_database: Location,
) -> None:
    rows = [incident_row(uuid7(), status) for status, *_ in REFUSALS]
    transact(any_database, lambda connection: insert_rows(connection, "integration_incidents", rows))
    outcomes = []
    for row, (_, channel, state, _) in zip(rows, REFUSALS, strict=True):
        key = str(row["id"])
        messages = [message(action, key) for action in ("trigger", "update", "acknowledge")]
        put(any_database, *messages, channels=[channel], incident=row["id"])
        with read_only(any_database) as connection:
            first, second, third = (one for one in waiting(connection, 99) if one.dedup_key == key)
        outcomes += [
            Settlement(first.id, "oncall", state, 1, None, NOW, None, "400"),
            Settlement(second.id, "oncall", "folded", 0, last_error="refused before"),
            Settlement(third.id, "oncall", "folded", 0, last_error="something else"),
        ]
    transact(any_database, lambda connection: settle(connection, outcomes))
    count = transact(
        any_database, lambda connection: revive_refused(connection, ["oncall"], "refused before")
    )
    assert count == 2
    expected = []
    for _, _, state, again in REFUSALS:
        expected += ["pending", "pending", "folded"] if again else [state, "folded", "folded"]
    assert states(any_database) == expected


def incident_row(identity: UUID, status: str) -> dict[str, Any]:
    about = {"service_type": "api", "service_name": "shopify", "severity": "critical", "title": "t"}
    return {"id": identity, "created_at": NOW, "status": status, **about}


def test_nothing_outgoing_writes_nothing(any_database: Location) -> None:
    transact(any_database, lambda connection: insert_outgoing(connection, [], NOW))
    outgoing = [Outgoing("oncall", message(), uuid7())]
    with pytest.raises(RuntimeError):
        transact(any_database, lambda connection: _then_fail(connection, outgoing))
    assert states(any_database) == []


def _then_fail(connection: Any, outgoing: list[Outgoing]) -> None:
    insert_outgoing(connection, outgoing, NOW)
    raise RuntimeError
