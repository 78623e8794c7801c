"""The conversation of a check: agree on a generation of the protocol, list all tools, call one if asked to.

MCP has two generations. The older one opens with `initialize`; the one of 2026-07-28 keeps no session and
answers `server/discover`. A server of the older kind may ignore what it does not know, so silence is no
answer, and how a server spoke the last time is worth remembering.
https://modelcontextprotocol.io/specification/2026-07-28/changelog
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import mcp_types as types
from mcp import ClientSession, MCPError
from mcp.shared.inbound import MCP_METHOD_HEADER, MCP_PROTOCOL_VERSION_HEADER
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.message import SessionMessage
from mcp_types.version import LATEST_MODERN_VERSION, MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from analytics.model import Reason
from collector.probes.base import ProbeFailure, Steps
from collector.probes.mcp_errors import causes, quoted, rpc_failure
from collector.probes.mcp_options import Era

if TYPE_CHECKING:
    from mcp.shared._stream_protocols import ReadStream, WriteStream

CLIENT = types.Implementation(name="integration-health-dashboard", version="0.1.0")

#: Seconds an unknown server is waited for before it is asked in the older way too; and the share of the
#: deadline that any server is waited for, also one that was of the newer kind the last time.
_PATIENCE, _PATIENCE_SHARE = 2.5, 0.3

#: More pages than any server has tools for.
_MOST_PAGES = 100
#: Answers to `initialize` of a server that speaks the newer generation only.
_NOT_LEGACY = (types.METHOD_NOT_FOUND, types.UNSUPPORTED_PROTOCOL_VERSION, types.INVALID_REQUEST)


class Link(Protocol):
    """A connection to a server: the streams of a session, and what the transport knows beside them."""

    @property
    def read(self) -> "ReadStream[SessionMessage | Exception]":
        """What the server sends."""
        ...

    @property
    def write(self) -> "WriteStream[SessionMessage]":
        """What the server is sent."""
        ...

    def settles(self) -> bool:
        """Whether what happened last settles the check, so that no other request would fare better."""
        ...

    async def heard(self, message: object) -> None:
        """Take note of a notification of the server, or of what arrived and is no message."""
        ...

    def explain(self, error: BaseException, step: str) -> ProbeFailure | None:
        """Why the session failed with `error` during `step`; None when the service is not to blame."""
        ...


def explained(link: Link, error: Exception, steps: Steps) -> Exception:
    """`error`, which may be a group, as the failure it comes from; itself when it is a fault of ours."""
    chain = list(causes(error))
    step = steps.unfinished or "connect"
    # What broke the connection says more than that it is closed.
    for found in sorted(chain, key=lambda found: isinstance(found, MCPError)):
        failure = found if isinstance(found, ProbeFailure) else link.explain(found, step)
        if failure is not None:
            return failure
    return error


@dataclass(frozen=True, slots=True)
class Conversation:
    """A session of one check, which has `timeout` seconds."""

    session: ClientSession
    dispatcher: JSONRPCDispatcher[Any]
    link: Link
    steps: Steps
    timeout: float

    async def open(self, wanted: Era, known: str | None) -> Literal["legacy", "modern"]:
        """Agree on a generation: `wanted`, or by asking; `known` is how the server spoke the last time."""
        if wanted == "legacy":
            await self._initialize()
            return "legacy"
        if wanted == "modern":
            self.session.adopt(await self._discover())
            return "modern"
        if known == "legacy":
            return await self._initialize_or_discover()
        longest = self.timeout * _PATIENCE_SHARE
        return await self._discover_or_initialize(longest if known == "modern" else min(longest, _PATIENCE))

    async def tools(self) -> list[types.Tool]:
        """All tools, through all pages. Raises `ProbeFailure` when the pages do not end."""
        found: list[types.Tool] = []
        cursor: str | None = None
        seen: set[str] = set()
        with self.steps.step("tools/list"):
            for _ in range(_MOST_PAGES):
                params = types.PaginatedRequestParams(cursor=cursor) if cursor else None
                page = await self.session.list_tools(params=params)
                found += page.tools
                cursor = page.next_cursor
                if not cursor:
                    return found
                if cursor in seen:
                    raise ProbeFailure(Reason.PROTOCOL, f"tools/list names page {quoted(cursor, 40)!r} twice")
                seen.add(cursor)
            raise ProbeFailure(Reason.PROTOCOL, f"tools/list does not end after {_MOST_PAGES} pages")

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> tuple[bool, str]:
        """Call a tool: whether it says it failed, and all text of its answer."""
        with self.steps.step("tools/call"):
            try:
                answer = await self.session.call_tool(tool, dict(arguments), allow_input_required=True)
            except RuntimeError as error:
                raise ProbeFailure(Reason.PROTOCOL, f"{tool} failed: {quoted(str(error))}") from error
        if not isinstance(answer, types.CallToolResult):
            raise ProbeFailure(Reason.UNHEALTHY, f"{tool} asks for more input; call a tool that needs none")
        texts = [block.text for block in answer.content if isinstance(block, types.TextContent)]
        if answer.structured_content is not None:
            texts.append(json.dumps(answer.structured_content, ensure_ascii=False))
        return answer.is_error, "\n".join(texts)

    async def _initialize(self) -> None:
        with self.steps.step("initialize"):
            try:
                await self.session.initialize()
            except RuntimeError as error:
                raise ProbeFailure(Reason.PROTOCOL, f"initialize failed: {quoted(str(error))}") from error

    async def _discover(self) -> types.DiscoverResult:
        """Ask for the newer generation, without the fixed ten seconds of the SDK: the deadline is ours."""
        params = {
            "_meta": {
                types.PROTOCOL_VERSION_META_KEY: LATEST_MODERN_VERSION,
                types.CLIENT_INFO_META_KEY: CLIENT.model_dump(by_alias=True, mode="json", exclude_none=True),
                types.CLIENT_CAPABILITIES_META_KEY: {},
            }
        }
        headers = {MCP_PROTOCOL_VERSION_HEADER: LATEST_MODERN_VERSION, MCP_METHOD_HEADER: "server/discover"}
        with self.steps.step("discover"):
            raw = await self.dispatcher.send_raw_request(
                "server/discover", params, {"cancel_on_abandon": False, "headers": headers}
            )
        # Nothing is cached here, and a negative time to live must not make the answer invalid.
        found = types.DiscoverResult.model_validate({**raw, "ttlMs": 0}, by_name=False)
        if not set(found.supported_versions) & set(MODERN_PROTOCOL_VERSIONS):
            spoken = quoted(", ".join(found.supported_versions))
            raise ProbeFailure(Reason.PROTOCOL, f"speaks no version this client knows, only {spoken}")
        return found

    async def _initialize_or_discover(self) -> Literal["legacy", "modern"]:
        try:
            await self._initialize()
        except MCPError as error:
            if error.code not in _NOT_LEGACY or self.link.settles():
                raise
            self.session.adopt(await self._discover())
            return "modern"
        return "legacy"

    async def _discover_or_initialize(self, patience: float) -> Literal["legacy", "modern"]:
        """The newer generation if the server answers for it, else the older one.

        A server that is silent for `patience` seconds is asked `initialize` as well, and the first good
        answer counts: it may be of the older kind, or only slow to start.
        """
        discover = asyncio.create_task(self._discover())
        initialize: asyncio.Task[None] | None = None
        try:
            await asyncio.wait({discover}, timeout=patience)
            if not discover.done():
                initialize = asyncio.create_task(self._initialize())
                await asyncio.wait({discover, initialize}, return_when=asyncio.FIRST_COMPLETED)
                if not discover.done() and initialize.exception() is not None:
                    await asyncio.wait({discover})
            if discover.done() and self._accepted(discover):
                return "modern"
            try:
                await (initialize or self._initialize())
            except MCPError as error:
                raise _newer_still(discover, error) or error from error
            return "legacy"
        finally:
            await _cancelled(discover, initialize)

    def _accepted(self, discover: asyncio.Task[types.DiscoverResult]) -> bool:
        """Whether the server speaks the newer generation; raises what no other request would mend."""
        error = discover.exception()
        if error is None:
            self.session.adopt(discover.result())
            return True
        refused = isinstance(error, MCPError | ValidationError | ProbeFailure)
        if not refused or self.link.settles():
            raise error
        return False


def _newer_still(discover: "asyncio.Task[types.DiscoverResult]", error: MCPError) -> ProbeFailure | None:
    """What discover said, where it is the reason that `initialize` was refused with `error`."""
    said = discover.exception()
    if error.code not in _NOT_LEGACY:
        return None
    if isinstance(said, MCPError) and said.code == types.UNSUPPORTED_PROTOCOL_VERSION:
        return rpc_failure(said, "discover")
    return said if isinstance(said, ProbeFailure) else None


async def _cancelled(*tasks: asyncio.Task[Any] | None) -> None:
    started = [task for task in tasks if task is not None]
    for task in started:
        task.cancel()
    await asyncio.gather(*started, return_exceptions=True)
