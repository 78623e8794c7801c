"""Mutes over HTTP: set, listed, ended, each with its author; wrong ones are told every fault."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from analytics.alerting import AlertRule, Mute
from collector.store_actions import read_mutes
from tests.collector.receiver.acting import NOW, SHOP, acting

WHOLE = {"service": "api/shopify", "rule": "slow_response", "for": "2h", "author": "ada", "note": "they know"}


async def test_a_mute_holds_until_its_end(tmp_path: Path) -> None:
    async with acting(tmp_path) as here:
        answer = await here.http.post("/mutes", json=WHOLE)
        told = answer.json()
        assert answer.status_code == 201
        assert answer.headers["Location"] == f"/mutes/{told['id']}"
        assert told | {"id": ""} == {
            "id": "",
            "service": "api/shopify",
            "rule": "slow_response",
            "until": "2026-11-24T14:00:00.000Z",
            "author": "ada",
            "note": "they know",
        }
        kept = Mute(
            UUID(told["id"]), SHOP, AlertRule.SLOW_RESPONSE, NOW + timedelta(hours=2), "ada", "they know"
        )
        assert await here.read(lambda connection: read_mutes(connection, NOW)) == (kept,)
        assert await here.send("GET", "/mutes") == (200, {"mutes": [told]})
        here.now += timedelta(hours=2)
        assert await here.send("GET", "/mutes") == (200, {"mutes": []})


@pytest.mark.parametrize(
    ("span", "seconds"),
    [("1m", 60), ("90s", 90), (600, 600), ("2h", 7200), ("24h", 86_400), ("7d", 604_800), ("30d", 2_592_000)],
)
async def test_a_mute_lasts_from_a_minute_to_thirty_days(tmp_path: Path, span: Any, seconds: int) -> None:
    async with acting(tmp_path) as here:
        status, _ = await here.send("POST", "/mutes", {"for": span, "author": "ada"})
        assert status == 201
        (mute,) = await here.read(lambda connection: read_mutes(connection, NOW))
        assert (mute.service, mute.rule, mute.until) == (None, None, NOW + timedelta(seconds=seconds))


async def test_a_mute_that_is_ended_says_who_ended_it(tmp_path: Path) -> None:
    async with acting(tmp_path) as here:
        paths = [(await here.http.post("/mutes", json=WHOLE)).headers["Location"] for _ in range(2)]
        here.now += timedelta(minutes=5)
        status, told = await here.send("DELETE", paths[0], {"author": "ben"})
        assert (status, told["ended_by"], told["until"]) == (200, "ben", "2026-11-24T12:05:00.000Z")
        assert (await here.send("DELETE", f"{paths[1]}?author=ben"))[0] == 200
        for path in (*paths, f"/mutes/{uuid4()}", "/mutes/7"):
            status, told = await here.send("DELETE", f"{path}?author=ben")
            assert status == 404
            assert told["message"] == "no mute that still holds has this id; GET /mutes lists them"
        assert here.rows("SELECT DISTINCT note FROM mutes") == [("they know · ended by ben",)]
        assert here.writes == 4


async def test_whoever_ends_a_mute_says_who_that_is(tmp_path: Path) -> None:
    async with acting(tmp_path) as here:
        path = (await here.http.post("/mutes", json=WHOLE)).headers["Location"]
        status, told = await here.send("DELETE", path)
        assert (status, told["errors"]) == (
            422,
            [{"field": "author", "reason": "is missing; say who you are"}],
        )


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"for": 'is missing; write "30m", "2h" or "7d"', "author": "is missing; say who you are"}),
        (
            {"author": "ada", "for": "2h", "service": "api/shopfy"},
            {
                "service": 'is not known; did you mean "api/shopify"? known are api/shopify, api/chatwoot',
            },
        ),
        (
            {"author": "ada", "for": "2h", "service": 7, "rule": ["slow_response"]},
            {
                "service": "must be text, or null for all services",
                "rule": "must be text, or null for all rules",
            },
        ),
        (
            {"author": "ada", "for": "soon", "rule": "", "until": "tomorrow"},
            {
                "for": 'is no duration; write "10s", "5m", "1h" or a number of seconds',
                "until": "unknown key; known are service, rule, for, author, note",
                "rule": "is not known; known are " + ", ".join(AlertRule),
            },
        ),
        ({"author": "ada", "for": "31d"}, {"for": "is longer than 30 days; write a shorter duration"}),
        ({"author": "ada", "for": "9999d"}, {"for": "is longer than 30 days; write a shorter duration"}),
        ({"author": "ada", "for": 1e300}, {"for": "is longer than 30 days; write a shorter duration"}),
        ({"author": "ada", "for": "59s"}, {"for": 'is shorter than 1 minute; write "1m" or more'}),
        (
            {"author": "ada", "for": True},
            {"for": 'is no duration; write "10s", "5m", "1h" or a number of seconds'},
        ),
    ],
)
async def test_a_wrong_mute_is_told_every_fault_and_mutes_nothing(
    tmp_path: Path, body: dict[str, Any], faults: dict[str, str]
) -> None:
    async with acting(tmp_path) as here:
        status, told = await here.send("POST", "/mutes", body)
        assert (status, told["error"]) == (422, "wrong_body")
        assert {fault["field"]: fault["reason"] for fault in told["errors"]} == faults
        assert here.rows("FROM mutes") == []
