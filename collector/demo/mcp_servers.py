"""Simulated MCP servers, made with the official SDK: real protocol, canned answers."""

from collections.abc import Callable
from inspect import Parameter, Signature

from mcp.server.mcpserver import MCPServer

from collector.demo.mcp_sketches import SERVERS, ServerSketch, ToolSketch
from collector.demo.script import HEALTHY, Fault, FaultKind


def make_server(name: str, fault: Fault = HEALTHY) -> MCPServer:
    """The MCP server of that name, with the tools it has under `fault`."""
    sketch = SERVERS[name]
    server = MCPServer(name=sketch.title, version=sketch.version, log_level="CRITICAL")
    for tool in tools_under(sketch, fault):
        _add(server, tool)
    return server


def change_tools(server: MCPServer, name: str, before: Fault, now: Fault) -> None:
    """Make the tools of a running server those it has under `now`; `before` is what it had."""
    old, new = tools_under(SERVERS[name], before), tools_under(SERVERS[name], now)
    for tool in old:
        if tool not in new:
            server.remove_tool(tool.name)
    for tool in new:
        if tool not in old:
            _add(server, tool)


def tools_under(sketch: ServerSketch, fault: Fault) -> tuple[ToolSketch, ...]:
    """Under TOOLS_CHANGED the last tool is gone and another one, new with every variant, is there instead."""
    if fault.kind is not FaultKind.TOOLS_CHANGED:
        return sketch.tools
    new = ToolSketch(f"preview_tool_v{fault.variant + 1}", "An experiment of the vendor.", ("input",))
    return (*sketch.tools[:-1], new)


def _add(server: MCPServer, tool: ToolSketch) -> None:
    server.add_tool(_function(tool), name=tool.name, description=tool.description)


def _function(tool: ToolSketch) -> Callable[..., str]:
    """A function whose signature is the tool's, from which the SDK makes the input schema."""

    def answer(**_arguments: str) -> str:
        return f"{tool.name}: a canned answer of the demo"

    parameters = [Parameter(name, Parameter.KEYWORD_ONLY, annotation=str) for name in tool.parameters]
    answer.__signature__ = Signature(parameters, return_annotation=str)  # type: ignore[attr-defined]
    answer.__name__ = tool.name
    return answer
