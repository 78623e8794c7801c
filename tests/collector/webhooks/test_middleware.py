"""The middleware in real apps behind a real server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Request
from starlette.background import BackgroundTask
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from collector.client import HttpReporter, default_reporter
from collector.webhooks import WebhookMonitor
from tests.collector.webhooks.asgi import PATH, Kept, deliver, watched
from tests.collector.webhooks.ingesting import TOKEN, Collector
from tests.collector.webhooks.signing import NOW, OTHERS, SCHEMES, SECRETS, signed
from tests.servers.http_loopback import serve


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_genuine_delivery_reaches_the_app_byte_for_byte(scheme: str) -> None:
    app, kept = watched(scheme=scheme)
    delivery = signed(scheme)
    answer = await deliver(app, delivery)
    assert answer.status_code == 201
    assert answer.json() == {"body": delivery.body.decode("latin-1"), "verified": True}
    row = kept.only
    assert row.pop("processing_time_ms") >= 0
    assert row == {
        "timestamp": NOW,
        "source": scheme,
        "webhook_id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "event_type": delivery.verified_with().event_type,
        "verified": True,
        "processed": True,
        "error_message": None,
        "reason": None,
    }


async def test_a_forged_delivery_is_answered_401_and_never_reaches_the_app() -> None:
    async def handler(_: Request) -> Response:
        raise AssertionError("reached")

    app, kept = watched(handler)
    answer = await deliver(app, signed("shopify", secret=OTHERS["shopify"]))
    assert answer.status_code == 401
    assert answer.json() == {
        "error": "bad_signature",
        "message": "the signature does not fit the body and the secret",
    }
    row = kept.only
    assert (row["verified"], row["processed"], row["reason"]) == (False, None, "bad_signature")
    assert row["error_message"] == "the signature does not fit the body and the secret"


async def test_without_reject_the_app_decides() -> None:
    app, kept = watched(reject=False)
    answer = await deliver(app, signed("shopify", secret=OTHERS["shopify"]))
    assert (answer.status_code, answer.json()["verified"]) == (201, False)
    row = kept.only
    assert (row["verified"], row["processed"], row["reason"]) == (False, True, "bad_signature")


async def test_a_secret_being_replaced_is_said() -> None:
    app, kept = watched(secret=[OTHERS["shopify"], SECRETS["shopify"]])
    await deliver(app, signed("shopify"))
    row = kept.only
    assert (row["verified"], row["processed"], row["reason"]) == (True, True, "old_secret")
    assert row["error_message"] is None


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
async def test_an_answer_other_than_2xx_is_processing_that_failed(status: int) -> None:
    async def handler(_: Request) -> Response:
        return Response(status_code=status)

    app, kept = watched(handler)
    assert (await deliver(app, signed("shopify"))).status_code == status
    row = kept.only
    assert (row["verified"], row["processed"], row["reason"]) == (True, False, "processing_failed")
    assert row["error_message"] == f"the app answered {status}"


async def test_an_exception_of_the_app_is_raised_on_and_only_its_kind_is_recorded() -> None:
    async def handler(_: Request) -> Response:
        raise LookupError("customer jane@example.com")

    app, kept = watched(handler)
    assert (await deliver(app, signed("shopify"))).status_code == 500
    row = kept.only
    assert (row["processed"], row["error_message"]) == (False, "the app raised LookupError")


async def test_a_failure_after_the_answer_does_not_change_what_the_sender_saw() -> None:
    def later() -> None:
        raise LookupError

    async def handler(_: Request) -> Response:
        return PlainTextResponse("taken", background=BackgroundTask(later))

    app, kept = watched(handler)
    assert (await deliver(app, signed("shopify"))).status_code == 200
    assert kept.only["processed"] is True


async def test_a_stream_that_breaks_off_is_processing_that_failed() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"begin"
        raise LookupError

    async def handler(_: Request) -> Response:
        return StreamingResponse(pieces())

    app, kept = watched(handler)
    with pytest.raises(httpx.RemoteProtocolError):
        await deliver(app, signed("shopify"))
    row = kept.only
    assert (row["processed"], row["error_message"]) == (False, "the app raised LookupError")


async def test_a_streamed_answer_counts_when_it_is_complete() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"piece"

    async def handler(_: Request) -> Response:
        return StreamingResponse(pieces())

    app, kept = watched(handler)
    assert (await deliver(app, signed("shopify"))).text == "piece" * 3
    assert kept.only["processed"] is True


async def test_the_time_of_processing_runs_from_the_last_byte_in_to_the_last_byte_out() -> None:
    times = iter([100.0, 100.25])
    app, kept = watched(clock=lambda: next(times))
    await deliver(app, signed("shopify"))
    assert kept.only["processing_time_ms"] == 250


async def test_other_paths_and_reading_methods_pass_untouched() -> None:
    async def handler(_: Request) -> Response:
        return PlainTextResponse("page")

    app, kept = watched(handler)
    with serve(app) as url:
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            assert (await client.get(url + PATH)).text == "page"
            assert (await client.post(url + "/other", content=b"x")).text == "other x"
            assert (await client.post(url + "/missing")).status_code == 404
            assert (await client.put(url + PATH, content=b"x")).status_code == 401
    assert [row["verified"] for row in kept.rows] == [False]


async def test_a_reporter_that_breaks_its_promise_breaks_no_delivery() -> None:
    class Broken:
        def record_delivery(self, row: Any) -> None:
            raise RuntimeError

    app, _ = watched(reporter=Broken())
    assert (await deliver(app, signed("shopify"))).status_code == 201


async def test_a_fastapi_app_with_models_and_http_exceptions_works_as_before() -> None:
    app, kept = FastAPI(), Kept()

    @app.post("/hooks")
    async def hook(order: dict[str, Any]) -> dict[str, Any]:
        if order.get("refuse"):
            raise HTTPException(422, "no")
        return {"id": order["id"]}

    app.add_middleware(
        WebhookMonitor,
        source="shopify",
        path="/hooks",
        secret=SECRETS["shopify"],
        scheme="shopify",
        reporter=kept,
    )
    with serve(app) as url:
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            for body in (b'{"id": 7}', b'{"refuse": true}'):
                delivery = signed("shopify", body=body)
                json = {"Content-Type": "application/json"}
                answer = await client.post(url + "/hooks", headers=delivery.headers | json, content=body)
    assert answer.status_code == 422
    assert [row["processed"] for row in kept.rows] == [True, False]


async def test_many_deliveries_at_once_are_kept_apart() -> None:
    app, kept = watched(scheme="standard", tolerance=timedelta(days=1))
    with serve(app) as url:
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:

            async def one(number: int) -> str:
                delivery = signed("standard", delivery_id=f"msg_{number}", body=b'{"n":%d}' % number)
                answer = await client.post(url + PATH, headers=delivery.headers, content=delivery.body)
                return str(answer.json()["body"])

            bodies = await asyncio.gather(*map(one, range(50)))
    assert bodies == [f'{{"n":{number}}}' for number in range(50)]
    assert {row["webhook_id"] for row in kept.rows} == {f"msg_{number}" for number in range(50)}


@pytest.mark.parametrize("secret", [None, "", [], [""]])
def test_no_secret_is_refused_at_the_start(secret: Any) -> None:
    with pytest.raises(ValueError, match="WebhookMonitor of shop: "):
        WebhookMonitor(
            lambda *_: None, source="shop", path="/", secret=secret, scheme="shopify", reporter=Kept()
        )


async def test_the_rows_of_the_clients_reporter_are_taken_by_the_collector() -> None:
    collector = Collector()
    with serve(collector) as url:
        reporter = HttpReporter(url, TOKEN, origin="shop")
        app, _ = watched(reporter=reporter, now=lambda: datetime.now(UTC))
        for secret in (SECRETS["shopify"], OTHERS["shopify"]):
            await deliver(app, signed("shopify", secret=secret))
        assert await asyncio.to_thread(reporter.flush, 10)
        await asyncio.to_thread(reporter.close)
    assert [(row["verified"], row["processed"], row["reason"]) for row in collector.rows] == [
        (True, True, None),
        (False, None, "bad_signature"),
    ]
    assert {row["origin"] for row in collector.rows} == {"shop"}


def test_without_a_reporter_rows_go_to_the_shared_one() -> None:

    monitor = WebhookMonitor(lambda *_: None, source="shop", path="/", secret="x", scheme="shopify")
    assert monitor._reporter is default_reporter()
