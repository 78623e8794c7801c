"""The simulated MCP servers behind HTTP: streamable HTTP for most, the legacy SSE transport for one."""

from collections.abc import Callable

from analytics.model import ServiceKey, ServiceType
from collector.demo.faulty import App, FaultyApp, Receive, Scope, Send
from collector.demo.mcp_servers import change_tools, make_server
from collector.demo.script import HEALTHY, FaultKind
from collector.demo.services import HTTP_MCP_SERVERS, LEGACY_SSE, probed
from collector.demo.stage import Stage

#: The others keep a session, so that both kinds of server are in the demo.
_STATELESS = ("context7", "supabase")


def mcp_app(name: str, stage: Stage) -> App:
    """A fresh app of the MCP server `name`, with the faults of the script."""
    service = probed(ServiceKey(ServiceType.MCP, name))

    def seconds(scope: Scope) -> float:
        """Only what is asked is slow; opening the stream of answers is not a request of its own."""
        return stage.seconds(service.latency, service.requests) if scope["method"] == "POST" else 0.0

    return FaultyApp(_changing_tools(name, service.key, stage), service.key, stage, seconds)


def _changing_tools(name: str, key: ServiceKey, stage: Stage) -> App:
    server = make_server(name)
    if name == LEGACY_SSE:
        app = server.sse_app()
    else:
        app = server.streamable_http_app(stateless_http=name in _STATELESS, json_response=name in _STATELESS)
    had = HEALTHY

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal had
        now = stage.fault(key)
        if FaultKind.TOOLS_CHANGED in (had.kind, now.kind) and now != had:
            change_tools(server, name, had, now)
            had = now
        await app(scope, receive, send)

    return serve


def mcp_apps(stage: Stage) -> dict[str, Callable[[], App]]:
    """For each server reached over HTTP, how to make its app anew."""

    def maker(name: str) -> Callable[[], App]:
        return lambda: mcp_app(name, stage)

    return {name: maker(name) for name in HTTP_MCP_SERVERS}
