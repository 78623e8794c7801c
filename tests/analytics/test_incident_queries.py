"""Incidents and their figures against what is worked out by hand from the same rows."""

import random
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
import pytest

from analytics import alert_queries, incident_queries
from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.named_sql import query
from collector.store import insert_rows
from tests.empty_database import empty_database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SINCE, UNTIL = NOW - timedelta(days=7), NOW
SEVERITIES = ["critical", "warning", "info"]
Row = dict[str, Any]


@pytest.fixture
def location(tmp_path: Path) -> Location:
    """An empty database file."""
    return empty_database(tmp_path)


def incident(created: datetime, **said: Any) -> Row:
    return {
        "id": uuid7(),
        "service_type": "api",
        "service_name": "shopify",
        "severity": "critical",
        "title": "Shopify API down",
        "description": "no answer",
        "status": "open",
        "rule": "service_down",
        "reason": "timeout",
        "began_at": created - timedelta(seconds=30),
        "created_at": created,
        "relapses": 0,
        **said,
    }


def notification(incident_id: UUID, created: datetime, **said: Any) -> Row:
    return {
        "id": uuid7(),
        "incident_id": incident_id,
        "channel": "oncall",
        "action": "trigger",
        "dedup_key": f"incident/{incident_id}",
        "payload": {},
        "state": "delivered",
        "attempts": 1,
        "created_at": created,
        "delivered_at": created + timedelta(seconds=2),
        "severity": "critical",
        **said,
    }


def write(location: Location, **tables: Sequence[Row]) -> None:
    def work(connection: Any) -> None:
        for table, rows in tables.items():
            insert_rows(connection, table, rows)

    transact(location, work)


def figures(location: Location, now: datetime | None = None) -> dict[tuple[str, str], Row]:
    with read_only(location) as connection:
        frame = incident_queries.incident_figures(connection, SINCE, UNTIL, now)
    return {(row["severity"], row["measure"]): dict(row) for row in frame.to_dict("records")}


def some_incidents(random_: random.Random, count: int) -> tuple[list[Row], list[Row]]:
    """Incidents of all kinds around the period, and what was sent about them."""
    incidents, sent = [], []
    for _ in range(count):
        created = SINCE + timedelta(seconds=random_.uniform(-86_400, 8 * 86_400))
        began = created - timedelta(seconds=random_.expovariate(1 / 40))
        acknowledged = created + timedelta(seconds=random_.expovariate(1 / 900))
        resolved = created + timedelta(seconds=random_.expovariate(1 / 6000))
        row = incident(
            created,
            severity=random_.choice(SEVERITIES),
            began_at=random_.choice([began, began, began, None]),
            acknowledged_at=random_.choice([acknowledged, None]),
            resolved_at=random_.choice([resolved, None]),
            relapses=random_.choice([0, 0, 1, None]),
            details=random_.choice([None, {}, {"sure_at": (began + (created - began) / 2).isoformat()}]),
        )
        incidents.append(row)
        for _ in range(random_.randrange(4)):
            at = created + timedelta(seconds=random_.expovariate(1 / 60))
            state = random_.choice(["delivered", "delivered", "refused", "folded", "pending"])
            sent.append(
                notification(
                    row["id"],
                    at,
                    action=random_.choice(["trigger", "trigger", "update"]),
                    state=state,
                    delivered_at=at if state == "delivered" else None,
                )
            )
    return incidents, sent


def _sure(row: Row) -> datetime:
    """When its alert fired: earlier than it was opened when it was held back; an old row does not say."""
    sure = (row["details"] or {}).get("sure_at")
    return row["created_at"] if sure is None else datetime.fromisoformat(sure)


