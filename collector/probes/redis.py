"""Placeholder of the redis probe."""

from analytics.model import Finding
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.options import ProbeOptions


class RedisOptions(ProbeOptions):
    """Options of redis."""


async def probe(options: RedisOptions, context: ProbeContext) -> Finding:
    raise RuntimeError("to be written")


KIND = ProbeKind("redis", RedisOptions, probe)
