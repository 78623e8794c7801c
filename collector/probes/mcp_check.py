"""A check of an MCP server: the handshake of a client, all tools, and one read-only tool call if asked for.

A check passes only on answers. Entering a connection proves nothing: the newer generation of the protocol
sends nothing on connect, and a started program may never speak. See docs/probes/mcp.md for users.
"""

import logging
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

from mcp import ClientSession, MCPError
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp_types import METHOD_NOT_FOUND, Tool

from analytics.model import Finding, Reason
from collector.probes.base import ProbeContext, ProbeFailure
from collector.probes.mcp_errors import quoted
from collector.probes.mcp_http import reached
from collector.probes.mcp_options import McpOptions, ToolCall
from collector.probes.mcp_session import CLIENT, Conversation, Link
from collector.probes.mcp_stdio import started
from collector.probes.mcp_tools import Changes, changes, fingerprint, listed

#: Characters of a sentence that names tools: their names come from the server.
_LONGEST = 500

# The SDK logs what is judged here; without a handler Python would print its tracebacks to standard error.
for _name in ("mcp", "client", "httpx2"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


async def probe(options: McpOptions, context: ProbeContext) -> Finding:
    """One check of one MCP server; what becomes known on the way goes into `context.notes`.

    `latency_ms` runs from the start of the program, or of the connection, to the last answer. The end of
    the session and of the program does not count.
    """
    context.notes["transport"] = options.speaks
    begun = time.perf_counter()
    async with _link(options, context) as link:
        dispatcher = JSONRPCDispatcher[Any](link.read, link.write)
        async with ClientSession(
            dispatcher=dispatcher, client_info=CLIENT, message_handler=link.heard
        ) as session:
            talk = Conversation(session, dispatcher, link, context.steps, context.timeout)
            context.notes["era"] = await talk.open(options.era, context.previous.get("era"))
            context.notes.update(_identity(session))
            tools = await _tools(talk)
            finding = _judge(options, context, tools)
            if options.call is not None:
                _judge_call(options.call, *await talk.call(options.call.tool, options.call.arguments))
            latency_ms = 1000.0 * (time.perf_counter() - begun)
            context.answered()
    return replace(finding, latency_ms=latency_ms)


def _link(options: McpOptions, context: ProbeContext) -> AbstractAsyncContextManager[Link]:
    return started(options, context) if options.speaks == "stdio" else reached(options, context)


def _identity(session: ClientSession) -> dict[str, Any]:
    """Who answered, and what it says it can do."""
    server, capabilities = session.server_info, session.server_capabilities
    offered = capabilities.model_dump(by_alias=True, exclude_none=True) if capabilities else {}
    return {
        "server_name": (quoted(server.name) or None) if server else None,
        "server_version": (quoted(server.version) or None) if server else None,
        "protocol_version": session.protocol_version,
        "capabilities": sorted(offered),
    }


async def _tools(talk: Conversation) -> list[Tool]:
    try:
        return await talk.tools()
    except MCPError as error:
        capabilities = talk.session.server_capabilities
        if error.code == METHOD_NOT_FOUND and capabilities is not None and capabilities.tools is None:
            return []  # a server may offer resources or prompts alone, and it says so
        raise


def _judge(options: McpOptions, context: ProbeContext, tools: list[Tool]) -> Finding:
    """The tool list against what is expected, and against the last one that was seen."""
    now = fingerprint((tool.name, tool.input_schema) for tool in tools)
    context.notes.update(tool_count=len(tools), tools_hash=now.whole, tools=dict(now.each))
    before = context.previous.get("tools")
    difference = changes(before, now.each) if isinstance(before, dict) else Changes()
    missing = [name for name in options.expect_tools if name not in now.each]
    details: dict[str, Any] = {**difference.as_details(), **({"tools_missing": missing} if missing else {})}
    faults = [f"missing {listed(missing)}"] if missing else []
    faults += [difference.in_words()] if difference else []
    if faults:
        message = quoted(f"the tool list changed: {'; '.join(faults)}", _LONGEST)
        return Finding(False, Reason.SCHEMA_CHANGED, message, details)
    server, version = context.notes["server_name"], context.notes["server_version"]
    name = " ".join(part for part in (server, version) if part) or "the server"
    plural = "" if len(tools) == 1 else "s"
    return Finding(True, Reason.OK, f"{name} offers {len(tools)} tool{plural}")


def _judge_call(call: ToolCall, failed: bool, text: str) -> None:
    """Raises `ProbeFailure` unless the tool answered as it should."""
    said = quoted(text) or "nothing"
    if failed:
        raise ProbeFailure(Reason.UNHEALTHY, f"{call.tool} failed: {said}")
    if call.reject is not None and call.reject in text:
        raise ProbeFailure(Reason.UNHEALTHY, f"{call.tool} answered with {call.reject!r}: {said}")
    if call.expect is not None and call.expect not in text:
        raise ProbeFailure(Reason.UNHEALTHY, f"{call.tool} answered without {call.expect!r}: {said}")
