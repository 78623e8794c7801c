"""Placeholder of the mcp probe."""

from analytics.model import Finding
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.options import ProbeOptions


class McpOptions(ProbeOptions):
    """Options of mcp."""


async def probe(options: McpOptions, context: ProbeContext) -> Finding:
    raise RuntimeError("to be written")


KIND = ProbeKind("mcp", McpOptions, probe)
