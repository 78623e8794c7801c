"""Placeholder of the fly probe."""

from analytics.model import Finding
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.options import ProbeOptions


class FlyOptions(ProbeOptions):
    """Options of fly."""


async def probe(options: FlyOptions, context: ProbeContext) -> Finding:
    raise RuntimeError("to be written")


KIND = ProbeKind("fly", FlyOptions, probe)
