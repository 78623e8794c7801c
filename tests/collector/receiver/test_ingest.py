"""Rows sent to a running receiver with real HTTP: what is stored, what is refused, and with which words."""

import asyncio
import gzip
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from analytics.ids import uuid7
from collector.receiver.row_reading import MOST_ROWS
from tests.collector.receiver.receiving import NOW, connected, receiving, until

CALL = {"api_name": "shopify", "method": "get", "status_code": 200, "response_time_ms": 12.6}


async def test_an_array_is_stored_when_the_answer_comes() -> None:
    async with receiving() as receiver:
        answer = await receiver.post("api-metrics", [CALL, CALL | {"endpoint": "/orders/4242?token=x"}])
        assert answer.status_code == 200
        assert answer.json() == {"accepted": 2, "stored": 2, "duplicates": 0, "refused": 0, "errors": []}
        first, second = receiver.rows
    assert first["table"] == "api_metrics"
    assert (first["method"], first["response_time_ms"], first["timestamp"]) == ("GET", 13, NOW)
    assert second["endpoint"] == "/orders/{id}"


@pytest.mark.parametrize(
    "body",
    [
        b'{"api_name":"a"}\n{"api_name":"b"}\n',
        b'\n\r\n{"api_name":"a"}\r\n\n  \n{"api_name":"b"}',
        b'\xef\xbb\xbf{"api_name":"a"}\n{"api_name":"b"}',
        b'[{"api_name":"a"},{"api_name":"b"}]',
        b' \n\t[ {"api_name":"a"} , \n {"api_name":"b"} ] \n',
        b'\xef\xbb\xbf[{"api_name":"a"},{"api_name":"b"}]',
        json.dumps([{"api_name": "a"}, {"api_name": "b"}], indent=4).encode(),
    ],
)
@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-ndjson", "text/plain; charset=UTF-8", ""]
)
async def test_what_the_body_is_shows_in_itself(body: bytes, kind: str) -> None:
    async with receiving() as receiver:
        answer = await receiver.post("api-metrics", body, headers={"Content-Type": kind})
        assert answer.json()["stored"] == 2
        assert [row["api_name"] for row in receiver.rows] == ["a", "b"]


@pytest.mark.parametrize("indent", [None, 2])
async def test_one_object_is_one_row(indent: int | None) -> None:
    async with receiving() as receiver:
        answer = await receiver.post("api-metrics", json.dumps(CALL, indent=indent))
        assert answer.json()["stored"] == 1


@pytest.mark.parametrize("body", [b"", b" \n\n", b"[]", b"[ \n ]"])
async def test_no_rows_are_no_fault(body: bytes) -> None:
    async with receiving() as receiver:
        answer = await receiver.post("api-metrics", body)
        assert (answer.status_code, answer.json()["accepted"]) == (200, 0)


async def test_each_table_has_its_address() -> None:
    delivery = {"source": "shopify", "webhook_id": "1", "verified": True, "processed": None}
    event = {"api_name": "openai", "old_state": "closed", "new_state": "open", "origin": "shop"}
    async with receiving() as receiver:
        assert (await receiver.post("webhook-metrics", [delivery])).json()["stored"] == 1
        assert (await receiver.post("circuit-events", [event])).json()["stored"] == 1
        assert [row["table"] for row in receiver.rows] == ["webhook_metrics", "circuit_events"]
        metrics = (await receiver.http.get("/metrics")).text
    assert 'integration_circuit_state{api_name="openai",origin="shop"} 2.0' in metrics


async def test_a_wrong_row_keeps_all_from_being_stored() -> None:
    async with receiving() as receiver:
        wrong = {"api_nam": "x", "status_code": 99}
        answer = await receiver.post("api-metrics", [CALL, wrong, CALL])
        assert answer.status_code == 422
        said = answer.json()
        assert (said["accepted"], said["stored"], said["refused"]) == (0, 0, 1)
        assert [(error["index"], error["field"]) for error in said["errors"]] == [
            (1, "api_name"),
            (1, "status_code"),
            (1, "api_nam"),
        ]
        assert said["errors"][2]["reason"].startswith(
            'unknown column; did you mean "api_name"? known are api'
        )
        assert receiver.rows == []


async def test_partial_stores_the_right_rows() -> None:
    async with receiving() as receiver:
        lines = [json.dumps(CALL), "{broken", "", json.dumps(CALL | {"retries": -1}), json.dumps(CALL)]
        answer = await receiver.post("api-metrics?partial=true", "\n".join(lines))
        assert answer.status_code == 200
        said = answer.json()
        assert (said["accepted"], said["stored"], said["refused"]) == (2, 2, 2)
        assert [error["index"] for error in said["errors"]] == [1, 3], "lines are counted, empty ones too"
        assert said["errors"][0]["reason"].startswith("is no JSON: ")


async def test_at_most_a_hundred_faults_are_listed_and_all_are_counted() -> None:
    async with receiving() as receiver:
        answer = await receiver.post("api-metrics", "\n".join(['{"a":1}'] * 5000))
        said = answer.json()
        assert (said["refused"], len(said["errors"])) == (5000, 100)
        assert said["message"].startswith("5000 rows are wrong, nothing was stored (the first 100 faults")


