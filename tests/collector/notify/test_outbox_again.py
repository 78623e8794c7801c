"""What was refused is tried again at the next start, as long as it is not over."""

from typing import Any
from uuid import UUID

import pytest

from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from collector.store import insert_rows
from collector.store_outbox import (
    Settlement,
    revive_refused,
    settle,
    waiting,
)
from tests.collector.notify.told import NOW, message, put, states

#: The state of an alert without an incident, of its key, and whether its refused message is tried again.
NOTICES = [("firing", "notice/1", True), ("firing", "notice/2", False), ("pending", "notice/1", False)]


@pytest.mark.parametrize(("state", "key", "again"), NOTICES)
def test_a_refused_notice_is_tried_again_while_its_alert_fires(
    any_database: Location, state: str, key: str, again: bool
) -> None:
    alert = {"rule": "tools_changed", "service_type": "mcp", "service_name": "fly", "state": state}
    rows = [{**alert, "since": NOW, "details": {"dedup_key": key}}]
    transact(any_database, lambda connection: insert_rows(connection, "alerts", rows))
    put(any_database, message(key="notice/1"))
    with read_only(any_database) as connection:
        [row] = waiting(connection, 9, 9)
    outcomes = [Settlement(row.id, "oncall", "refused", 1, None, NOW, None, "400")]
    transact(any_database, lambda connection: settle(connection, outcomes))
    transact(any_database, lambda connection: revive_refused(connection, ["oncall"], "refused before"))
    assert states(any_database) == ["pending" if again else "refused"]


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
            first, second, third = (one for one in waiting(connection, 99, 99) if one.dedup_key == key)
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
