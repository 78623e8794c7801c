"""Whatever a page shows one after the other: the rows are what it showed last, and nothing is told twice."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.ids import uuid7
from analytics.rules.vendors import VendorIncident, VendorPage
from analytics.vendor_queries import join_events
from collector.store import insert_rows
from collector.store_alerting import insert_events
from collector.store_vendors import store_feed, store_page
from tests.collector.vendors.pages import NOW

SCHEMA = Path(__file__).parents[3] / "analytics" / "sql" / "schema"
STATES = ("investigating", "identified", "monitoring")


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory."""
    with duckdb.connect() as made:
        made.execute("SET TimeZone='UTC'")
        for path in sorted(SCHEMA.glob("*.sql")):
            made.execute(path.read_text())
        yield made


#: What a page shows: the state of each incident on it, by number.
pages = st.dictionaries(st.integers(0, 3), st.sampled_from(STATES), max_size=4)
looks = st.lists(pages | st.just("open") | st.just("resolve"), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looks)
def test_rows_follow_the_page_and_news_are_told_once(
    connection: duckdb.DuckDBPyConnection, seen: list[dict[int, str] | str]
) -> None:
    for table in ("vendor_incidents", "integration_incidents", "incident_events"):
        connection.execute(f"DELETE FROM {table}")
    feed = {
        "vendor": "openai",
        "url": "https://x",
        "services": ["api/openai"],
        "checked_at": NOW,
        "read_at": NOW,
    }
    store_feed(connection, feed)
    shown: dict[int, str] = {}
    for minute, look in enumerate(seen):
        now = NOW + timedelta(minutes=2 * minute)
        if look == "open":
            row = {"id": uuid7(), "created_at": now, "service_type": "api", "service_name": "openai"}
            row |= {"severity": "warning", "title": "x", "status": "open"}
            insert_rows(connection, "integration_incidents", [row])
        elif look == "resolve":
            connection.execute("UPDATE integration_incidents SET status = 'resolved'")
        else:
            assert isinstance(look, dict)
            shown = look
            store_page(connection, "openai", ["api/openai"], VendorPage("none", "", shown_as(shown)), now)
        insert_events(connection, join_events(connection, now))
        assert join_events(connection, now) == []
        sql = "SELECT vendor_id, state FROM vendor_incidents WHERE resolved_at IS NULL"
        going_on = dict(connection.execute(sql).fetchall())
        assert going_on == {f"id{number}": state for number, state in shown.items()}
        sql = "SELECT vendor_id FROM vendor_incidents"
        assert max(Counter(connection.execute(sql).fetchall()).values(), default=1) == 1
    told = connection.execute("SELECT incident_id, message FROM incident_events").fetchall()
    assert max(Counter(told).values(), default=1) == 1
    ours = connection.execute("SELECT id FROM integration_incidents WHERE status = 'open'").fetchall()
    for (incident_id,) in ours:
        messages = {message for owner, message in told if owner == incident_id}
        for number, state in shown.items():
            assert any(f"Trouble {number} " in text and f"({state})" in text for text in messages)


def shown_as(states: dict[int, str]) -> tuple[VendorIncident, ...]:
    first = VendorIncident("", "", "minor", "", NOW, NOW)
    return tuple(
        replace(first, vendor_id=f"id{number}", name=f"Trouble {number} of some", state=state)
        for number, state in states.items()
    )
