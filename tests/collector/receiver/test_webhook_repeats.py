"""The same delivery again: processed once, unless it failed."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.webhooks.seen import SeenDeliveries
from tests.collector.receiver.webhooks import receiving, source, upstream
from tests.collector.webhooks.signing import ID, OTHERS, SECRETS, signed


async def test_a_repeat_of_a_processed_delivery_is_answered_200_and_not_passed_on() -> None:
    with upstream() as program:
        async with receiving(source(upstream=program.url)) as running:
            assert (await running.deliver(signed("shopify"))).json() == {"taken": True}
            again = await running.deliver(signed("shopify"))
        assert (again.status_code, again.json()) == (200, {"ok": True, "repeated": True})
        assert len(program.requests) == 1
    first, second = running.rows
    assert (first["reason"], first["processed"]) == (None, True)
    assert (second["verified"], second["reason"], second["processed"]) == (True, "repeated", True)
    assert second["error_message"] is None


async def test_a_repeat_of_a_failed_delivery_is_passed_on_again() -> None:
    statuses = iter([500, 503, 200])
    with upstream() as program:
        program.answer = lambda _: Response(status_code=next(statuses))
        async with receiving(source(upstream=program.url)) as running:
            answers = [await running.deliver(signed("shopify")) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [500, 503, 200, 200]
        assert len(program.requests) == 3
    assert [row["reason"] for row in running.rows] == [
        "processing_failed",
        "processing_failed",
        None,
        "repeated",
    ]


async def test_the_same_delivery_twice_at_once_is_passed_on_once_and_both_get_the_answer() -> None:
    async def slowly(_: Request) -> Response:
        await asyncio.sleep(0.1)
        return JSONResponse({"order": 7}, 201)

    with upstream() as program:
        program.answer = slowly
        async with receiving(source(upstream=program.url)) as running:
            answers = await asyncio.gather(*(running.deliver(signed("shopify")) for _ in range(10)))
        assert [(answer.status_code, answer.json()) for answer in answers] == [(201, {"order": 7})] * 10
        assert len(program.requests) == 1
    assert sorted(str(row["reason"]) for row in running.rows) == ["None"] + ["repeated"] * 9
    assert {row["processed"] for row in running.rows} == {True}


async def test_twice_at_once_and_failing_both_are_told_so() -> None:
    async def slowly(_: Request) -> Response:
        await asyncio.sleep(0.1)
        return Response(status_code=500)

    with upstream() as program:
        program.answer = slowly
        async with receiving(source(upstream=program.url)) as running:
            answers = await asyncio.gather(*(running.deliver(signed("shopify")) for _ in range(2)))
        assert [answer.status_code for answer in answers] == [500, 500]
        assert len(program.requests) == 1
    assert {row["reason"] for row in running.rows} == {"processing_failed"}


async def test_a_forged_delivery_with_a_genuine_id_hides_nothing() -> None:
    with upstream() as program:
        async with receiving(source(upstream=program.url)) as running:
            assert (await running.deliver(signed("shopify", secret=OTHERS["shopify"]))).status_code == 401
            assert (await running.deliver(signed("shopify"))).json() == {"taken": True}


async def test_deliveries_of_an_earlier_run_are_known() -> None:
    seen = SeenDeliveries()
    seen.seed("shopify", [signed("shopify").headers[ID["shopify"]]])
    with upstream() as program:
        async with receiving(source(upstream=program.url), seen=seen) as running:
            assert (await running.deliver(signed("shopify"))).json()["repeated"] is True
        assert program.requests == []


async def test_the_same_id_of_another_source_is_another_delivery() -> None:
    other = source(source="second-shop", secrets=(SECRETS["shopify"],))
    async with receiving(source(), other) as running:
        assert (await running.deliver(signed("shopify"))).json() == {"ok": True}
        assert (await running.deliver(signed("shopify"), name="second-shop")).json() == {"ok": True}


async def test_without_an_id_every_delivery_counts() -> None:
    delivery = signed("shopify")
    del delivery.headers[ID["shopify"]]
    with upstream() as program:
        async with receiving(source(upstream=program.url)) as running:
            for _ in range(2):
                assert (await running.deliver(delivery)).json() == {"taken": True}
        assert len(program.requests) == 2


async def test_without_an_upstream_a_repeat_is_said_to_be_one() -> None:
    async with receiving(source()) as running:
        await running.deliver(signed("shopify"))
        assert (await running.deliver(signed("shopify"))).json() == {"ok": True, "repeated": True}
        assert [(row["reason"], row["processed"]) for row in running.rows] == [
            (None, None),
            ("repeated", None),
        ]
