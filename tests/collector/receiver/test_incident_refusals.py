"""What the routes of people's actions refuse, and with which words: nothing is done then."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from analytics.db import DatabaseBusy
from tests.collector.receiver.acting import acting

UNKNOWN = "019ab000-0000-7000-8000-000000000000"
ACTIONS = ["acknowledge", "resolve", "note"]


@pytest.mark.parametrize("incident_id", [UNKNOWN, "7", "null", "%00"])
@pytest.mark.parametrize("action", ["", *(f"/{action}" for action in ACTIONS)])
async def test_an_unknown_incident_is_404(tmp_path: Path, incident_id: str, action: str) -> None:
    async with acting(tmp_path) as here:
        method = "POST" if action else "GET"
        body = {"author": "ada", "note": "x"} if action else None
        status, told = await here.send(method, f"/incidents/{incident_id}{action}", body)
        assert (status, told["message"]) == (404, "no incident has this id; GET /incidents lists them")


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"author": "is missing; say who you are", "note": "is missing; say what was found or done"}),
        (None, {"author": "is missing; say who you are", "note": "is missing; say what was found or done"}),
        ({"author": "", "note": "x"}, {"author": "must have 1 to 100 characters"}),
        ({"author": "  ", "note": "x"}, {"author": "must have 1 to 100 characters"}),
        ({"author": "a" * 101, "note": "x"}, {"author": "must have 1 to 100 characters"}),
        ({"author": 7, "note": 7}, {"author": "must be text", "note": "must be text"}),
        (
            {"author": "a\nb", "note": "x"},
            {"author": "holds control characters or a line break; write one line of text"},
        ),
        (
            {"author": "Collector", "note": "x"},
            {"author": "is what the collector calls itself; say who you are"},
        ),
        ({"author": "a", "note": "x\x1b[2J"}, {"note": "holds control characters; write text"}),
        ({"author": "a", "note": "x" * 4001}, {"note": "has 4001 characters; write at most 4000"}),
        ({"author": "a", "note": " \n"}, {"note": "is missing; say what was found or done"}),
        ({"author": "a", "note": "x", "ntoe": 1}, {"ntoe": "unknown key; known are author, note"}),
        (
            {"author": "a", "note": "x", "\x1b" + "y" * 90: 1},
            {"?" + "y" * 49 + "…": "unknown key; known are author, note"},
        ),
    ],
)
async def test_a_wrong_body_is_told_with_every_fault(
    tmp_path: Path, body: Any, faults: dict[str, str]
) -> None:
    async with acting(tmp_path) as here:
        status, told = await here.send("POST", f"/incidents/{here.incident()}/resolve", body)
        assert (status, told["error"]) == (422, "wrong_body")
        assert {fault["field"]: fault["reason"] for fault in told["errors"]} == faults
        assert here.writes == 0


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"{broken", 400, "the body is no JSON: "),
        (b"[1]", 400, "the body must be a JSON object"),
        (b'"ada"', 400, "the body must be a JSON object"),
        (b'{"author": "\xff"}', 400, "the body is no JSON: "),
        (b'{"author": "\\ud800"}', 400, "the body is no JSON: "),
        (b"[" * 5000, 400, "the body is no JSON: "),
        (b'{"note": "' + b"x" * 70_000 + b'"}', 413, "the body is longer than 65536 bytes"),
    ],
)
async def test_a_body_that_is_no_object_is_refused(
    tmp_path: Path, body: bytes, status: int, message: str
) -> None:
    async with acting(tmp_path) as here:
        answered, told = await here.send("POST", f"/incidents/{here.incident()}/note", body)
        assert answered == status
        assert told["message"].startswith(message)


async def test_a_database_that_cannot_be_used_is_503_and_nothing_is_done(tmp_path: Path) -> None:
    async with acting(tmp_path) as here:
        path = f"/incidents/{here.incident()}/acknowledge"
        here.failure = DatabaseBusy("health.duckdb", "held by notebook")
        answer = await here.http.post(path, json={"author": "ada"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        here.failure = None
        assert (await here.http.post(path, json={"author": "ada"})).status_code == 200


async def test_without_the_token_nothing_is_told_or_done(tmp_path: Path) -> None:
    async with acting(tmp_path) as here:
        path = f"/incidents/{here.incident()}"
        outsider = httpx.AsyncClient(transport=here.http._transport, base_url="http://collector")
        for method, address in [
            ("GET", "/incidents"),
            ("GET", path),
            ("POST", f"{path}/acknowledge"),
            ("GET", "/mutes"),
            ("PUT", "/alert-rules"),
        ]:
            assert (await outsider.request(method, address)).status_code == 401
        assert here.writes == 0


async def test_a_wrong_method_is_told_which_are_right(tmp_path: Path) -> None:
    async with acting(tmp_path) as here:
        for method, path, right in [
            ("POST", "/alert-rules", "this address takes GET or HEAD or PUT and no other method"),
            ("DELETE", "/mutes", "this address takes GET or HEAD or POST and no other method"),
            ("GET", f"/incidents/{UNKNOWN}/resolve", "this address takes POST and no other method"),
        ]:
            assert await here.send(method, path) == (405, {"error": "method_not_allowed", "message": right})
