"""The traffic of the generated past: the same rows as the programs and the receiver of the demo write now."""

import itertools
from datetime import timedelta

import pytest

from collector.demo.pace import BURST_UNTIL, per_second
from collector.demo.services import APIS, SUPPORT_BOT
from tests.collector.demo.history.conftest import NOW, History


def test_calls_look_as_the_programs_of_the_demo_report_them(history: History):
    rows = history.rows("SELECT DISTINCT api_name, endpoint, method, origin FROM api_metrics")
    assert set(rows) == {
        (api.name, end.name, end.method, end.origin) for api in APIS for end in api.endpoints
    }
    kinds = history.rows("SELECT DISTINCT status_code, reason FROM api_metrics")
    assert set(kinds) == {
        (200, None),
        (500, "http_5xx"),
        (502, "http_5xx"),
        (429, "rate_limited"),
        (429, "quota_exhausted"),
        (None, "circuit_open"),
    }
    assert history.rows(
        "SELECT count(*) FROM api_metrics WHERE (reason IS NULL) <> (error_message IS NULL)"
    ) == [(0,)]


def test_what_may_be_repeated_was_and_what_may_not_failed(history: History):
    rows = history.rows(
        "SELECT endpoint, avg((retries > 0)::INT), avg((reason IS NOT NULL)::INT) FROM api_metrics "
        "WHERE api_name = 'chatwoot' GROUP BY 1"
    )
    found = {endpoint.rpartition("/")[2]: (retried, failed) for endpoint, retried, failed in rows}
    assert 0.001 < found["conversations"][0] < 0.01
    assert found["messages"][0] == 0
    assert found["messages"][1] > 0.001


def test_quotas_are_told_by_answers_alone_and_stay_within_their_limits(history: History):
    rows = history.rows(
        "SELECT api_name, quota_name, min(quota_used), max(quota_used - quota_limit), count(quota_reset_at) "
        "FROM api_metrics WHERE quota_name IS NOT NULL GROUP BY ALL"
    )
    assert {(api, name) for api, name, *_ in rows} == {
        (api.name, api.quota.name) for api in APIS if api.quota
    }
    assert all(least > 0 and over <= 0 for _, _, least, over, _ in rows)
    assert {api for api, *_, resets in rows if resets} == {"shopify", "openai"}
    failed = "SELECT count(*) FROM api_metrics WHERE quota_name IS NOT NULL AND reason IS NOT NULL"
    assert history.rows(failed) == [(0,)]
    resets = history.rows(
        "SELECT min(quota_reset_at - timestamp), max(quota_reset_at - timestamp) FROM api_metrics"
    )
    assert timedelta(0) < resets[0][0] < resets[0][1] < timedelta(minutes=2)


def test_an_outage_of_the_past_opened_the_circuit_breaker_until_it_was_over(history: History):
    events = history.rows(
        "SELECT api_name, origin, old_state, new_state, timestamp FROM circuit_events ORDER BY timestamp"
    )
    assert {(api, origin) for api, origin, *_ in events} == {("chatwoot", SUPPORT_BOT)}
    states = [("closed", events[0][3]), *((old, new) for _, _, old, new, _ in events[1:])]
    assert states[0] == ("closed", "open")
    assert states[-1][1] == "closed"
    for (_, reached), (left, _) in itertools.pairwise(states):
        assert reached == left
    refused = history.rows(
        "SELECT count(*), max(retries), max(response_time_ms) FROM api_metrics WHERE reason = 'circuit_open'"
    )
    assert refused[0][0] > 10
    assert refused[0][1:] == (0, 0)


def test_deliveries_look_as_the_receiver_records_them(history: History):
    kinds = history.rows("SELECT DISTINCT reason, verified, processed, origin FROM webhook_metrics")
    assert set(kinds) == {
        (None, True, True, "receiver"),
        ("repeated", True, True, "receiver"),
        ("bad_signature", False, None, "receiver"),
        ("stale_timestamp", False, None, "receiver"),
        ("processing_failed", True, False, "receiver"),
        ("upstream_timeout", True, False, "receiver"),
    }
    stale = history.rows("SELECT DISTINCT source FROM webhook_metrics WHERE reason = 'stale_timestamp'")
    assert stale == [("chatwoot",)]


def test_what_was_not_processed_came_again_and_what_was_repeated_had_come_before(history: History):
    failed = "SELECT source, webhook_id, timestamp FROM webhook_metrics WHERE NOT processed"
    [(lost, again)] = history.rows(
        f"SELECT count(*), count(later.webhook_id) FROM ({failed}) AS failed "
        "LEFT JOIN webhook_metrics AS later "
        "ON later.source = failed.source AND later.webhook_id = failed.webhook_id "
        "AND later.timestamp > failed.timestamp AND later.processed"
    )
    assert lost > 100
    assert again >= lost - 2
    [(orphans,)] = history.rows(
        "SELECT count(*) FROM webhook_metrics AS again WHERE reason = 'repeated' AND NOT EXISTS ("
        "SELECT 1 FROM webhook_metrics AS first WHERE first.webhook_id = again.webhook_id "
        "AND first.timestamp < again.timestamp)"
    )
    assert orphans == 0


def test_the_traffic_of_the_last_hour_has_the_rate_that_live_traffic_will_have(history: History):
    for api in APIS:
        [(calls,)] = history.rows(
            "SELECT count(*) FROM api_metrics WHERE api_name = $1 AND timestamp > $2",
            api.name,
            NOW - timedelta(hours=1),
        )
        expected = 3600 * per_second(
            api.calls_per_hour, BURST_UNTIL, (NOW - timedelta(minutes=30)).timestamp()
        )
        assert calls == pytest.approx(expected, rel=0.2), api.name
