"""Placeholder of the postgres probe."""

from analytics.model import Finding
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.options import ProbeOptions


class PostgresOptions(ProbeOptions):
    """Options of postgres."""


async def probe(options: PostgresOptions, context: ProbeContext) -> Finding:
    raise RuntimeError("to be written")


KIND = ProbeKind("postgres", PostgresOptions, probe)
