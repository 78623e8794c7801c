"""What is kept of vendors' pages, and how it stands beside our services and incidents."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import duckdb
import pytest

from analytics.alerting import IncidentEvent
from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.model import ServiceKey, ServiceType
from analytics.named_sql import query
from analytics.rules.vendors import VendorIncident, VendorPage, report, service_of, vendor_title
from analytics.vendor_queries import join_events, vendor_notes
from collector.store import insert_rows
from collector.store_alerting import insert_events
from collector.store_vendors import forget_other_feeds, store_feed, store_page

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BEGAN = datetime(2026, 11, 24, 8, 41, tzinfo=UTC)
OPENAI = ServiceKey(ServiceType.API, "openai")
TROUBLE = VendorIncident(
    "id1", "Elevated errors", "minor", "investigating", BEGAN, BEGAN, components=("Chat",)
)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


class Store:
    """A database, and what is done with vendors in it."""

    def __init__(self, location: Location) -> None:
        self.location = location

    def read(
        self, *incidents: VendorIncident, ended: Sequence[VendorIncident] = (), at: datetime = NOW
    ) -> int:
        """The feed was read at `at` and held `incidents`; how many rows changed."""

        def work(connection: duckdb.DuckDBPyConnection) -> int:
            row = {
                "vendor": "openai",
                "url": "https://x",
                "services": ["api/openai"],
                "checked_at": at,
                "read_at": at,
            }
            store_feed(connection, row)
            page = VendorPage("none", "", incidents, tuple(ended))
            return store_page(connection, "openai", ["api/openai"], page, at)

        return transact(self.location, work)

    def rows(self) -> list[tuple[Any, ...]]:
        with read_only(self.location) as connection:
            sql = "SELECT vendor_id, state, resolved_at FROM vendor_incidents ORDER BY vendor_id"
            return connection.execute(sql).fetchall()

    def notes(self, at: datetime = NOW) -> dict[ServiceKey, str]:
        with read_only(self.location) as connection:
            return vendor_notes(connection, at)

    def open_incident(self, began_at: datetime = NOW, name: str = "openai") -> UUID:
        made = uuid7()
        row = {
            "id": made,
            "created_at": began_at,
            "began_at": began_at,
            "service_type": "api",
            "service_name": name,
            "severity": "critical",
            "title": "OpenAI is down",
            "status": "open",
        }
        transact(self.location, lambda connection: insert_rows(connection, "integration_incidents", [row]))
        return made

    def join(self, at: datetime = NOW) -> list[IncidentEvent]:
        def work(connection: duckdb.DuckDBPyConnection) -> list[IncidentEvent]:
            events = join_events(connection, at)
            insert_events(connection, events)
            return events

        return transact(self.location, work)


@pytest.fixture
def store(file_database: Location) -> Store:
    return Store(file_database)


def test_an_incident_is_stored_changed_and_over_when_it_vanishes(store: Store) -> None:
    assert store.read(TROUBLE) == 1
    assert store.read(TROUBLE) == 0
    assert store.rows() == [("id1", "investigating", None)]
    assert store.read(replace(TROUBLE, state="monitoring")) == 1
    assert store.rows() == [("id1", "monitoring", None)]
    assert store.read(at=NOW + minutes(2)) == 1
    assert store.rows() == [("id1", "resolved", NOW + minutes(2))]
    assert store.read(at=NOW + minutes(4)) == 0
    assert store.read(TROUBLE, at=NOW + minutes(6)) == 1
    assert store.rows() == [("id1", "investigating", None)]


def test_notes_name_what_goes_on_and_for_a_while_what_is_over(store: Store) -> None:
    assert store.notes() == {}
    store.read(TROUBLE)
    assert store.notes() == {OPENAI: "OpenAI reports: Elevated errors since 08:41 UTC (investigating)"}
    tomorrow = NOW + timedelta(days=1)
    store.read(TROUBLE, at=tomorrow)
    assert store.notes(tomorrow)[OPENAI].endswith("since 2026-11-24 08:41 UTC (investigating)")
    second = replace(TROUBLE, vendor_id="id2", name="Slow answers", started_at=NOW)
    store.read(TROUBLE, second)
    assert store.notes()[OPENAI] == "OpenAI reports: Slow answers since 12:00 UTC (investigating), and 1 more"
    store.read()
    assert "(resolved 12:00 UTC)" in store.notes(NOW + minutes(15))[OPENAI]
    assert store.notes(NOW + minutes(15.1)) == {}


def test_one_incident_of_a_vendor_is_told_once_a_state_and_incident_of_ours(any_database: Location) -> None:
    store = Store(any_database)
    ours = store.open_incident()
    store.open_incident(name="shopify")
    assert store.join() == []
    store.read(TROUBLE)
    (event,) = store.join()
    text = "OpenAI reports: Elevated errors since 08:41 UTC (investigating)"
    assert event == IncidentEvent(ours, NOW, "vendor", text)
    assert store.join(NOW + minutes(1)) == []
    store.read(replace(TROUBLE, updated_at=NOW))
    assert store.join(NOW + timedelta(days=1)) == [], "the same words, though another day"
    store.read(replace(TROUBLE, state="monitoring"))
    assert [one.message[-12:] for one in store.join()] == ["(monitoring)"]
    store.read(at=NOW + minutes(9))
    assert [one.message[-20:] for one in store.join()] == ["(resolved 12:09 UTC)"]
    assert store.join() == []
    assert list(store.notes(NOW + minutes(9))) == [OPENAI]
    transact(any_database, lambda connection: forget_other_feeds(connection, [], NOW))
    assert store.notes(NOW + minutes(9)) == {}


def test_what_was_over_long_before_ours_began_is_not_joined(file_database: Location) -> None:
    store = Store(file_database)
    store.read(TROUBLE)
    store.read(at=NOW)
    store.open_incident(NOW + minutes(16))
    assert store.join(NOW + minutes(17)) == []
    store.open_incident(NOW + minutes(14))
    assert len(store.join(NOW + minutes(17))) == 1


def test_an_incident_of_ours_that_is_over_hears_no_news(file_database: Location) -> None:
    store = Store(file_database)
    store.open_incident()
    transact(
        file_database,
        lambda connection: connection.execute("UPDATE integration_incidents SET status = 'resolved'"),
    )
    store.read(TROUBLE)
    assert store.join() == []


def test_a_page_that_changes_its_words_all_the_time_does_not_fill_a_timeline(file_database: Location) -> None:
    store = Store(file_database)
    store.open_incident()
    for round_ in range(3):
        many = [replace(TROUBLE, vendor_id=f"id{n}", name=f"Trouble {round_} {n}") for n in range(20)]
        store.read(*many)
        store.join()
    with read_only(file_database) as connection:
        assert connection.execute("SELECT count(*) FROM incident_events").fetchall() == [(40,)]


def test_what_a_page_lists_as_over_is_over_at_its_own_time(file_database: Location) -> None:
    store = Store(file_database)
    over = replace(TROUBLE, state="postmortem", resolved_at=BEGAN + minutes(30))
    assert store.read(ended=[over]) == 0, "it was never told as going on"
    store.read(TROUBLE)
    assert store.read(ended=[over]) == 1
    assert store.rows() == [("id1", "postmortem", BEGAN + minutes(30))]


def test_a_feed_that_was_not_read_for_long_says_nothing_of_now(file_database: Location) -> None:
    store = Store(file_database)
    store.read(TROUBLE)
    assert store.notes(NOW + timedelta(hours=2))
    assert store.notes(NOW + timedelta(hours=2, seconds=1)) == {}


def test_a_feed_that_was_not_read_for_long_has_no_news_for_a_timeline(any_database: Location) -> None:
    store = Store(any_database)
    store.read(TROUBLE)
    later = NOW + timedelta(hours=2, seconds=1)
    store.open_incident(later)
    assert store.join(later) == []
    store.read(TROUBLE, at=later)
    assert len(store.join(later)) == 1


def test_a_feed_that_is_not_configured_any_more_is_forgotten(store: Store) -> None:
    store.read(TROUBLE)
    transact(store.location, lambda connection: forget_other_feeds(connection, ["openai"], NOW))
    assert store.notes()
    transact(store.location, lambda connection: forget_other_feeds(connection, ["github"], NOW))
    assert store.notes() == {}
    assert store.rows() == [("id1", "resolved", NOW)]
    with read_only(store.location) as connection:
        assert connection.execute(query("vendor_feeds")).fetchall() == []


def test_the_other_services_of_a_feed_are_told_too_and_odd_ones_are_not(file_database: Location) -> None:
    def work(connection: duckdb.DuckDBPyConnection) -> None:
        services = ["api/openai", "mcp/llama", "odd", "other/thing"]
        store_feed(
            connection, {"vendor": "x", "url": "u", "services": services, "checked_at": NOW, "read_at": NOW}
        )
        store_page(connection, "x", services, VendorPage("none", "", (TROUBLE,)), NOW)

    transact(file_database, work)
    assert set(map(str, Store(file_database).notes())) == {"api/openai", "mcp/llama"}


@pytest.mark.parametrize(
    ("vendor", "title"),
    [
        ("openai", "OpenAI"),
        ("flyio", "Fly.io"),
        ("supabase", "Supabase"),
        ("my_vendor", "My vendor"),
        ("", ""),
    ],
)
def test_vendors_are_called_as_they_write_themselves(vendor: str, title: str) -> None:
    assert vendor_title(vendor) == title


def test_words_of_a_state_are_words() -> None:
    text = report("github", replace(TROUBLE, state="in_progress"), BEGAN)
    assert text == "GitHub reports: Elevated errors since 08:41 UTC (in progress)"


def test_a_service_is_written_with_type_and_name() -> None:
    assert service_of("api/openai") == OPENAI
    assert [service_of(text) for text in ("", "api", "api/", "x/y")] == [None] * 4
