"""The incidents of the past are those that the alert rules make of its checks."""

import re
from datetime import timedelta

import pytest

from analytics.alerting import Incident
from analytics.db import Connection
from analytics.incident_queries import incident_figures
from analytics.model import IncidentState
from collector.store_alerting import load_incidents
from tests.collector.demo.history.conftest import DAYS, NOW, History

DEPENDENTS = ("mcp/supabase", "mcp/llamaindex-rag")


@pytest.fixture
def incidents(connection: Connection) -> list[Incident]:
    """All of them, read as the running collector reads them, oldest first."""
    return load_incidents(connection, NOW, timedelta(days=DAYS))


def _checks(history: History, incident: Incident, begin, end) -> list[tuple]:
    return history.rows(
        "SELECT timestamp, status FROM integration_health_checks WHERE service_type = $1 "
        "AND service_name = $2 AND timestamp >= $3 AND timestamp <= $4 AND status <> 'unknown' "
        "ORDER BY timestamp",
        incident.service.service_type.value,
        incident.service.service_name,
        begin,
        end,
    )


def _is_probed(incident: Incident) -> bool:
    return incident.service.service_type.value in ("mcp", "infrastructure")


def test_there_are_more_than_a_dozen_and_not_many_more(incidents: list[Incident]):
    assert 14 <= len(incidents) <= 22
    assert len({incident.service for incident in incidents}) >= 10
    assert {incident.severity.value for incident in incidents} == {"critical", "warning"}
    assert len({incident.rule for incident in incidents}) >= 3


def test_all_are_resolved_by_now(incidents: list[Incident]):
    assert {incident.state for incident in incidents} == {IncidentState.RESOLVED}
    assert max(incident.resolved_at for incident in incidents) < NOW


def test_what_the_rules_remember_can_be_read_back(history: History, incidents: list[Incident]):
    stored = dict(history.rows("SELECT id, relapses FROM integration_incidents"))
    assert {incident.id: len(incident.relapses) for incident in incidents} == stored
    assert all(incident.told and incident.good >= 2 for incident in incidents)


def test_a_probed_service_that_was_down_has_an_incident_or_a_reason_to_have_none(history: History):
    [(outside,)] = history.rows(
        "SELECT count(*) FROM integration_health_checks AS checked WHERE status = 'down' "
        "AND service_type IN ('mcp', 'infrastructure') AND NOT EXISTS ("
        "  SELECT 1 FROM integration_incidents AS incident WHERE incident.service_type = checked.service_type"
        "  AND incident.service_name = checked.service_name"
        "  AND checked.timestamp BETWEEN incident.began_at AND incident.resolved_at) "
        "AND NOT EXISTS (SELECT 1 FROM alert_events AS alert WHERE alert.rule = 'service_down'"
        "  AND alert.service_type = checked.service_type AND alert.service_name = checked.service_name"
        "  AND alert.suppressed_by IS NOT NULL"
        "  AND checked.timestamp > alert.timestamp - INTERVAL 1 MINUTE"
        "  AND checked.timestamp < alert.timestamp + INTERVAL 1 HOUR)"
    )
    assert outside == 0


def test_an_incident_begins_with_a_bad_check_and_is_opened_when_that_is_sure(
    history: History, incidents: list[Incident]
):
    written = {row[0] for row in history.rows("SELECT finished_at FROM collector_runs")}
    for incident in incidents:
        assert incident.created_at in written, incident.title
        sure_after = incident.created_at - incident.began_at
        assert timedelta(0) <= sure_after < timedelta(minutes=12), incident.title
        if _is_probed(incident):
            (first, status), *_ = _checks(history, incident, incident.began_at, incident.created_at)
            assert first == incident.began_at
            assert status != "healthy", incident.title


def test_a_dead_service_is_known_in_less_than_thirty_seconds(incidents: list[Incident]):
    dead = [one for one in incidents if _is_probed(one) and one.severity.value == "critical"]
    assert len(dead) >= 7
    assert all(one.created_at - one.began_at < timedelta(seconds=30) for one in dead)


def test_an_incident_of_a_probed_service_ends_with_two_good_checks_in_a_row(
    history: History, incidents: list[Incident]
):
    for incident in filter(_is_probed, incidents):
        statuses = [
            status for _, status in _checks(history, incident, incident.began_at, incident.resolved_at)
        ]
        assert statuses[-2:] == ["healthy", "healthy"], incident.title


def test_incidents_of_one_service_do_not_overlap(history: History):
    overlapping = history.rows(
        "SELECT count(*) FROM integration_incidents AS a JOIN integration_incidents AS b "
        "ON a.service_type = b.service_type AND a.service_name = b.service_name AND a.id <> b.id "
        "AND a.began_at <= b.resolved_at AND b.began_at <= a.resolved_at"
    )
    assert overlapping == [(0,)]


def test_titles_say_what_and_how_bad(incidents: list[Incident]):
    titles = [incident.title for incident in incidents]
    assert any(title.startswith("Fly.io MCP server cannot be reached") for title in titles)
    assert any(title.startswith("OpenAI API slow: P95 ") for title in titles)
    assert any(title.startswith("Chatwoot webhooks ") for title in titles)
    assert any(re.match(r"Shopify API rate limited: 429 on \d+ % of", title) for title in titles)
    assert all(title and len(title) <= 160 for title in titles)


