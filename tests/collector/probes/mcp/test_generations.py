"""Which generation of the protocol a server speaks, how that is found out, and what is remembered."""

from typing import Any

import pytest

from analytics.model import Attempt, Reason
from tests.collector.probes.mcp.checking import Checker, scripted
from tests.servers.http_loopback import ScriptedMcp, hang, serve


@pytest.mark.parametrize(
    ("speaks", "era", "version", "asked"),
    [
        ("both", "modern", "2026-07-28", ["server/discover", "tools/list"]),
        ("modern", "modern", "2026-07-28", ["server/discover", "tools/list"]),
        (
            "legacy",
            "legacy",
            "2025-06-18",
            ["server/discover", "initialize", "notifications/initialized", "tools/list"],
        ),
    ],
)
async def test_an_unknown_server_is_asked(
    mcp: Checker, speaks: str, era: str, version: str, asked: list[str]
) -> None:
    server = ScriptedMcp(era=speaks)
    with serve(server.app) as address:
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert finding.ok
    assert (finding.details["era"], finding.details["protocol_version"]) == (era, version)
    assert server.seen == asked


async def test_the_older_generation_is_remembered(mcp: Checker) -> None:
    server = ScriptedMcp(era="legacy")
    with serve(server.app) as address:
        first = await mcp.check(url=f"{address}/mcp")
        server.seen.clear()
        again = await mcp.check(url=f"{address}/mcp", previous=first.finding.details)
    assert again.finding.ok
    assert server.seen == ["initialize", "notifications/initialized", "tools/list"]


async def test_a_server_that_has_moved_on_is_followed(mcp: Checker) -> None:
    server = ScriptedMcp(era="modern")
    with serve(server.app) as address:
        finding = (await mcp.check(url=f"{address}/mcp", previous={"era": "legacy"})).finding
    assert finding.ok
    assert finding.details["era"] == "modern"
    assert server.seen == ["initialize", "server/discover", "tools/list"]


async def test_a_server_that_went_back_is_followed(mcp: Checker) -> None:
    server = ScriptedMcp(era="legacy")
    with serve(server.app) as address:
        finding = (await mcp.check(url=f"{address}/mcp", previous={"era": "modern"})).finding
    assert finding.ok
    assert finding.details["era"] == "legacy"


async def test_a_server_told_to_be_modern_is_not_asked_otherwise(mcp: Checker) -> None:
    server = ScriptedMcp(era="legacy")
    with serve(server.app) as address:
        finding = (await mcp.check(url=f"{address}/mcp", era="modern")).finding
    assert finding.reason is Reason.PROTOCOL
    assert finding.message == "discover failed: Method not found (error -32601)"
    assert server.seen == ["server/discover"]


@pytest.mark.parametrize("known", [{}, {"era": "modern"}], ids=["unknown", "that was modern"])
async def test_silence_over_http_costs_a_bounded_wait_and_only_once(
    mcp: Checker, known: dict[str, str]
) -> None:
    server = ScriptedMcp(era="legacy", responses={"server/discover": hang})
    with serve(server.app) as address:
        first = await mcp.check(url=f"{address}/mcp", timeout=3, previous=known)
        again = await mcp.check(url=f"{address}/mcp", timeout=3, previous=first.finding.details)
    assert_asked_twice_then_once(first, again)


async def test_silence_over_stdio_costs_a_bounded_wait_and_only_once(mcp: Checker) -> None:
    script: dict[str, Any] = {"era": "legacy", "ignore": ["server/discover"]}
    first = await mcp.scripted(timeout=4, **script)
    again = await mcp.scripted(timeout=4, previous=first.finding.details, **script)
    assert_asked_twice_then_once(first, again)


def assert_asked_twice_then_once(first: Attempt, again: Attempt) -> None:
    steps = first.finding.details["steps_ms"]
    assert first.finding.ok
    assert first.finding.details["era"] == "legacy"
    assert first.finding.details["protocol_version"] == "2025-06-18"
    assert steps["discover"] >= 900
    assert again.finding.ok
    assert "discover" not in again.finding.details["steps_ms"]


async def test_a_server_that_is_slow_to_start_is_not_taken_for_an_older_one(mcp: Checker) -> None:
    finding = (await mcp.scripted(timeout=3, start_after=1.2)).finding
    assert finding.ok
    assert finding.details["era"] == "modern"
    assert {"discover", "initialize"} <= set(finding.details["steps_ms"])


async def test_an_older_server_that_is_slow_to_start(mcp: Checker) -> None:
    finding = (await mcp.scripted(timeout=3, start_after=1.2, era="legacy")).finding
    assert finding.ok
    assert finding.details["era"] == "legacy"


async def test_a_server_that_offers_only_unknown_versions(mcp: Checker) -> None:
    answer = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private", "capabilities": {}}
    answers = {"server/discover": {**answer, "supportedVersions": ["2031-01-01"]}}
    options = scripted(answers=answers, era="modern")
    for era in ("auto", "modern"):
        finding = (await mcp.check(**options, era=era)).finding
        assert finding.reason is Reason.PROTOCOL
        assert finding.message == "speaks no version this client knows, only 2031-01-01"


async def test_a_negative_time_to_live_is_no_reason_to_fall_back(mcp: Checker) -> None:
    answer = {"resultType": "complete", "ttlMs": -1, "cacheScope": "private"}
    answer |= {"capabilities": {"tools": {}}, "supportedVersions": ["2026-07-28"]}
    finding = (await mcp.scripted(answers={"server/discover": answer})).finding
    assert finding.ok
    assert finding.details["era"] == "modern"
    assert finding.message == "the server offers 2 tools"
