"""The reporter against a receiver on loopback that takes, refuses, fails, or is not there."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from collector.client import SyncApiClient
from tests.collector.client.receiving import receiving, until
from tests.collector.client.reporting import NOW, TOKEN, reporting, row
from tests.collector.probes.http.server import answers, serving


def test_rows_of_each_kind_arrive_at_their_route_with_token_and_origin() -> None:
    with receiving() as receiver, reporting(receiver) as reporter:
        reporter.record_call(row())
        reporter.record_delivery({"timestamp": NOW, "source": "shop", "origin": "web"})
        reporter.record_circuit_event({"timestamp": NOW, "api_name": "shop"})
        assert reporter.flush(5)
    routes = {request.route: request for request in receiver.arrived}
    assert set(routes) == {"api-metrics", "webhook-metrics", "circuit-events"}
    request = routes["api-metrics"]
    assert request.query == "partial=true"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/x-ndjson"
    assert (request.headers["x-health-origin"], request.headers["x-health-dropped"]) == ("shop-sync", "0")
    (sent,) = request.rows
    assert (sent["timestamp"], sent["origin"], sent["endpoint"]) == (NOW.isoformat(), "shop-sync", "/e0")
    assert UUID(sent["id"]).version == 7
    assert routes["webhook-metrics"].rows[0]["origin"] == "web"


def test_nothing_starts_before_the_first_row() -> None:
    with receiving() as receiver, reporting(receiver) as reporter:
        assert reporter.flush(0)
        assert reporter._thread is None
        assert receiver.arrived == []


def test_rows_go_without_a_flush() -> None:
    with receiving() as receiver, reporting(receiver) as reporter:
        reporter.record_call(row())
        until(lambda: receiver.arrived)


def test_many_rows_travel_together_over_one_connection() -> None:
    with receiving() as receiver, reporting(receiver) as reporter:
        for number in range(1700):
            reporter.record_call(row(number))
        assert reporter.flush(10)
        assert [len(request.rows) for request in receiver.arrived][-1] <= 500
        assert [sent["endpoint"] for request in receiver.arrived for sent in request.rows] == [
            f"/e{number}" for number in range(1700)
        ]
        assert len({request.client for request in receiver.arrived}) == 1
        assert len(receiver.arrived) <= 5


def test_the_callers_row_may_change_afterwards() -> None:
    with receiving() as receiver, reporting(receiver) as reporter:
        mine = row()
        reporter.record_call(mine)
        mine.clear()
        assert reporter.flush(5)
        assert receiver.arrived[0].rows[0]["endpoint"] == "/e0"


def test_an_id_of_the_callers_own_is_kept() -> None:
    mine = UUID("0198b2c4-7d7a-7e0e-9c0a-2f0c6f6b7a11")
    with receiving() as receiver, reporting(receiver) as reporter:
        reporter.record_call({**row(), "id": mine})
        assert reporter.flush(5)
    assert set(receiver.stored) == {str(mine)}


def test_threads_at_once_lose_nothing() -> None:
    with receiving() as receiver, reporting(receiver) as reporter:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: reporter.record_call(row(number)), range(4000)))
        assert reporter.flush(10)
        assert len(receiver.stored) == 4000


def test_after_close_rows_are_dropped_and_nothing_waits() -> None:
    with receiving() as receiver, reporting(receiver) as reporter:
        reporter.record_call(row())
        assert reporter.close(5)
        assert len(receiver.stored) == 1
        started = time.monotonic()
        reporter.record_call(row())
        assert reporter.close(60)
        assert reporter.flush(60)
        assert time.monotonic() - started < 30
        assert reporter.dropped == 1


async def test_a_client_reports_through_it_and_about_nothing_else() -> None:
    with receiving() as receiver, reporting(receiver) as reporter:
        async with serving(answers(200)) as server:
            import asyncio

            with SyncApiClient("shop", recorder=reporter, origin="x") as client:
                await asyncio.to_thread(client.get, server.url("/orders/42"))
        assert await asyncio.to_thread(reporter.flush, 5)
        (sent,) = receiver.stored.values()
    assert (sent["endpoint"], sent["origin"], sent["status_code"]) == ("/orders/{id}", "x", 200)


def test_its_requests_are_in_nobodys_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with receiving() as receiver, reporting(receiver) as reporter:
        reporter.record_call(row())
        assert reporter.flush(5)
    assert caplog.messages == []


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch, refused_port: int) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{refused_port}")
    with receiving() as receiver, reporting(receiver) as reporter:
        reporter.record_call(row())
        assert reporter.flush(5)
        assert len(receiver.stored) == 1
