"""Alerts, their firings, channels, mutes, maintenance and changes of rules, against rows written by hand."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics import alert_queries as queries
from analytics.db import Location, read_only, transact
from analytics.frames import records
from analytics.ids import uuid7
from collector.store import insert_rows

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Row = dict[str, Any]


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def add(location: Location, **tables: list[Row]) -> None:
    def work(connection: Any) -> None:
        for table, rows in tables.items():
            insert_rows(connection, table, rows)

    transact(location, work)


def change(minutes: float, old: str, new: str, **said: Any) -> Row:
    """A change of an alert about Shopify's API."""
    return {
        "id": uuid7(int(at(minutes).timestamp() * 1000)),
        "timestamp": at(minutes),
        "rule": "service_down",
        "service_type": "api",
        "service_name": "shopify",
        "old_state": old,
        "new_state": new,
        "severity": "critical",
        "title": f"at {minutes}",
        **said,
    }


def firings(location: Location, since: float, until: float) -> list[Row]:
    with read_only(location) as connection:
        return list(records(queries.alert_firings(connection, at(since), at(until))))


def test_a_firing_lasts_from_its_change_to_its_end(any_database: Location) -> None:
    incident = uuid7()
    add(
        any_database,
        alert_events=[
            change(0, "inactive", "pending"),
            change(1, "pending", "firing", suppressed_by="maintenance"),
            change(3, "firing", "firing", incident_id=incident, title="worse"),
            change(9, "firing", "resolved"),
            change(20, "resolved", "firing", suppressed_by="muted by ada"),
            change(21, "inactive", "firing", service_type="collector", service_name="collector"),
        ],
    )
    found = firings(any_database, 2, 60)
    assert [(one["begun"], one["ended"]) for one in found] == [(at(21), None), (at(20), None), (at(1), at(9))]
    assert found[2]["title"] == "worse"
    assert found[2]["incident_id"] == str(incident)
    assert [one["suppressed_by"] for one in found] == [None, "muted by ada", None], "told in between counts"
    assert [one["begun"] for one in firings(any_database, 9, 20)] == [at(20)], (
        "over at its begin is not of it"
    )
    assert firings(any_database, -60, 0.5) == [], "what waits does not fire"


def test_of_two_at_once_the_first_is_told_up_to_the_second(any_database: Location) -> None:
    add(
        any_database,
        alert_events=[
            change(1, "pending", "firing"),
            change(5, "pending", "firing"),
            change(8, "firing", "resolved"),
        ],
    )
    found = firings(any_database, 0, 60)
    assert [(one["begun"], one["ended"]) for one in found] == [(at(5), at(8)), (at(1), at(5))]


def test_what_stands_is_told_loudest_first(any_database: Location) -> None:
    def alert(rule: str, state: str, severity: str, since: float) -> Row:
        place = {"rule": rule, "service_type": "mcp", "service_name": "fly", "title": rule}
        return {**place, "state": state, "severity": severity, "since": at(since)}

    add(
        any_database,
        alerts=[
            alert("service_degraded", "pending", "warning", 0),
            alert("tools_changed", "firing", "info", 1),
            alert("slo_burn", "firing", "warning", 2),
            alert("service_down", "firing", "critical", 3),
            alert("slow_response", "resolved", "warning", 4),
        ],
    )
    with read_only(any_database) as connection:
        found = queries.standing_alerts(connection)
    assert found["rule"].tolist() == ["service_down", "slo_burn", "tools_changed", "service_degraded"]
    assert found["suppressed_by"].isna().all()


def message(channel: str, state: str, minutes: float, **said: Any) -> Row:
    return {
        "id": uuid7(),
        "channel": channel,
        "action": "trigger",
        "dedup_key": "x",
        "payload": {},
        "state": state,
        "attempts": 1,
        "created_at": at(minutes),
        "severity": "critical",
        **said,
    }


