"""Live traffic: real calls and real deliveries, recorded as rows of the two tables."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from analytics.db import locate, migrate, read_only, transact
from collector.demo import Traffic
from collector.demo.receiving import Receiver
from collector.demo.signatures import signed_headers
from collector.store import insert_rows
from tests.collector.demo.conftest import Looker

pytestmark = pytest.mark.asyncio(loop_scope="module")

Rows = list[dict[str, Any]]
#: So fast that a day's worth happens in seconds.
PACE = 200.0


class Recorded:
    """What the traffic handed over."""

    def __init__(self) -> None:
        self.calls: Rows = []
        self.deliveries: Rows = []

    async def until(self, condition, what: str) -> None:
        """Wait until `condition` holds of what is recorded."""
        try:
            async with asyncio.timeout(20):
                while not condition(self):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            pytest.fail(f"waited 20 s for {what}")


@asynccontextmanager
async def running(looker: Looker, elapsed: float) -> AsyncIterator[Recorded]:
    await looker.upstreams.hold(elapsed)
    recorded = Recorded()
    traffic = Traffic(looker.upstreams, recorded.calls.extend, recorded.deliveries.extend, pace=PACE)
    task = asyncio.create_task(traffic.run())
    try:
        yield recorded
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await looker.upstreams.hold(0.0)


async def test_every_api_is_called_and_every_source_delivers(looker: Looker):
    async with running(looker, 0.0) as recorded:
        await recorded.until(lambda seen: len({row["api_name"] for row in seen.calls}) == 4, "four APIs")
        await recorded.until(lambda seen: len({row["source"] for row in seen.deliveries}) == 2, "two sources")
    assert all(row["verified"] and row["processed"] for row in recorded.deliveries)
    assert sum(row["status_code"] == 200 for row in recorded.calls) / len(recorded.calls) > 0.9
    assert all(row["response_time_ms"] > 20 for row in recorded.calls)


async def test_the_rows_fit_the_tables(looker: Looker, tmp_path: Path):
    async with running(looker, 0.0) as recorded:
        await recorded.until(lambda seen: seen.calls and seen.deliveries, "a call and a delivery")
    location = locate(tmp_path / "health.duckdb")
    migrate(location)

    def work(connection) -> None:
        insert_rows(connection, "api_metrics", recorded.calls)
        insert_rows(connection, "webhook_metrics", recorded.deliveries)

    transact(location, work)
    with read_only(location) as connection:
        calls = connection.execute("SELECT count(DISTINCT id) FROM api_metrics").fetchone()
        deliveries = connection.execute("SELECT count(DISTINCT id) FROM webhook_metrics").fetchone()
    assert calls == (len(recorded.calls),)
    assert deliveries == (len(recorded.deliveries),)


async def test_a_rate_limited_api_fails_in_a_row_and_no_other_does(looker: Looker):
    async with running(looker, 100.0) as recorded:
        await recorded.until(
            lambda seen: sum(row["api_name"] == "shopify" for row in seen.calls) >= 6, "six calls"
        )
    of_shopify = [row for row in recorded.calls if row["api_name"] == "shopify"]
    assert {row["status_code"] for row in of_shopify} == {429}
    assert {row["error_message"] for row in of_shopify} == {"Too Many Requests"}
    assert 429 not in {row["status_code"] for row in recorded.calls if row["api_name"] != "shopify"}


async def test_a_server_error_is_retried_once_and_counted(looker: Looker):
    async with running(looker, 1910.0) as recorded:
        await recorded.until(lambda seen: any(row["status_code"] == 503 for row in seen.calls), "a 503")
    failed = [row for row in recorded.calls if row["status_code"] == 503]
    assert {row["retries"] for row in failed} == {1}


async def test_a_rotated_secret_shows_as_unverified_deliveries(looker: Looker):
    async with running(looker, 250.0) as recorded:
        await recorded.until(
            lambda seen: {row["source"] for row in seen.deliveries} == {"shopify", "chatwoot"}, "both sources"
        )
    for row in recorded.deliveries:
        assert row["verified"] == (row["source"] == "shopify"), row
        assert row["error_message"] == (None if row["verified"] else "signature does not match")


async def test_an_api_that_is_gone_is_a_call_without_a_status(looker: Looker):
    async with running(looker, 0.0) as recorded:
        looker.upstreams.addresses["api/openai"], kept = (
            looker.upstreams.addresses["mcp/fly"].removesuffix("/mcp"),
            looker.upstreams.addresses["api/openai"],
        )
        try:
            await looker.upstreams.hold(60.0)  # nobody listens on the port of mcp/fly now
            await recorded.until(
                lambda seen: any(row["status_code"] is None for row in seen.calls), "no answer"
            )
        finally:
            looker.upstreams.addresses["api/openai"] = kept
    [row, *_] = [row for row in recorded.calls if row["status_code"] is None]
    assert row["api_name"] == "openai"
    assert row["error_message"].startswith("no answer: ")


async def test_the_receiver_refuses_what_was_changed_on_the_way(looker: Looker):
    from datetime import UTC, datetime
    from uuid import uuid4

    rows: Rows = []
    receiver = Receiver({"shopify": "hush"}, rows.extend, lambda: datetime.now(UTC))
    headers = signed_headers("shopify", "hush", b"{}", "orders/create", uuid4(), 0)
    async with receiver.serving(), httpx.AsyncClient(trust_env=False) as client:
        genuine = await client.post(f"{receiver.url}/shopify", content=b"{}", headers=headers)
        changed = await client.post(f"{receiver.url}/shopify", content=b"{ }", headers=headers)
        unknown = await client.post(f"{receiver.url}/stripe", content=b"{}", headers=headers)
    assert [answer.status_code for answer in (genuine, changed, unknown)] == [200, 401, 404]
    assert [row["verified"] for row in rows] == [True, False]
    assert rows[0]["event_type"] == "orders/create"
