"""A program that is refused is seen: in the log, once a minute, and in the metrics, each time."""

import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from collector.receiver.answers import refusal
from collector.receiver.refusals import Answers, RefusedReports
from tests.collector.receiver.receiving import BEARER, TOKEN, Events, receiving, with_token


async def test_a_program_with_the_wrong_token_is_told_of_in_the_log_and_counted() -> None:
    async with receiving(with_token()) as receiver:
        for _ in range(12):
            await receiver.http.post("/v1/traces", headers={"Authorization": "Bearer mistyped-token"})
        await receiver.post("api-metrics", [])
        traces, rows = receiver.events
        assert traces == {
            "event": "report_refused",
            "level": "warning",
            "code": 401,
            "reason": "the token is not the collector's; compare HEALTH_TOKEN on both sides",
            "path": "/v1/traces",
            "from": "127.0.0.1",
            "times": 1,
        }
        assert (rows["path"], rows["reason"].partition(":")[0]) == (
            "/ingest/api-metrics",
            "the collector asks for its token",
        )
        text = (await receiver.http.get("/metrics")).text
        assert 'receiver_refused_requests_total{code="401"} 13.0\n' in text
        assert 'receiver_trace_requests_total{code="401"} 12.0\n' in text
        assert TOKEN not in str(receiver.events)
        assert "mistyped" not in str(receiver.events)


async def test_what_is_wrong_with_a_report_is_told_too() -> None:
    async with receiving(with_token()) as receiver:
        await receiver.post("api-metrics", [{"api_name": "A"}], headers=BEARER)
        await receiver.http.post("/v1/metrics", content=b"x", headers=BEARER)
        await receiver.http.post("/v1/anything", content=b"x", headers=BEARER)
        assert [(event["code"], event["path"]) for event in receiver.events] == [
            (422, "/ingest/api-metrics"),
            (404, "/v1/metrics"),
            (404, "/v1/…"),
        ]
        assert receiver.events[0]["reason"].startswith("1 row is wrong, nothing was stored")


async def test_paths_that_nobody_reports_to_and_deliveries_are_not_in_the_log() -> None:
    async with receiving(with_token()) as receiver:
        for path in ("/favicon.ico", "/wp-admin", "/webhooks/unknown"):
            assert (await receiver.http.post(path)).status_code in (401, 404)
        assert receiver.events == []
        assert receiver.answers.refused == {401: 2}


@pytest.fixture
def events() -> Events:
    return Events()


def test_the_log_has_one_line_a_minute_with_the_number_since_the_last(events: Events) -> None:
    moments = iter([0.0, 1.0, 59.0, 60.0, 61.0, 200.0])

    async def refuse(request: Request) -> Response:
        return refusal(401, "no")

    app = Starlette(routes=[Route("/v1/traces", refuse, methods=["POST"])])
    log: structlog.BoundLogger = events.logger()
    client = TestClient(RefusedReports(app, Answers(), log, lambda: next(moments)))
    for _ in range(6):
        client.post("/v1/traces")
    assert [event["times"] for event in events] == [1, 3, 2]


def test_senders_that_come_again_are_not_in_the_log(events: Events) -> None:
    async def refuse(request: Request) -> Response:
        return refusal(int(request.headers["status"]), "later", 1)

    app = Starlette(routes=[Route("/v1/traces", refuse, methods=["POST"])])
    answers = Answers()
    client = TestClient(RefusedReports(app, answers, events.logger()))
    for status in ("429", "503", "413"):
        client.post("/v1/traces", headers={"status": status})
    assert [event["code"] for event in events] == [413]
    assert answers.refused == answers.traces == {429: 1, 503: 1, 413: 1}
