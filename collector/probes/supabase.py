"""Placeholder of the supabase probe."""

from analytics.model import Finding
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.options import ProbeOptions


class SupabaseOptions(ProbeOptions):
    """Options of supabase."""


async def probe(options: SupabaseOptions, context: ProbeContext) -> Finding:
    raise RuntimeError("to be written")


KIND = ProbeKind("supabase", SupabaseOptions, probe)