def by_hand(incidents: list[Row], sent: list[Row], severity: str, measure: str, now: datetime) -> Row:
    times, overdue, chosen = [], 0, []
    target = {"detection": 60, "alert": 300, "acknowledge": 900, "resolve": 7200}[measure]
    for row in incidents:
        row = {**row, "sure": _sure(row)}
        if not SINCE <= row["created_at"] < UNTIL or severity not in ("all", row["severity"]):
            continue
        chosen.append(row)
        told = min(
            (
                one["delivered_at"]
                for one in sent
                if (one["incident_id"], one["action"], one["state"]) == (row["id"], "trigger", "delivered")
            ),
            default=None,
        )
        begun, reached = {
            "detection": (row["began_at"], row["sure"]),
            "alert": (row["began_at"], told),
            "acknowledge": (told, row["acknowledged_at"]),
            "resolve": (row["began_at"], row["resolved_at"]),
        }[measure]
        if begun is not None and reached is not None:
            times.append(max(0.0, (reached - begun).total_seconds()))
        elif begun is not None and ((row["resolved_at"] or now) - begun).total_seconds() > target:
            overdue += 1
    met = sum(seconds < target for seconds in times)
    return {
        "incidents": len(chosen),
        "relapsed": sum(bool(row["relapses"]) for row in chosen),
        "reached": len(times),
        "overdue": overdue,
        "median_seconds": statistics.median(times),
        "p95_seconds": statistics.quantiles(times, n=100, method="inclusive")[94],
        "mean_seconds": statistics.mean(times),
        "target_seconds": target,
        "met": met,
        "met_percent": 100 * met / (len(times) + overdue),
    }


def test_the_figures_are_those_worked_out_by_hand(any_database: Location) -> None:
    incidents, sent = some_incidents(random.Random(7), 400)
    write(any_database, integration_incidents=incidents, notifications=sent)
    now = NOW + timedelta(minutes=20)
    found = figures(any_database, now)
    assert list(found) == [
        (severity, measure)
        for severity in ("all", *SEVERITIES)
        for measure in ("detection", "alert", "acknowledge", "resolve")
    ]
    for (severity, measure), row in found.items():
        expected = by_hand(incidents, sent, severity, measure, now)
        found_here = {name: row[name] for name in expected}
        assert found_here == pytest.approx(expected, abs=1e-4), (severity, measure)
    with read_only(any_database) as connection:
        listed = incident_queries.incidents(connection, SINCE, UNTIL)
        one = connection.execute(
            query("one_incident"), {"id": UUID(listed["id"][0]), "now": UNTIL}
        ).fetchone()
        assert incident_queries.incident_events(connection, UUID(listed["id"][0])).empty
        assert incident_queries.suppressed_alerts(connection, SINCE, UNTIL).empty
        assert incident_queries.recent_alerts(connection, SINCE, UNTIL).empty
    assert one is not None
    assert (one[0], one[-1]) == (listed["id"][0], listed["seconds"][0])


def test_without_incidents_nothing_is_known_and_nothing_is_zero(location: Location) -> None:
    found = figures(location)
    assert len(found) == 16
    for row in found.values():
        assert (row["incidents"], row["reached"], row["overdue"], row["met"]) == (0, 0, 0, 0)
        assert all(
            pd.isna(row[name]) for name in ("median_seconds", "p95_seconds", "mean_seconds", "met_percent")
        )


def test_what_did_not_happen_is_no_zero_and_is_overdue_once_the_target_has_passed(
    location: Location,
) -> None:
    untold = incident(NOW - timedelta(hours=1))
    unseen = incident(NOW - timedelta(hours=1))
    brief = incident(NOW - timedelta(hours=1), resolved_at=NOW - timedelta(minutes=55), status="resolved")
    early = incident(NOW - timedelta(minutes=5), acknowledged_at=NOW - timedelta(minutes=5))
    write(
        location,
        integration_incidents=[untold, unseen, brief, early],
        notifications=[
            notification(untold["id"], untold["created_at"], state="refused", delivered_at=None),
            notification(unseen["id"], unseen["created_at"]),
            notification(brief["id"], brief["created_at"]),
            notification(early["id"], early["created_at"]),
        ],
    )
    found = figures(location)
    alert, seen = found["critical", "alert"], found["critical", "acknowledge"]
    assert (alert["reached"], alert["overdue"], alert["median_seconds"]) == (3, 1, 32)
    assert alert["met_percent"] == 75
    assert (seen["reached"], seen["overdue"]) == (1, 1), "who was over before the target missed nothing"
    assert seen["median_seconds"] == 0, "somebody was there before anybody was called"
    assert (found["critical", "resolve"]["reached"], found["critical", "resolve"]["overdue"]) == (1, 0)
    assert found["warning", "alert"]["incidents"] == 0


