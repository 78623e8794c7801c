"""Who ended an incident: a person, or the collector when it was good again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from analytics import incident_queries
from analytics.db import read_only, transact
from analytics.ids import uuid7
from collector.store import insert_rows
from tests.empty_database import empty_database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def end(incident_id: UUID, hours_ago: float, author: str, kind: str = "resolved") -> dict[str, Any]:
    at = {"id": uuid7(), "timestamp": NOW - timedelta(hours=hours_ago)}
    return {**at, "incident_id": incident_id, "kind": kind, "author": author, "message": "over"}


def test_the_newest_end_of_an_incident_says_who_closed_it(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    by_hand, by_itself, both = uuid7(), uuid7(), uuid7()
    ends = [end(by_hand, 3, "collector"), end(by_hand, 1, "Ada"), end(by_itself, 1, "collector")]
    ends += [end(both, 3, "Ada"), end(both, 1, "collector"), end(by_itself, 0.5, "Ada", "note")]
    transact(location, lambda connection: insert_rows(connection, "incident_events", ends))

    with read_only(location) as connection:
        found = incident_queries.closed_by_hand(connection, NOW - timedelta(days=7))
        late = incident_queries.closed_by_hand(connection, NOW)

    assert found.values.tolist() == [[str(by_hand), "Ada"]]
    assert late.empty
