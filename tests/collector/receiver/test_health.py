"""/healthz and /metrics of a running receiver, and that every metric is documented."""

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families

from analytics.db import DatabaseError
from analytics.model import Status
from tests.collector.receiver.receiving import NOW, receiving, service

DOCUMENT = Path(__file__).parents[3] / "docs" / "ingest.md"
CALL = {"api_name": "shopify"}


async def test_a_collector_at_work_is_healthy() -> None:
    async with receiving(now=NOW + timedelta(seconds=30)) as receiver:
        answer = await receiver.http.get("/healthz")
        assert answer.status_code == 200
        assert answer.json() == {
            "status": "ok",
            "problems": [],
            "restart": False,
            "version": "1.2.3",
            "started_at": "2026-11-24T11:00:00.000Z",
            "last_cycle_finished_at": "2026-11-24T12:00:00.000Z",
            "last_cycle_age_seconds": 30.0,
            "database_writable": True,
            "rows_waiting": 0,
            "rows_capacity": 200_000,
        }
        assert (await receiver.http.head("/healthz")).content == b""


async def test_a_collector_that_has_just_started_is_given_time() -> None:
    async with receiving(last_cycle=None, now=NOW - timedelta(minutes=59)) as receiver:
        answer = await receiver.http.get("/healthz")
        assert (answer.status_code, answer.json()["status"]) == (200, "starting")
        receiver.now = NOW
        answer = await receiver.http.get("/healthz")
        assert (answer.status_code, answer.json()["problems"]) == (503, ["no cycle finished in time"])


@pytest.mark.parametrize(("late", "status"), [(149, 200), (151, 503)])
async def test_cycles_that_stopped_are_told_after_two_and_a_half_intervals(late: int, status: int) -> None:
    async with receiving(now=NOW + timedelta(seconds=late)) as receiver:
        assert (await receiver.http.get("/healthz")).status_code == status


async def test_a_database_that_cannot_be_written_is_told_without_saying_where_it_is() -> None:
    async with receiving(write_failure="cannot open /home/hunter2/health.duckdb") as receiver:
        answer = await receiver.http.get("/healthz")
        assert (answer.status_code, answer.json()["problems"]) == (503, ["the database cannot be written"])
        assert "hunter2" not in answer.text
        receiver.write_failure = None
        receiver.failure = DatabaseError("the disk is full")
        await receiver.post("api-metrics", [CALL])
        assert (await receiver.http.get("/healthz")).json()["database_writable"] is False


async def test_services_have_the_names_of_the_blackbox_exporter() -> None:
    async with receiving() as receiver:
        receiver.services = [
            service(Status.HEALTHY, "openai", response_time_ms=250.0, last_check=NOW),
            service(Status.DEGRADED, "shopify"),
            service(Status.DOWN, 'odd"\\\nname'),
            service(Status.UNKNOWN, "chatwoot"),
            service(None, "new"),
        ]
        text = (await receiver.http.get("/metrics")).text
    samples = {
        (sample.name, sample.labels.get("service_name"), sample.labels.get("status")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["probe_success", "openai", None] == 1
    assert samples["probe_success", "shopify", None] == 1
    assert samples["probe_success", 'odd"\\\nname', None] == 0
    assert ("probe_success", "chatwoot", None) not in samples
    assert samples["probe_duration_seconds", "openai", None] == 0.25
    assert samples["integration_status", "chatwoot", "unknown"] == 1
    assert samples["integration_status", "new", "unknown"] == 0
    assert samples["integration_last_check_timestamp_seconds", "openai", None] == NOW.timestamp()


async def test_what_was_taken_in_is_counted() -> None:
    async with receiving() as receiver:
        headers = {"X-Health-Dropped": "7", "X-Health-Origin": "shop-sync"}
        await receiver.post("api-metrics", [CALL, CALL], headers=headers)
        await receiver.post("api-metrics", [{}])
        text = (await receiver.http.get("/metrics")).text
    for line in (
        'ingest_requests_total{code="200",table="api_metrics"} 1.0',
        'ingest_requests_total{code="422",table="api_metrics"} 1.0',
        'ingest_stored_rows_total{table="api_metrics"} 2.0',
        'ingest_refused_rows_total{table="api_metrics"} 1.0',
        'ingest_client_dropped_rows{origin="shop-sync"} 7.0',
        'receiver_spans_total{outcome="recorded"} 3.0',
        'collector_build_info{version="1.2.3"} 1.0',
        "ingest_waiting_rows 0.0",
        "collector_database_writable 1.0",
    ):
        assert f"{line}\n" in text


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/plain", "text/plain; version=0.0.4"),
        ("*/*", "text/plain; version=0.0.4"),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text; version=1.0.0"),
        ("nonsense", "text/plain"),
        ("text/plain;version=x", "text/plain; version=0.0.4"),
        ("application/openmetrics-text; version=1.x; escaping=y", "text/plain; version=0.0.4"),
    ],
)
async def test_metrics_come_in_the_form_that_is_asked_for(accept: str, kind: str) -> None:
    async with receiving() as receiver:
        answer = await receiver.http.get("/metrics", headers={"Accept": accept})
        assert answer.headers["content-type"].startswith(kind)
        if "openmetrics" in kind:
            assert list(open_metrics(answer.text))


async def test_every_metric_is_documented_and_every_documented_one_exists() -> None:
    async with receiving() as receiver:
        text = (await receiver.http.get("/metrics")).text
    exported = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]
    documented = {row.split("`")[1].partition("{")[0] for row in rows}
    names = ("probe_", "integration_", "collector_", "receiver_", "ingest_", "health_")
    assert exported == {name for name in documented if name.startswith(names)}