def test_incidents_that_touch_the_period_are_listed_newest_first(location: Location) -> None:
    before = incident(SINCE - timedelta(days=2), resolved_at=SINCE - timedelta(days=1), status="resolved")
    into = incident(SINCE - timedelta(days=2), resolved_at=SINCE + timedelta(hours=1), status="resolved")
    within = incident(NOW - timedelta(hours=2), relapses=None)
    after = incident(UNTIL + timedelta(minutes=1))
    sent = [
        notification(within["id"], within["created_at"] + timedelta(seconds=9)),
        notification(within["id"], within["created_at"] + timedelta(seconds=5)),
        notification(within["id"], within["created_at"], action="update"),
    ]
    write(location, integration_incidents=[before, into, within, after], notifications=sent)
    with read_only(location) as connection:
        frame = incident_queries.incidents(connection, SINCE, UNTIL)
    assert frame["id"].tolist() == [str(within["id"]), str(into["id"])]
    assert frame["seconds"].tolist() == [7230, 2 * 86_400 + 3600 + 30]
    assert frame["relapses"].tolist() == [0, 0]
    assert frame["told_at"].tolist()[0] == within["created_at"] + timedelta(seconds=7)
    assert pd.isna(frame["told_at"][1])


def test_timeline_and_messages_of_one_incident_are_in_order(location: Location) -> None:
    one, other = incident(NOW), incident(NOW)
    sent = [notification(one["id"], NOW + timedelta(seconds=second)) for second in (3, 1, 2)]
    events = [
        {"id": uuid7(), "incident_id": owner["id"], "timestamp": NOW + timedelta(seconds=second)}
        | {"kind": "note", "author": "ada", "message": f"after {second} s"}
        for owner, second in [(one, 2), (other, 1), (one, 1)]
    ]
    write(location, incident_events=events, notifications=[*sent, notification(other["id"], NOW)])
    with read_only(location) as connection:
        timeline = incident_queries.incident_events(connection, one["id"])
        told = incident_queries.notifications(connection, one["id"])
    assert timeline["message"].tolist() == ["after 1 s", "after 2 s"]
    assert told["created_at"].tolist() == [NOW + timedelta(seconds=second) for second in (1, 2, 3)]
    assert "payload" not in told, "what was sent may be long"


def test_what_was_suppressed_is_counted_with_its_reason(location: Location) -> None:
    def event(ago: float, before: str, state: str, suppressed_by: str | None, rule: str = "down") -> Row:
        return {
            "id": uuid7(),
            "timestamp": NOW - timedelta(minutes=ago),
            "rule": rule,
            "service_type": "mcp",
            "service_name": "supabase",
            "old_state": before,
            "new_state": state,
            "severity": "critical",
            "title": f"{ago} minutes ago",
            "suppressed_by": suppressed_by,
        }

    depends = "infrastructure/supabase is down"
    events = [
        event(60 * 24 * 8, "pending", "firing", depends),
        event(60 * 24 * 8 - 1, "firing", "resolved", depends),
        event(90, "pending", "firing", depends),
        event(80, "firing", "resolved", depends),
        event(70, "pending", "firing", depends),
        event(60, "firing", "resolved", depends),
        event(50, "pending", "firing", depends),
        event(40, "firing", "firing", "maintenance: move"),
        event(30, "firing", "resolved", None),
        event(20, "pending", "firing", depends, rule="slow"),
        event(10, "firing", "firing", None, rule="slow"),
    ]
    write(location, alert_events=events)
    with read_only(location) as connection:
        kept = incident_queries.suppressed_alerts(connection, SINCE, UNTIL)
        firings = alert_queries.alert_firings(connection, SINCE, UNTIL)
        all_ = incident_queries.recent_alerts(connection, SINCE, UNTIL)
    assert kept[["suppressed_by", "suppressions", "title"]].values.tolist() == [
        ["maintenance: move", 1, "40 minutes ago"],
        [depends, 2, "70 minutes ago"],
    ], "one that was told in the end was not kept from anybody"
    assert kept["first_at"].tolist()[1] == NOW - timedelta(minutes=90)
    assert kept["suppressions"].sum() == firings["suppressed_by"].notna().sum() == 3
    assert all_["title"].tolist() == [f"{ago} minutes ago" for ago in range(10, 100, 10)]


def test_one_incident_is_found_by_its_id_and_lasts_until_now(location: Location) -> None:
    row = incident(NOW - timedelta(hours=1))
    write(location, integration_incidents=[row], notifications=[notification(row["id"], row["created_at"])])
    with read_only(location) as connection:
        found = incident_queries.incident(connection, row["id"], NOW)
        assert incident_queries.incident(connection, uuid7(), NOW).empty
        listed = incident_queries.incidents(connection, SINCE, UNTIL, NOW)
    pd.testing.assert_frame_equal(found, listed)
    assert found["seconds"].tolist() == [3630.0]
