"""What a call through ApiClient costs beyond the same call through httpx.

Run it with `python -m bench.client_overhead`. Both ask the same server, in another process on loopback, in
turns, so that whatever else the machine does falls on both alike. The rows go to a real reporter, which sends
them to the same server.
"""

import asyncio
import statistics
import subprocess
import sys
import time

import httpx

from bench.figure import Figure, table
from collector.client import ApiClient, HttpReporter, SyncApiClient

CALLS = 2000
LIMIT_MS = 0.2

_WARM_UP = 100
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
_PATH = "/v1/orders/4242.json"


def measure(calls: int = CALLS) -> list[Figure]:
    """`calls` calls each way, through both faces."""
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.client_overhead", "serve"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        reporter = HttpReporter(url, capacity=100_000)
        plain = _plain(url, reporter, calls)
        asynchronous = asyncio.run(_asynchronous(url, reporter, calls))
        reporter.close(10)
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()
    return [
        *_figures("SyncApiClient", *plain),
        *_figures("ApiClient", *asynchronous),
        Figure("rows the reporter lost meanwhile", reporter.dropped, "", 0),
    ]


def _plain(url: str, reporter: HttpReporter, calls: int) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    theirs: list[float] = []
    with httpx.Client(base_url=url) as http, SyncApiClient("shop", base_url=url, recorder=reporter) as client:
        for _ in range(calls + _WARM_UP):
            started = time.perf_counter()
            http.get(_PATH)
            between = time.perf_counter()
            client.get(_PATH)
            ours.append(1000.0 * (time.perf_counter() - between))
            theirs.append(1000.0 * (between - started))
    return ours[_WARM_UP:], theirs[_WARM_UP:]


async def _asynchronous(url: str, reporter: HttpReporter, calls: int) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    theirs: list[float] = []
    async with (
        httpx.AsyncClient(base_url=url) as http,
        ApiClient("shop", base_url=url, recorder=reporter) as client,
    ):
        for _ in range(calls + _WARM_UP):
            started = time.perf_counter()
            await http.get(_PATH)
            between = time.perf_counter()
            await client.get(_PATH)
            ours.append(1000.0 * (time.perf_counter() - between))
            theirs.append(1000.0 * (between - started))
    return ours[_WARM_UP:], theirs[_WARM_UP:]


def _figures(name: str, ours: list[float], theirs: list[float]) -> list[Figure]:
    base = statistics.median(theirs)
    return [
        Figure(f"a call through httpx, beside {name}, median", base, "ms"),
        Figure(f"what {name} adds to it, median", statistics.median(ours) - base, "ms", LIMIT_MS),
    ]


class _Answering(asyncio.Protocol):
    """One connection that stays open; every request is answered at once, whatever it is."""

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, rest = self._received.partition(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0].strip()
            missing = int(length or 0)
            if len(rest) < missing:
                return
            self._received = rest[missing:]
            self._transport.write(_ANSWER)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(_serve())
    else:
        print(table(measure()))
