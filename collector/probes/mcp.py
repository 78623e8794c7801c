"""The MCP probe: its kind. The check itself is loaded when a server is to be checked.

The official SDK takes as long to import as all the rest of the collector; whoever watches no MCP server, or
only wants to see the configuration, does not wait for it.
"""

import importlib
import os

from analytics.model import Finding
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.mcp_options import McpOptions, healthy_ms, interval, timeout


def load() -> None:
    """Import what a check needs, before the time of one is measured."""
    importlib.import_module("collector.probes.mcp_check")


async def probe(options: McpOptions, context: ProbeContext) -> Finding:
    """One check of one MCP server; see `collector.probes.mcp_check.probe`."""
    from collector.probes import mcp_check

    return await mcp_check.probe(options, context)


KIND = ProbeKind(
    "mcp",
    McpOptions,
    probe,
    load=load,
    healthy_ms=2000.0,
    down_ms=10000.0,
    interval=interval,
    timeout=timeout,
    healthy_ms_for=healthy_ms,
    # Programs that start at the same time on the same cores would measure each other.
    slots=lambda options: (os.cpu_count() or 1) if options.speaks == "stdio" else None,
)
