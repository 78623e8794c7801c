"""The one tool call a check may end with."""

from typing import Any

import pytest
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from analytics.model import Reason
from tests.collector.probes.mcp.checking import Checker, scripted
from tests.servers.http_loopback import mounted, serve


def library() -> MCPServer:
    server = MCPServer("library", version="1")

    @server.tool()
    def find(title: str) -> str:
        """Find a book."""
        if title == "missing":
            raise ToolError("no such book")
        return f"found {title}"

    @server.tool()
    def search() -> str:
        """A tool that hides its failure in its text."""
        return "Error searching libraries: TypeError: fetch failed"

    return server


@pytest.mark.parametrize(
    ("call", "reason", "message"),
    [
        ({"tool": "find", "arguments": {"title": "Dune"}}, Reason.OK, "library 1 offers 2 tools"),
        (
            {"tool": "find", "arguments": {"title": "Dune"}, "expect": "found Dune", "reject": "Error"},
            Reason.OK,
            "library 1 offers 2 tools",
        ),
        (
            {"tool": "find", "arguments": {"title": "missing"}},
            Reason.UNHEALTHY,
            "find failed: Error executing tool find: no such book",
        ),
        (
            {"tool": "search", "reject": "fetch failed"},
            Reason.UNHEALTHY,
            "search answered with 'fetch failed': Error searching libraries: TypeError: fetch failed",
        ),
        (
            {"tool": "find", "arguments": {"title": "Dune"}, "expect": "Emma"},
            Reason.UNHEALTHY,
            "find answered without 'Emma': found Dune",
        ),
    ],
    ids=["good", "as expected", "is an error", "rejected text", "expected text is missing"],
)
async def test_a_call(mcp: Checker, call: dict[str, Any], reason: Reason, message: str) -> None:
    with serve(mounted(library=library().streamable_http_app())) as address:
        finding = (await mcp.check(url=f"{address}/library/mcp", call=call)).finding
    assert finding.reason is reason
    assert finding.message.startswith(message)
    assert "tools/call" in finding.details["steps_ms"]
    assert finding.details["tool_count"] == 2


async def test_a_tool_that_is_not_offered(mcp: Checker) -> None:
    with serve(mounted(library=library().streamable_http_app())) as address:
        finding = (await mcp.check(url=f"{address}/library/mcp", call={"tool": "lend"})).finding
    assert not finding.ok
    assert "lend" in finding.message


async def test_a_call_that_fails_says_so_before_a_changed_list(mcp: Checker) -> None:
    """A failed check is no baseline, so the change is reported by the next check that passes."""
    with serve(mounted(library=library().streamable_http_app())) as address:
        url, previous = f"{address}/library/mcp", {"tools": {"find": "0"}}
        failed = await mcp.check(url=url, call={"tool": "search", "reject": "Error"}, previous=previous)
        passed = await mcp.check(url=url, previous=previous)
    assert failed.finding.reason is Reason.UNHEALTHY
    assert passed.finding.reason is Reason.SCHEMA_CHANGED


async def test_over_stdio_an_answer_that_breaks_its_own_schema(mcp: Checker) -> None:
    tool = {"name": "t", "inputSchema": {"type": "object"}, "outputSchema": {"type": "object"}}
    listed = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private", "tools": [tool]}
    answers = {"tools/list": listed, "tools/call": {"resultType": "complete", "content": []}}
    finding = (await mcp.check(**scripted(answers=answers), call={"tool": "t"})).finding
    assert finding.reason is Reason.PROTOCOL
    assert finding.message.startswith("t failed: Tool t has an output schema")


async def test_a_tool_that_asks_back(mcp: Checker) -> None:
    asking = {"resultType": "input_required", "inputRequests": {}, "requestState": "x"}
    finding = (await mcp.check(**scripted(answers={"tools/call": asking}), call={"tool": "one"})).finding
    assert finding.reason is Reason.UNHEALTHY
    assert finding.message == "one asks for more input; call a tool that needs none"
