"""The incidents of the past are those that its checks show."""

import re
from datetime import timedelta

from tests.collector.demo.history.conftest import NOW, History

_INCIDENTS = (
    "SELECT service_type, service_name, created_at, resolved_at, severity, title FROM integration_incidents "
    "ORDER BY created_at"
)


def _checks(history: History, service_type: str, name: str, begin, end) -> list[tuple]:
    return history.rows(
        "SELECT timestamp, status FROM integration_health_checks WHERE service_type = $1 "
        "AND service_name = $2 AND timestamp >= $3 AND timestamp <= $4 AND status <> 'unknown' "
        "ORDER BY timestamp",
        service_type,
        name,
        begin,
        end,
    )


def test_there_are_more_than_a_dozen_and_not_many_more(history: History):
    found = history.rows(_INCIDENTS)
    assert 14 <= len(found) <= 22
    assert len({(row[0], row[1]) for row in found}) >= 10
    assert {row[4] for row in found} == {"critical", "warning"}


def test_every_check_that_was_down_lies_within_an_incident_of_its_service(history: History):
    [(outside,)] = history.rows(
        "SELECT count(*) FROM integration_health_checks AS checked WHERE status = 'down' AND NOT EXISTS ("
        "  SELECT 1 FROM integration_incidents AS incident WHERE incident.service_type = checked.service_type"
        "  AND incident.service_name = checked.service_name"
        "  AND checked.timestamp BETWEEN incident.created_at AND incident.resolved_at)"
    )
    assert outside == 0


def test_an_incident_begins_with_a_sure_failure_or_after_ten_bad_minutes(history: History):
    for service_type, name, created, resolved, severity, title in history.rows(_INCIDENTS):
        checks = _checks(history, service_type, name, created - timedelta(minutes=11), resolved)
        [status] = [status for at, status in checks if at == created]
        before = [status for at, status in checks if created - timedelta(minutes=9.9) < at < created]
        assert status == "down" or (status == "degraded" and "healthy" not in before[1:]), title
        downs = [status for at, status in checks if at >= created and status == "down"]
        assert (severity == "critical") == bool(downs), title


def test_an_incident_ends_with_the_second_good_check_in_a_row(history: History):
    for service_type, name, created, resolved, _, title in history.rows(_INCIDENTS):
        statuses = [status for _, status in _checks(history, service_type, name, created, resolved)]
        assert statuses[-2:] == ["healthy", "healthy"], title
        assert ["healthy", "healthy"] not in [statuses[at : at + 2] for at in range(len(statuses) - 2)], title


def test_incidents_of_one_service_do_not_overlap(history: History):
    overlapping = history.rows(
        "SELECT count(*) FROM integration_incidents AS a JOIN integration_incidents AS b "
        "ON a.service_type = b.service_type AND a.service_name = b.service_name AND a.id <> b.id "
        "AND a.created_at <= b.resolved_at AND b.created_at <= a.resolved_at"
    )
    assert overlapping == [(0,)]


def test_all_are_resolved_by_now(history: History):
    assert history.rows("SELECT DISTINCT status FROM integration_incidents") == [("resolved",)]
    [(last,)] = history.rows("SELECT max(resolved_at) FROM integration_incidents")
    assert last < NOW


def test_titles_say_what_and_how_bad(history: History):
    titles = [row[5] for row in history.rows(_INCIDENTS)]
    assert any(title.startswith("Fly.io MCP server not answering") for title in titles)
    assert any(re.fullmatch(r"OpenAI API slow: P95 \d\.\d s, limit 3\.0 s", title) for title in titles)
    assert any(title.startswith("Chatwoot webhooks: wrong signature on ") for title in titles)
    assert not any("in trouble" in title for title in titles), titles


def test_the_figures_of_a_title_are_those_of_the_recorded_calls(history: History):
    told = history.rows(
        "SELECT title, created_at FROM integration_incidents "
        "WHERE service_type = 'api' AND service_name = 'shopify' ORDER BY created_at"
    )
    assert len(told) == 2
    for title, created in told:
        pattern = r"Shopify API rate limited: 429 on (\d+) % of (\d+) calls in (\d+) minutes"
        percent, total, minutes = map(int, re.fullmatch(pattern, title).groups())
        [(limited,)] = history.rows(
            "SELECT count(*) FROM api_metrics WHERE api_name = 'shopify' AND status_code = 429 "
            "AND timestamp <= $1 AND timestamp > $2",
            created,
            created - timedelta(minutes=minutes),
        )
        assert abs(limited - percent * total / 100) <= 0.02 * total + 1


def test_an_outage_takes_what_depends_on_it(history: History):
    """Three services of one cause, within a minute of each other."""
    rows = history.rows(
        "SELECT created_at FROM integration_incidents WHERE reason = 'http_5xx' AND description LIKE '%503%' "
        "AND service_type || '/' || service_name IN "
        "('infrastructure/supabase', 'mcp/supabase', 'mcp/llamaindex-rag') ORDER BY 1"
    )
    assert len(rows) == 3
    assert rows[-1][0] - rows[0][0] < timedelta(minutes=1)


def test_each_has_a_timeline_from_opened_to_resolved(history: History):
    for created, resolved, kinds, first, last in history.rows(
        "SELECT created_at, resolved_at, list(kind ORDER BY event.timestamp), "
        "min(event.timestamp) FILTER (kind = 'opened'), max(event.timestamp) FILTER (kind = 'resolved') "
        "FROM integration_incidents AS incident LEFT JOIN incident_events AS event "
        "ON event.incident_id = incident.id GROUP BY incident.id, created_at, resolved_at"
    ):
        assert kinds[0] == "opened"
        assert "resolved" in kinds
        assert (first, last) == (created, resolved)
    [(strays,)] = history.rows(
        "SELECT count(*) FROM incident_events WHERE incident_id NOT IN (SELECT id FROM integration_incidents)"
    )
    assert strays == 0