async def test_the_same_id_is_one_row_in_one_request_and_in_two() -> None:
    row = CALL | {"id": str(uuid4()).upper()}
    async with receiving() as receiver:
        first = (await receiver.post("api-metrics", [row, row])).json()
        second = (await receiver.post("api-metrics", [row | {"id": row["id"].lower()}])).json()
        assert (first["accepted"], first["stored"], first["duplicates"]) == (2, 1, 1)
        assert (second["accepted"], second["stored"], second["duplicates"]) == (1, 0, 1)
        assert [row["id"] for row in receiver.rows] == [row["id"].lower()]


async def test_a_row_without_a_time_has_the_one_of_its_id() -> None:
    moment = NOW - timedelta(hours=2)
    id_ = str(uuid7(int(moment.timestamp() * 1000)))
    async with receiving() as receiver:
        await receiver.post("api-metrics", [CALL | {"id": id_}])
        assert receiver.rows[0]["timestamp"] == moment


async def test_a_large_body_is_stored_whole_and_in_order() -> None:
    rows = [
        CALL | {"api_name": f"api-{number}", "error_message": '"},{"' * (number % 3)}
        for number in range(20_000)
    ]
    async with receiving() as receiver:
        for body in (json.dumps(rows), "\n".join(map(json.dumps, rows))):
            receiver.known.clear()
            packed = gzip.compress(body.encode(), 1)
            answer = await receiver.post("api-metrics", packed, headers={"Content-Encoding": "gzip"})
            assert answer.json()["stored"] == 20_000
            assert [row["api_name"] for row in receiver.rows] == [row["api_name"] for row in rows]


async def test_too_many_rows_are_too_large() -> None:
    async with receiving() as receiver:
        answer = await receiver.post("api-metrics", '{"api_name":"a"}\n' * (MOST_ROWS + 1))
        assert answer.status_code == 413
        assert answer.json()["message"] == "the body has more than 100000 rows; send them in several requests"


async def test_messages_are_masked_and_shortened_before_they_are_kept() -> None:
    async with receiving() as receiver:
        receiver.redactor.learn("hunter2-token")
        text = "failed at\nhttps://user:pw@shop.example/x?key=abc with hunter2-token " + "x" * 1500
        await receiver.post("api-metrics", [CALL | {"error_message": text}])
        kept = receiver.rows[0]["error_message"]
    assert len(kept) <= 300
    assert "\n" not in kept
    assert not any(secret in kept for secret in ("hunter2", "abc", "pw@"))


async def test_what_clients_dropped_is_heard_and_bounded() -> None:
    async with receiving() as receiver:
        for number in range(3):
            headers = {"X-Health-Dropped": str(number), "X-Health-Origin": "shop-sync"}
            await receiver.post("api-metrics", b"", headers=headers)
        for number in range(1100):
            receiver.ingest.counters.listen({"x-health-dropped": "1", "x-health-origin": f"made-up-{number}"})
        for nonsense in ("-1", "many", "9" * 30, "²"):
            receiver.ingest.counters.listen({"x-health-dropped": nonsense, "x-health-origin": "odd"})
        dropped = receiver.ingest.counters.dropped
        assert len(dropped) == 1000
        assert "odd" not in dropped
        assert "shop-sync" not in dropped, "the oldest went"


async def test_what_several_processes_of_a_program_dropped_is_added_up() -> None:
    async with receiving() as receiver:
        for process, number in (("1", 4), ("2", 10), ("1", 5)):
            headers = {
                "X-Health-Dropped": str(number),
                "X-Health-Origin": "shop",
                "X-Health-Process": process,
            }
            await receiver.post("api-metrics", b"", headers=headers)
        assert receiver.ingest.counters.dropped == {"shop": 15}


async def test_the_event_loop_is_never_away_for_long() -> None:
    body = "\n".join(json.dumps(CALL | {"endpoint": f"/orders/{number % 50}"}) for number in range(20_000))
    worst, done = 0.0, False
    async with receiving() as receiver:

        async def watch() -> None:
            nonlocal worst
            loop = asyncio.get_running_loop()
            while not done:
                before = loop.time()
                await asyncio.sleep(0)
                worst = max(worst, loop.time() - before)

        watching = asyncio.create_task(watch())
        answer = await receiver.post("api-metrics", body)
        done = True
        await watching
        assert answer.json()["stored"] == 20_000
    assert worst < 0.5


async def test_a_sender_that_leaves_after_its_body_has_given_it() -> None:
    async with receiving() as receiver:
        body = json.dumps([CALL]).encode()
        head = f"POST /ingest/api-metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        async with connected(receiver.port) as (_, writer):
            writer.write(head.encode() + body)
            await writer.drain()
        await until(lambda: len(receiver.rows) == 1)


async def test_partial_is_true_or_false() -> None:
    async with receiving() as receiver:
        assert (await receiver.post("api-metrics?partial=maybe", [CALL])).status_code == 400
        assert (await receiver.post("api-metrics?partial=1", [CALL])).status_code == 200


async def test_every_request_is_counted() -> None:
    async with receiving() as receiver:
        await receiver.post("api-metrics", [CALL])
        await receiver.post("api-metrics", [{}])
        counted: Any = receiver.ingest.counters
        assert dict(counted.requests) == {("api_metrics", 200): 1, ("api_metrics", 422): 1}
        assert dict(counted.refused_rows) == {"api_metrics": 1}