def test_a_channel_is_as_its_messages_went(any_database: Location) -> None:
    def channel(name: str, position: int) -> Row:
        said = {"channel": name, "position": position, "kind": "slack", "severities": ["critical"]}
        return {**said, "updated_at": NOON}

    add(
        any_database,
        alert_channels=[channel("team", 1), channel("oncall", 0)],
        notifications=[
            message("team", "delivered", 1, delivered_at=at(1) + timedelta(seconds=2)),
            message("team", "delivered", 2, delivered_at=at(2) + timedelta(seconds=4), last_error="timeout"),
            message("team", "delivered", -3000, delivered_at=at(-3000)),
            message("team", "refused", 3, last_error="404 Not Found"),
            message("team", "folded", 4, last_error="obsolete"),
            message("team", "pending", 5, attempts=7, next_attempt_at=at(6)),
            message("team", "pending", 7, attempts=0),
            message("gone", "expired", 1, last_error="no answer"),
            message("long gone", "delivered", -3000, delivered_at=at(-3000)),
        ],
    )
    with read_only(any_database) as connection:
        found = list(records(queries.channel_health(connection, NOON - DAY)))
    assert [one["channel"] for one in found] == ["oncall", "team", "gone"]
    oncall, team, gone = found
    assert (oncall["waiting"], oncall["delivered"], oncall["last_delivered_at"]) == (0, 0, None)
    assert (team["waiting"], team["attempts"], team["waiting_since"]) == (2, 7, at(5))
    assert (team["delivered"], team["refused"], team["median_seconds"]) == (2, 1, 3.0)
    assert (team["last_error"], team["last_error_at"]) == ("404 Not Found", at(3))
    assert json.loads(team["severities"]) == ["critical"]
    assert (gone["kind"], gone["expired"]) == (None, 1)


def test_mutes_hold_until_their_end(any_database: Location) -> None:
    def mute(author: str, created: float, until: float, **said: Any) -> Row:
        return {"id": uuid7(), "created_at": at(created), "until": at(until), "author": author, **said}

    add(
        any_database,
        mutes=[
            mute("over", -60, 0),
            mute("ada", -10, 30, service_type="api", service_name="openai", rule="service_down"),
            mute("bob", -5, 10),
            mute("later", 1, 90),
        ],
    )
    with read_only(any_database) as connection:
        found = list(records(queries.mutes_in_force(connection, NOON)))
    assert [one["author"] for one in found] == ["bob", "ada"]
    assert (found[0]["service_name"], found[0]["rule"], found[0]["note"]) == (None, None, "")


def test_a_window_is_one_row_with_its_services(any_database: Location) -> None:
    def work(name: str, begin: float, end: float, service: str = "redis") -> Row:
        place = {"id": uuid7(), "name": name, "service_type": "infrastructure", "service_name": service}
        return {**place, "starts_at": at(begin), "ends_at": at(end)}

    rows = [work("upgrade", -9, -5, "supabase"), work("upgrade", -9, -5), work("called off", 3, 3)]
    add(any_database, maintenance=[*rows, work("on", -1, 5), work("old", -9000, -8990)])
    with read_only(any_database) as connection:
        found = list(records(queries.announced_work(connection, NOON - DAY)))
    assert [one["name"] for one in found] == ["on", "upgrade"]
    assert list(found[1]["services"]) == ["infrastructure/redis", "infrastructure/supabase"]


def test_changes_of_rules_are_told_oldest_first(any_database: Location) -> None:
    def made(minutes: float, settings: Row | None) -> Row:
        said = {"id": uuid7(), "timestamp": at(minutes), "rule": "service_down", "author": "ada"}
        return {**said, "settings": settings}

    add(any_database, alert_rule_changes=[made(2, None), made(1, {"checks": 5}), made(9, {"checks": 7})])
    with read_only(any_database) as connection:
        found = list(records(queries.rule_changes_made(connection, at(5))))
    assert [one["settings"] for one in found] == ['{"checks":5}', None]
    assert found[0]["note"] == ""
