"""A simulation of Redis: a server that speaks enough RESP for a client to log in, PING and ask for INFO.

It keeps no data. RESP2 and RESP3: https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

import asyncio
import socket
import time

from analytics.model import ServiceKey, ServiceType
from collector.demo.script import FaultKind
from collector.demo.services import probed
from collector.demo.stage import Stage

PASSWORD = "demo"  # noqa: S105  a simulation on loopback

_KEY = ServiceKey(ServiceType.INFRASTRUCTURE, "redis")
_SILENCE_SECONDS = 600.0
_LONGEST_LINE = 4096
_STARTED = time.monotonic()

_INFO = """\
# Server
redis_version:7.4.1
redis_mode:standalone
os:simulated by the demo
uptime_in_seconds:{uptime}
# Clients
connected_clients:3
blocked_clients:0
maxclients:10000
# Memory
used_memory:{memory}
used_memory_human:{megabytes}M
maxmemory:268435456
maxmemory_policy:allkeys-lru
mem_fragmentation_ratio:1.09
# Persistence
loading:0
rdb_changes_since_last_save:12
rdb_bgsave_in_progress:0
rdb_last_save_time:{saved}
rdb_last_bgsave_status:ok
aof_enabled:0
aof_last_write_status:ok
# Stats
total_connections_received:{uptime}
rejected_connections:0
evicted_keys:0
keyspace_hits:90210
keyspace_misses:1412
# Replication
role:master
connected_slaves:0
# Keyspace
db0:keys=1840,expires=1201,avg_ttl=3600000
"""


class SimulatedRedis:
    """Serves on `sock` until closed; every command is answered as the script has it."""

    def __init__(self, stage: Stage, sock: socket.socket) -> None:
        self._stage = stage
        self._socket = sock
        self._server: asyncio.Server | None = None
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{sock.getsockname()[1]}/0"

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, sock=self._socket)

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session()
        try:
            while words := await _read_command(reader):
                await self._delay(words[0])
                writer.write(session.answer(words))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            writer.close()

    async def _delay(self, command: str) -> None:
        """What is asked of the server takes time; what opens a connection does not."""
        if command.upper() not in ("PING", "INFO"):
            return
        fault, service = self._stage.fault(_KEY), probed(_KEY)
        if fault.kind is FaultKind.SILENT:
            await asyncio.sleep(_SILENCE_SECONDS)
        await asyncio.sleep(self._stage.seconds(service.latency, service.requests) + fault.delay_ms / 1000.0)


class _Session:
    """One connection: whether it is logged in, and which RESP it speaks."""

    def __init__(self) -> None:
        self._logged_in = False
        self._protocol = 2

    def answer(self, words: list[str]) -> bytes:
        command = words[0].upper()
        if command == "HELLO":
            return self._hello(words)
        if command == "AUTH":
            return b"+OK\r\n" if self._log_in(words[-1]) else _WRONG_PASSWORD
        if not self._logged_in:
            return b"-NOAUTH Authentication required.\r\n"
        if command == "PING":
            return b"+PONG\r\n"
        if command == "INFO":
            return _bulk(_info())
        if command in ("CLIENT", "SELECT", "QUIT"):
            return b"+OK\r\n"
        return f"-ERR unknown command '{words[0]}': this is a simulation\r\n".encode()

    def _log_in(self, password: str) -> bool:
        self._logged_in = password == PASSWORD
        return self._logged_in

    def _hello(self, words: list[str]) -> bytes:
        """HELLO [2|3] [AUTH user password]; answers a map in RESP3, a flat list in RESP2."""
        upper = [word.upper() for word in words]
        if "AUTH" in upper and not self._log_in(words[upper.index("AUTH") + 2]):
            return _WRONG_PASSWORD
        if not self._logged_in:
            return b"-NOAUTH HELLO must be called with the client already authenticated.\r\n"
        if len(words) > 1 and words[1] in ("2", "3"):
            self._protocol = int(words[1])
        words = ["server", "redis", "version", "7.4.1", "mode", "standalone", "role", "master", "proto"]
        size = (len(words) + 1) // 2
        head = f"%{size}\r\n" if self._protocol == 3 else f"*{2 * size}\r\n"
        return head.encode() + b"".join(map(_bulk, words)) + b":%d\r\n" % self._protocol


_WRONG_PASSWORD = b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"


async def _read_command(reader: asyncio.StreamReader) -> list[str]:
    """The words of the next command, an array of bulk strings; empty at the end of the connection."""
    line = await reader.readline()
    if not line:
        return []
    if not line.startswith(b"*") or len(line) > _LONGEST_LINE:
        raise ValueError("no array of bulk strings")
    words = []
    for _ in range(int(line[1:])):
        size = int((await reader.readline())[1:])
        words.append((await reader.readexactly(size + 2))[:size].decode())
    return words


def _bulk(text: str) -> bytes:
    data = text.encode()
    return b"$%d\r\n%s\r\n" % (len(data), data)


def _info() -> str:
    """INFO with figures that move a little."""
    uptime = int(time.monotonic() - _STARTED) + 1_000_000
    megabytes = 41 + uptime % 300 / 60
    text = _INFO.format(
        uptime=uptime,
        memory=int(megabytes * 1_048_576),
        megabytes=f"{megabytes:.2f}",
        saved=int(time.time()) - 45,
    )
    return text.replace("\n", "\r\n")
