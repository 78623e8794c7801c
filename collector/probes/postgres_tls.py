"""Asks a PostgreSQL server whether it offers TLS, before anybody logs in.

The protocol's `SSLRequest` (https://www.postgresql.org/docs/current/protocol-flow.html, section 54.2.10):
eight bytes, answered by one: S or N. The question is asked before every login by TCP, for two more reasons:
it tells a PostgreSQL server from anything else that listens there, and asyncpg must not meet anything else
(zero bytes send its parser into an endless loop, which would stop the whole collector).
"""

import asyncio
import struct

from analytics.model import Reason
from collector.probes.base import ProbeFailure

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


async def offers_tls(host: str, port: int) -> bool:
    """Whether the server says yes. Raises OSError, and `ProbeFailure` for an answer that is none."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(_SSL_REQUEST)
        answer = await reader.read(1)
    finally:
        writer.close()
    if answer == b"":
        raise ConnectionResetError
    if answer not in (b"S", b"N"):
        raise ProbeFailure(Reason.PROTOCOL, "the server does not speak the PostgreSQL protocol on this port")
    return answer == b"S"
