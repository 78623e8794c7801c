"""Bodies that are no rows, and rows that cannot be stored now: which answer, with which words."""

import pytest

from analytics.db import DatabaseError
from tests.collector.receiver.receiving import receiving

CALL = {"api_name": "shopify", "method": "get", "status_code": 200, "response_time_ms": 12.6}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'[{"api_name":"a"}', "the body is no JSON: the array does not end"),
        (b'[{"api_name":"a"},]', "the body is no JSON: line 1, column 19: expecting value"),
        (
            b'[{"api_name":"a"}\n{"api_name":"b"}]',
            "the body is no JSON: line 2, column 1: a comma or ] is missing",
        ),
        (b'[{"api_name":NaN}]', "the body is no JSON: line 1, column 2: NaN is no JSON; write null"),
        (b"[" * 100_000 + b"]", "the body is no JSON: line 1, column 2: it is nested too deeply"),
        (
            b'[{"a":' + b"9" * 5000 + b"}]",
            "the body is no JSON: line 1, column 2: it holds a number that is far too long",
        ),
        (b'[{"a":1}]]', "the body is no JSON: line 1, column 10: something follows the end of the array"),
        (b'{"api_name":"\xff"}', "the body is not UTF-8: byte 14 is wrong; send JSON in UTF-8"),
        ('[{"api_name":"ä"}]'.encode("utf-16"), "the body is not UTF-8: byte 1 is wrong; send JSON in UTF-8"),
        (
            b"[" + b" " * 200_000 + b"1]",
            "element 0 of the array is longer than 65536 bytes; no row needs that",
        ),
        (
            b'["' + b"a" * 200_000 + b'"]',
            "element 0 of the array is longer than 65536 bytes; no row needs that",
        ),
    ],
)
async def test_broken_json_says_where(body: bytes, message: str) -> None:
    async with receiving() as receiver:
        answer = await receiver.post("api-metrics?partial=true", body)
        assert (answer.status_code, answer.json()["message"]) == (400, message)


@pytest.mark.parametrize(
    "body",
    [
        b'{"api_name":"a\\ud800"}',
        b'{"api_name":' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"api_name":"a","status_code":' + b"9" * 5000 + b"}",
        b'{"api_name":"a"}{"api_name":"b"}',
        b'{"api_name":"a"},{"api_name":"b"}',
        b'["api_name"]\n["a"]',
        b"null",
        b'"text"',
        b'{"api_name":"' + b"a" * 70_000 + b'"}',
        b"garbage",
    ],
)
async def test_a_line_that_is_no_row_is_refused_alone(body: bytes) -> None:
    async with receiving() as receiver:
        answer = await receiver.post("api-metrics?partial=true", b'{"api_name":"z"}\n' + body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["stored"] == 1
        assert answer.json()["refused"] >= 1


@pytest.mark.parametrize(
    "kind", ["application/xml", "multipart/form-data; boundary=x", "application/json; charset=utf-16"]
)
async def test_another_content_type_is_not_taken(kind: str) -> None:
    async with receiving() as receiver:
        answer = await receiver.post("api-metrics", [CALL], headers={"Content-Type": kind})
        assert answer.status_code == 415
        assert receiver.rows == []


async def test_a_full_intake_says_when_to_come_again() -> None:
    async with receiving() as receiver:
        receiver.intake.waiting_rows = receiver.intake.capacity_rows
        answer = await receiver.post("api-metrics", [CALL])
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
        receiver.intake.waiting_rows = 0
        assert (await receiver.post("api-metrics", [CALL])).status_code == 200


async def test_a_database_that_cannot_be_written_is_no_acceptance() -> None:
    async with receiving(failure=DatabaseError("the disk of hunter2 is full")) as receiver:
        receiver.redactor.learn("hunter2")
        answer = await receiver.post("api-metrics", [CALL])
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.json()["message"] == "nothing was stored: the disk of *** is full"
        assert receiver.rows == []
