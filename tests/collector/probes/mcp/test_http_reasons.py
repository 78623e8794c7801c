"""What a server over HTTP can answer that is wrong, and the reason and the sentence it is given."""

import json
from collections.abc import Callable

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse

from analytics.model import Reason
from tests.collector.probes.mcp.checking import Checker
from tests.servers.http_loopback import ScriptedMcp, always, responding, serve


@pytest.mark.parametrize(
    ("status", "headers", "reason", "message"),
    [
        (
            401,
            {"www_authenticate": 'Bearer resource_metadata="https://example.com/.well-known"'},
            Reason.AUTH,
            "answered 401 Unauthorized to discover; "
            'wants Bearer resource_metadata="https://example.com/.well-known"',
        ),
        (401, {}, Reason.AUTH, "answered 401 Unauthorized to discover"),
        (403, {}, Reason.AUTH, "answered 403 Forbidden to discover"),
        (
            429,
            {"retry_after": "30"},
            Reason.RATE_LIMITED,
            "answered 429 Too Many Requests to discover; retry after 30",
        ),
        (400, {}, Reason.HTTP_4XX, "answered 400 Bad Request to initialize"),
        (404, {}, Reason.HTTP_4XX, "answered 404 Not Found to initialize; is the path of the url right?"),
        (
            405,
            {},
            Reason.HTTP_4XX,
            'answered 405 Method Not Allowed to initialize; an older server may need transport = "sse"',
        ),
        (500, {}, Reason.HTTP_5XX, "answered 500 Internal Server Error to initialize"),
        (503, {}, Reason.HTTP_5XX, "answered 503 Service Unavailable to initialize"),
        (599, {}, Reason.HTTP_5XX, "answered 599 to initialize"),
    ],
)
async def test_a_status(
    mcp: Checker, status: int, headers: dict[str, str], reason: Reason, message: str
) -> None:
    with serve(responding(always(status, **headers))) as address:
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert (finding.ok, finding.reason, finding.message) == (False, reason, message)
    assert finding.details["http_status"] == finding.details["http_first_error"] == status


async def test_a_refusal_is_not_asked_for_twice(mcp: Checker) -> None:
    server = ScriptedMcp(responses={"server/discover": always(401)})
    with serve(server.app) as address:
        await mcp.check(url=f"{address}/mcp")
    assert server.seen == ["server/discover"]


async def test_an_error_of_the_newer_handshake_is_noted_when_the_older_one_works(mcp: Checker) -> None:
    server = ScriptedMcp(responses={"server/discover": always(500)})
    with serve(server.app) as address:
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert finding.ok
    assert (finding.details["http_first_error"], finding.details["http_status"]) == (500, 200)


async def test_an_error_status_with_a_json_rpc_error_says_both(mcp: Checker) -> None:
    async def refuse(request: Request) -> Response:
        message = await request.json()
        error = {"code": -32000, "message": "Bad Request: no valid session"}
        return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "error": error}, 400)

    with serve(ScriptedMcp(responses={"tools/list": refuse}).app) as address:
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert finding.reason is Reason.HTTP_4XX
    assert finding.message == "answered 400 Bad Request to tools/list: Bad Request: no valid session"


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (
            HTMLResponse("<h1>Welcome</h1>"),
            "answered 200 OK to initialize with text/html, which is not MCP",
        ),
        (Response(), "answered 200 OK to initialize with no content, which is not MCP"),
        (Response(status_code=202), "answered 202 Accepted to initialize with no content, which is not MCP"),
        (JSONResponse({"status": "ok"}), "the answer to initialize is not JSON-RPC"),
        (Response("{not json", media_type="application/json"), "the answer to initialize is not JSON-RPC"),
        (
            Response("data: {}\n\n", media_type="text/event-stream"),
            "the answer to initialize is not JSON-RPC",
        ),
        (
            RedirectResponse("https://elsewhere.example/mcp?token=hidden", 307),
            "answered 307 Temporary Redirect to initialize: redirects to https://elsewhere.example/mcp, "
            "which is not followed; is that the right url?",
        ),
        (
            RedirectResponse("/login", 302),
            "answered 302 Found to initialize: redirects to /login, "
            "which is not followed; is that the right url?",
        ),
    ],
    ids=["html", "empty", "accepted", "json", "broken json", "broken event", "redirect away", "to a login"],
)
async def test_what_is_not_mcp(mcp: Checker, response: Response, message: str) -> None:
    async def respond(_: Request) -> Response:
        return response

    with serve(responding(respond)) as address:
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert (finding.reason, finding.message) == (Reason.PROTOCOL, message)


@pytest.mark.parametrize(
    ("code", "reason"), [(-32603, Reason.UNHEALTHY), (-32000, Reason.UNHEALTHY), (-32602, Reason.PROTOCOL)]
)
async def test_a_json_rpc_error(mcp: Checker, code: int, reason: Reason) -> None:
    async def fail(request: Request) -> Response:
        message = await request.json()
        error = {"code": code, "message": "fetch failed\nat line 1"}
        return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "error": error})

    with serve(ScriptedMcp(responses={"tools/list": fail}).app) as address:
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert finding.reason is reason
    assert finding.message == f"tools/list failed: fetch failed at line 1 (error {code})"
    assert finding.details["rpc_error"] == code
    assert finding.details["server_name"] == "scripted"


async def test_a_tool_list_that_breaks_the_protocol(mcp: Checker) -> None:
    async def nonsense(request: Request) -> Response:
        message = await request.json()
        result = {"tools": [{"name": "one"}], "resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
        return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "result": result})

    with serve(ScriptedMcp(responses={"tools/list": nonsense}).app) as address:
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert finding.reason is Reason.PROTOCOL
    assert "the answer to tools/list is not valid MCP: tools.0.inputSchema" in finding.message


async def test_a_protocol_version_from_elsewhere(mcp: Checker) -> None:
    async def strange(request: Request) -> Response:
        message = await request.json()
        result = {
            "protocolVersion": "1999-01-01",
            "capabilities": {},
            "serverInfo": {"name": "x", "version": "1"},
        }
        return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "result": result})

    with serve(ScriptedMcp(era="legacy", responses={"initialize": strange}).app) as address:
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert finding.reason is Reason.PROTOCOL
    assert finding.message == ("initialize failed: Unsupported protocol version from the server: 1999-01-01")


@pytest.mark.parametrize(
    ("cursors", "message"),
    [
        (lambda number: "again", "tools/list names page 'again' twice"),
        (lambda number: f"page {number}", "tools/list does not end after 100 pages"),
    ],
    ids=["the same page", "ever new pages"],
)
async def test_pages_that_do_not_end(mcp: Checker, cursors: Callable[[int], str], message: str) -> None:
    numbers = iter(range(10_000))

    async def page(request: Request) -> Response:
        asked = json.loads(await request.body())
        modern = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
        result = {**modern, "tools": [], "nextCursor": cursors(next(numbers))}
        return JSONResponse({"jsonrpc": "2.0", "id": asked["id"], "result": result})

    with serve(ScriptedMcp(responses={"tools/list": page}).app) as address:
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert (finding.reason, finding.message) == (Reason.PROTOCOL, message)


async def test_an_answer_without_an_end(mcp: Checker) -> None:
    async def flood(_: Request) -> Response:
        chunk = b" " * 1024 * 1024
        return StreamingResponse((chunk for _ in range(1000)), media_type="application/json")

    with serve(ScriptedMcp(responses={"tools/list": flood}).app) as address:
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert (finding.reason, finding.message) == (Reason.PROTOCOL, "answered with more than 32 MiB")
