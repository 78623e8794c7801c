"""What is kept of maintenance: one row an occurrence and service, whatever is said twice or changed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from analytics.db import Location, read_only, transact
from analytics.model import ServiceKey, ServiceType
from analytics.rules.maintenance import Occurrence, OneOff, active
from collector.store_maintenance import record
from tests.empty_database import empty_database

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHOP, CHAT = ServiceKey(ServiceType.API, "shopify"), ServiceKey(ServiceType.API, "chatwoot")


def at(**span: float) -> datetime:
    return NOON + timedelta(**span)


def recorded(
    location: Location, occurrences: Mapping[ServiceKey, Occurrence], now: datetime
) -> list[tuple[str, str, datetime, datetime]]:
    transact(location, lambda connection: record(connection, occurrences, now))
    with read_only(location) as connection:
        return connection.execute(
            "SELECT name, service_name, starts_at, ends_at FROM maintenance ORDER BY starts_at, service_name"
        ).fetchall()


def test_maintenance_is_a_row_an_occurrence_and_service(any_database: Location) -> None:
    move = Occurrence("move", NOON, at(hours=2))
    both = {SHOP: move, CHAT: move}
    rows = [("move", "chatwoot", NOON, at(hours=2)), ("move", "shopify", NOON, at(hours=2))]

    assert recorded(any_database, {}, at(hours=-1)) == []
    assert recorded(any_database, both, at(minutes=1)) == rows
    assert recorded(any_database, both, at(minutes=2)) == rows, "the same again is no second row"

    longer = Occurrence("move", NOON, at(hours=3))
    rows[1] = ("move", "shopify", NOON, at(hours=3))
    assert recorded(any_database, {SHOP: longer, CHAT: move}, at(minutes=3)) == rows, "it was made longer"

    rows[0] = ("move", "chatwoot", NOON, at(minutes=4))
    assert recorded(any_database, {SHOP: longer}, at(minutes=4)) == rows, "it was called off for one"

    assert recorded(any_database, {}, at(hours=3)) == rows, "what ended as announced stays as it was"

    reopened = Occurrence("move", NOON, at(hours=5))
    rows[1] = ("move", "shopify", NOON, at(hours=5))
    assert recorded(any_database, {SHOP: reopened}, at(hours=4)) == rows, "made longer after its end"

    nightly = Occurrence("nightly", at(hours=6), at(hours=7))
    rows.append(("nightly", "shopify", at(hours=6), at(hours=7)))
    assert recorded(any_database, {SHOP: nightly}, at(hours=6)) == rows
    assert recorded(any_database, {}, at(hours=8)) == rows


def test_windows_that_overlap_are_kept_from_the_first_start_to_the_last_end(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    windows = [OneOff("first", None, NOON, at(hours=3)), OneOff("second", None, at(hours=2), at(hours=4))]
    moments = [at(minutes=minute) for minute in range(-30, 300, 30)]
    for moment in moments:
        rows = recorded(location, active(windows, [SHOP], moment), moment)
    covered = [moment for moment in moments if any(row[2] <= moment < row[3] for row in rows)]
    assert covered == [moment for moment in moments if NOON <= moment < at(hours=4)]
    assert [row[0] for row in rows] == ["first", "second"]


def test_a_clock_that_is_set_back_leaves_no_maintenance_that_ends_before_it_begins(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    move = Occurrence("move", NOON, at(hours=2))
    recorded(location, {SHOP: move}, at(minutes=1))
    assert recorded(location, {}, at(hours=-1)) == [("move", "shopify", NOON, NOON)]
    assert recorded(location, {SHOP: move}, at(minutes=1)) == [("move", "shopify", NOON, at(hours=2))]
