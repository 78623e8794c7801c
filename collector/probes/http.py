"""Placeholder of the http probe."""

from analytics.model import Finding
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.options import ProbeOptions


class HttpOptions(ProbeOptions):
    """Options of http."""


async def probe(options: HttpOptions, context: ProbeContext) -> Finding:
    raise RuntimeError("to be written")


KIND = ProbeKind("http", HttpOptions, probe)
