"""The lookup of a host name before a library connects by it.

A library looks names up in the event loop's own threads; a dead name server fills those, and they hold up
the end of the process. So the name is looked up here first, in a thread that does neither.
"""

import socket

from analytics.model import Reason
from collector.probes.base import ProbeContext, ProbeFailure
from collector.probes.http_connect import Resolver, is_address
from collector.probes.network_faults import explain_lookup

_RESOLVER = Resolver()


async def look_up(host: str, port: int, context: ProbeContext) -> None:
    """Step `dns`: returns when `host` has an address. Raises `ProbeFailure` with reason `dns`."""
    if is_address(host):
        return
    try:
        with context.steps.step("dns"):
            await _RESOLVER.addresses(host, port)
    except (socket.gaierror, UnicodeError) as error:
        raise ProbeFailure(Reason.DNS, explain_lookup(error, host)) from error
