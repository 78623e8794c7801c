"""A server that takes 5 to 80 ms for each request and keeps its own measure of it.

`python -m bench.slow_server` prints its port and serves until it is terminated.
"""

import asyncio
import json
import random
import time

REPORT_PATH = "/report"

_FASTEST_SECONDS, _SLOWEST_SECONDS = 0.005, 0.080


class SlowServer(asyncio.Protocol):
    """One connection. `served` maps a path to its requests: seconds since 1970 when it came, milliseconds."""

    def __init__(self, served: dict[str, list[tuple[float, float]]]) -> None:
        self._served = served
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        arrived = time.perf_counter()
        self._head += data
        if not self._head.endswith(b"\r\n\r\n"):
            return
        path = self._head.split(b" ", 2)[1].decode()
        if path == REPORT_PATH:
            self._answer(json.dumps(self._served).encode())
            return
        pause = random.uniform(_FASTEST_SECONDS, _SLOWEST_SECONDS)
        asyncio.get_running_loop().call_later(pause, self._answer_late, path, arrived)

    def _answer_late(self, path: str, arrived: float) -> None:
        self._answer(b"ok")
        seconds = time.perf_counter() - arrived
        self._served.setdefault(path, []).append((time.time() - seconds, 1000.0 * seconds))

    def _answer(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self._transport.write(head.encode() + body)
        self._transport.close()


async def serve() -> None:
    """Print the port and serve for ever."""
    served: dict[str, list[tuple[float, float]]] = {}
    server = await asyncio.get_running_loop().create_server(
        lambda: SlowServer(served), "127.0.0.1", 0, backlog=2048
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
