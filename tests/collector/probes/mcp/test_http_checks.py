"""Healthy servers over streamable HTTP and SSE, of both generations."""

from typing import Any

import mcp_types as types
import pytest
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from starlette.responses import JSONResponse, RedirectResponse

from analytics.model import Reason
from tests.collector.probes.mcp.checking import Checker
from tests.servers.http_loopback import ScriptedMcp, mounted, responding, serve


def sdk_server() -> MCPServer:
    server = MCPServer("sdk", version="9.8.7")

    @server.tool()
    def add(first: int, second: int) -> int:
        """Add two numbers."""
        return first + second

    return server


async def test_a_server_of_the_sdk_over_streamable_http(mcp: Checker) -> None:
    with serve(mounted(plain=sdk_server().streamable_http_app())) as address:
        first = await mcp.check(url=f"{address}/plain/mcp")
        again = await mcp.check(url=f"{address}/plain/mcp", previous=first.finding.details)
    finding, details = first.finding, dict(first.finding.details)
    assert (finding.ok, finding.reason) == (True, Reason.OK)
    assert finding.message == "sdk 9.8.7 offers 1 tool"
    assert 0 < (finding.latency_ms or 0) <= first.duration_ms
    steps = details.pop("steps_ms")
    assert list(steps) == ["discover", "tools/list"]
    assert len(details.pop("tools_hash")) == 64
    assert list(details.pop("tools")) == ["add"]
    assert "tools" in details.pop("capabilities")
    assert details == {
        "transport": "http",
        "era": "modern",
        "http_status": 200,
        "server_name": "sdk",
        "server_version": "9.8.7",
        "protocol_version": "2026-07-28",
        "tool_count": 1,
    }
    assert again.finding.ok
    assert again.finding.details["tools_hash"] == first.finding.details["tools_hash"]


@pytest.mark.parametrize("json_response", [True, False])
async def test_the_older_handshake_when_told_so(mcp: Checker, json_response: bool) -> None:
    app = sdk_server().streamable_http_app(json_response=json_response)
    with serve(mounted(plain=app)) as address:
        attempt = await mcp.check(url=f"{address}/plain/mcp", era="legacy")
    assert attempt.finding.ok
    assert attempt.finding.details["protocol_version"] == "2025-11-25"
    assert attempt.finding.details["era"] == "legacy"
    assert list(attempt.finding.details["steps_ms"]) == ["initialize", "tools/list"]


async def test_the_session_of_an_older_server_is_closed(mcp: Checker) -> None:
    server = ScriptedMcp(era="legacy", session_id="session-1")
    with serve(server.app) as address:
        attempt = await mcp.check(url=f"{address}/mcp")
    assert attempt.finding.ok
    assert server.seen[-1] == "DELETE"
    assert server.headers[-1]["mcp-session-id"] == "session-1"


async def test_a_server_that_hangs_at_the_end_of_the_session_costs_no_latency(mcp: Checker) -> None:
    slow = ScriptedMcp(era="legacy", session_id="session-1")

    async def respond(request: Any) -> Any:
        if request.method == "DELETE":
            await request.receive()
            await request.receive()
        return await slow.respond(request)

    with serve(responding(respond)) as address:
        attempt = await mcp.check(url=f"{address}/mcp")
    assert attempt.finding.ok
    assert 950 < attempt.duration_ms - (attempt.finding.latency_ms or 0) < 3000


async def test_a_server_over_sse(mcp: Checker) -> None:
    with serve(mounted(old=sdk_server().sse_app())) as address:
        attempt = await mcp.check(url=f"{address}/old/sse", transport="sse")
        again = await mcp.check(url=f"{address}/old/sse", transport="sse", previous=attempt.finding.details)
    assert attempt.finding.message == "sdk 9.8.7 offers 1 tool"
    assert attempt.finding.details["transport"] == "sse"
    assert next(iter(attempt.finding.details["steps_ms"])) == "connect"
    assert again.finding.ok


async def test_headers_reach_the_server_with_their_variables(mcp: Checker) -> None:
    server = ScriptedMcp()
    with serve(server.app) as address:
        attempt = await mcp.check(url=f"{address}/mcp", headers={"Authorization": "Bearer ${TOKEN}"})
    assert attempt.finding.ok
    assert {headers["authorization"] for headers in server.headers} == {"Bearer a-very-secret-token"}
    assert "a-very-secret-token" not in str(attempt)


async def test_a_redirect_within_the_server_is_followed(mcp: Checker) -> None:
    server = ScriptedMcp()

    async def respond(request: Any) -> Any:
        if request.url.path == "/mcp":
            return RedirectResponse("/mcp/", 307)
        return await server.respond(request)

    with serve(responding(respond)) as address:
        attempt = await mcp.check(url=f"{address}/mcp")
    assert attempt.finding.ok


async def test_all_pages_of_the_tool_list_are_read(mcp: Checker) -> None:
    async def page(_: Any, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        number = int(params.cursor) if params and params.cursor else 0
        tools = [types.Tool(name=f"tool{3 * number + i}", input_schema={"type": "object"}) for i in range(3)]
        return types.ListToolsResult(tools=tools, next_cursor=str(number + 1) if number < 4 else None)

    server: Server[Any] = Server("paged", version="1", on_list_tools=page)
    with serve(mounted(paged=server.streamable_http_app())) as address:
        attempt = await mcp.check(url=f"{address}/paged/mcp")
    assert attempt.finding.ok
    assert attempt.finding.details["tool_count"] == 15
    assert set(attempt.finding.details["tools"]) == {f"tool{i}" for i in range(15)}


async def test_a_server_without_tools_is_healthy_when_it_says_so(mcp: Checker) -> None:
    server: Server[Any] = Server("prompts only", version="1")
    with serve(mounted(bare=server.streamable_http_app())) as address:
        attempt = await mcp.check(url=f"{address}/bare/mcp")
    assert attempt.finding.ok, attempt
    assert attempt.finding.message == "prompts only 1 offers 0 tools"


async def test_a_server_that_claims_tools_but_does_not_know_the_method(mcp: Checker) -> None:
    async def unknown(request: Any) -> JSONResponse:
        message = await request.json()
        error = {"code": -32601, "message": "Method not found"}
        return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "error": error})

    with serve(ScriptedMcp(responses={"tools/list": unknown}).app) as address:
        attempt = await mcp.check(url=f"{address}/mcp")
    assert attempt.finding.reason is Reason.PROTOCOL
    assert attempt.finding.message == "tools/list failed: Method not found (error -32601)"