def test_the_figures_of_a_title_are_those_of_the_recorded_calls(history: History, incidents: list[Incident]):
    pattern = r"Shopify API rate limited: 429 on (\d+) % of (\d+) calls in 5 minutes"
    told = [(found, one) for one in incidents if (found := re.fullmatch(pattern, one.title))]
    assert told
    for found, incident in told:
        percent, total = map(int, found.groups())
        [(calls, limited)] = history.rows(
            "SELECT count(*), count(*) FILTER (status_code = 429) FROM api_metrics "
            "WHERE api_name = 'shopify' AND timestamp <= $1 AND timestamp > $2",
            incident.created_at,
            incident.created_at - timedelta(minutes=5),
        )
        assert calls == total
        assert int(100 * limited / calls) == percent


def test_what_is_down_with_its_dependency_has_no_incident_and_is_named_on_that_one(
    history: History, incidents: list[Incident]
):
    [root] = [one for one in incidents if str(one.service) == "infrastructure/supabase"]
    during = [
        str(one.service)
        for one in incidents
        if one is not root and root.began_at - timedelta(minutes=2) <= one.created_at <= root.resolved_at
    ]
    assert during == []
    assert set(root.affected) == set(DEPENDENTS)
    seen = history.rows(
        "SELECT message FROM incident_events WHERE incident_id = $1 AND kind = 'seen' ORDER BY id", root.id
    )
    assert [message.partition(" is bad too")[0] for (message,) in seen] == list(root.affected)
    suppressed = history.rows(
        "SELECT DISTINCT service_type || '/' || service_name, suppressed_by FROM alert_events "
        "WHERE suppressed_by LIKE 'depends on infrastructure/supabase, which is down' AND incident_id IS NULL"
    )
    assert {name for name, _ in suppressed} == set(DEPENDENTS)


def test_what_came_and_went_is_one_incident(history: History, incidents: list[Incident]):
    [flapping] = [one for one in incidents if str(one.service) == "mcp/shopify"]
    assert len(flapping.relapses) == 2
    kinds = [
        kind
        for (kind,) in history.rows(
            "SELECT kind FROM incident_events WHERE incident_id = $1 "
            "AND kind IN ('opened', 'relapsed', 'resolved') ORDER BY timestamp, id",
            flapping.id,
        )
    ]
    assert kinds == ["opened", "resolved", "relapsed", "resolved", "relapsed", "resolved"]


def test_each_has_a_timeline_from_opened_to_resolved(history: History):
    for created, resolved, acknowledged, kinds, first, last, looked in history.rows(
        "SELECT created_at, resolved_at, acknowledged_at, list(kind ORDER BY event.timestamp, event.id), "
        "min(event.timestamp) FILTER (kind = 'opened'), max(event.timestamp) FILTER (kind = 'resolved'), "
        "max(event.timestamp) FILTER (kind = 'acknowledged') "
        "FROM integration_incidents AS incident LEFT JOIN incident_events AS event "
        "ON event.incident_id = incident.id GROUP BY incident.id, created_at, resolved_at, acknowledged_at"
    ):
        assert kinds[0] == "opened"
        assert "sent" in kinds
        assert (first, last) == (created, resolved)
        assert acknowledged in (None, looked)
    [(strays,)] = history.rows(
        "SELECT count(*) FROM incident_events WHERE incident_id NOT IN (SELECT id FROM integration_incidents)"
    )
    assert strays == 0


def test_people_wrote_what_it_had_been_once(history: History):
    notes = history.rows(
        "SELECT count(*), count(DISTINCT message), count(DISTINCT author) FROM incident_events "
        "WHERE kind = 'note' AND author <> 'collector'"
    )
    [(total, different, authors)] = notes
    assert total == different >= 12
    assert authors == 3


def test_vendors_are_quoted_on_the_incidents_of_their_services(history: History):
    services = history.rows(
        "SELECT DISTINCT service_type || '/' || service_name FROM incident_events AS event "
        "JOIN integration_incidents AS incident ON incident.id = event.incident_id WHERE kind = 'vendor'"
    )
    assert {("api/shopify",), ("api/openai",), ("infrastructure/supabase",)} <= set(services)
    assert history.rows("SELECT count(*) FROM vendor_incidents WHERE resolved_at IS NULL") == [(0,)]


def test_the_figures_show_what_was_fast_and_what_missed_its_target(connection: Connection):
    found = incident_figures(connection, NOW - timedelta(days=DAYS), NOW)
    figures = {(row.severity, row.measure): row for row in found.itertuples()}
    critical = figures["critical", "detection"]
    assert 4 < critical.median_seconds < 15
    assert critical.met >= 8
    assert figures["critical", "alert"].median_seconds < 60
    assert 120 < figures["critical", "acknowledge"].median_seconds < 900
    assert 600 < figures["all", "resolve"].median_seconds < 7200
    for measure in ("detection", "alert", "acknowledge", "resolve"):
        every = figures["all", measure]
        assert every.reached >= 10
        assert 0 < every.met_percent < 100, measure
