"""The client and the real receiver: what a call leaves is what the collector takes, word for word."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from collector.client import CircuitBreaker, CircuitOpen, HttpReporter
from tests.collector.client.faces import NEVER, Making, in_turn
from tests.collector.probes.http.server import answers, says, serving
from tests.collector.receiver.receiving import ANY_PORT, NOW, TOKEN, receiving


async def test_every_kind_of_call_is_taken(making: Making) -> None:
    quota = {"x_ratelimit_limit": "100", "x_ratelimit_remaining": "25", "x_ratelimit_reset": "60"}
    behave = in_turn(answers(200, **quota), answers(404), answers(999), says(b""))
    async with receiving(replace(ANY_PORT, token=TOKEN)) as receiver, serving(behave) as server:
        reporter = HttpReporter(f"http://127.0.0.1:{receiver.port}", TOKEN, "shop-sync", now=lambda: NOW)
        settings = {"recorder": reporter, "now": lambda: NOW, "retry": NEVER, "origin": "shop-sync"}
        async with making.client(breaker=CircuitBreaker(failures=1), **settings) as client:
            for _ in range(3):
                await client.get(server.url("/orders/4242.json?token=geheim"))
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get(server.url("/orders/{order}"), path={"order": 1})
            with pytest.raises(CircuitOpen):
                await client.get(server.url("/orders"))
        reporter.record_delivery({"source": "shopify", "verified": True})
        assert await asyncio.to_thread(reporter.close, 5)
        assert reporter.dropped == 0
        calls = [row for row in receiver.rows if row["table"] == "api_metrics"]
        others = {row["table"] for row in receiver.rows} - {"api_metrics"}
    assert [row["status_code"] for row in calls] == [200, 404, None, None, None]
    assert [row["reason"] for row in calls] == [None, "http_4xx", "protocol", "connect", "circuit_open"]
    assert [row["endpoint"] for row in calls] == ["/orders/{id}.json"] * 3 + ["/orders/{order}", "/orders"]
    assert (calls[0]["quota_used"], calls[0]["quota_limit"], calls[0]["origin"]) == (75, 100, "shop-sync")
    assert others == {"webhook_metrics", "circuit_events"}


async def test_a_wrong_token_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async with receiving(replace(ANY_PORT, token=TOKEN)) as receiver:
        reporter = HttpReporter(f"http://127.0.0.1:{receiver.port}", "not-the-token-of-it")
        reporter.record_call({"api_name": "shop"})
        assert await asyncio.to_thread(reporter.close, 5)
        assert (reporter.dropped, receiver.rows) == (1, [])
    (line,) = caplog.messages
    assert line.startswith("the collector refuses this token: compare HEALTH_TOKEN on both sides;")


async def test_a_batch_that_is_too_long_for_the_receiver_arrives_in_parts() -> None:
    async with receiving(replace(ANY_PORT, token=TOKEN, body_limit=65_536)) as receiver:
        reporter = HttpReporter(f"http://127.0.0.1:{receiver.port}", TOKEN, now=lambda: NOW)
        for _ in range(500):
            reporter.record_delivery({"source": "shopify", "error_message": "x" * 1900})
        assert await asyncio.to_thread(reporter.close, 10)
        assert (len(receiver.rows), reporter.dropped) == (500, 0)
