"""The load on the receiver: one series of requests, sent from a process of its own.

`python -m bench.ingest_load SERIES PORT SECONDS` makes its bodies, prints `ready`, waits for a line, sends
until the time is over or the bodies are, and prints what it saw as JSON. The token comes from HEALTH_TOKEN. A
request that is refused for now (429, 503) is sent again when its answer says so.
"""

import asyncio
import gc
import itertools
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bench.ingest_bodies import ndjson, otlp_json, protobuf, zipped

_NDJSON = ("/ingest/api-metrics", "application/x-ndjson")
_TRACES = "/v1/traces"


@dataclass(frozen=True, slots=True)
class Series:
    """Requests with `rows` rows each from `senders` at once; bodies are made for `most` rows a second."""

    path: str
    content_type: str
    rows: int
    senders: int
    most: int
    bodies: Callable[[int], Iterator[bytes]]
    coding: str = ""

    def head(self, port: int, token: str, size: int) -> bytes:
        """The head of a request with a body of `size` bytes."""
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"host: 127.0.0.1:{port}",
            f"authorization: Bearer {token}",
            f"content-type: {self.content_type}",
            f"content-length: {size}",
            *([f"content-encoding: {self.coding}"] if self.coding else []),
        ]
        return "\r\n".join([*lines, "", ""]).encode()


def _each(make: Callable[[int], bytes]) -> Callable[[int], Iterator[bytes]]:
    return lambda rows: (make(rows) for _ in itertools.count())


SERIES = {
    "ndjson": Series(*_NDJSON, 20_000, 4, 90_000, _each(ndjson)),
    "gzip": Series(*_NDJSON, 20_000, 4, 90_000, _each(zipped), "gzip"),
    "small": Series(*_NDJSON, 10, 200, 20_000, _each(ndjson)),
    "protobuf": Series(_TRACES, "application/x-protobuf", 512, 8, 40_000, protobuf),
    "protobuf-large": Series(_TRACES, "application/x-protobuf", 8192, 4, 40_000, protobuf),
    "json": Series(_TRACES, "application/json", 512, 8, 25_000, otlp_json),
}


@dataclass(slots=True)
class _Seen:
    """What became of the requests: the seconds each took until it was taken in, and answers by status."""

    taken: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)


class _Connection:
    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, head: bytes, body: bytes) -> tuple[int, float]:
        """The status of the answer, and after how many seconds it asks to come again."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(head)
        writer.write(body)
        await writer.drain()
        status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        return int(status.split()[1]), float(headers.get("retry-after", "1"))

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


async def _send(
    series: Series, port: int, token: str, bodies: Iterator[bytes], until: float, seen: _Seen
) -> None:
    """Send one body after the other until the clock is past `until`."""
    connection = _Connection(port)
    for body in bodies:
        head = series.head(port, token, len(body))
        started = time.perf_counter()
        while True:
            status, again = await connection.post(head, body)
            seen.answers[status] += 1
            if status not in (429, 503):
                break
            await asyncio.sleep(again)
        now = time.perf_counter()
        if 200 <= status < 300:
            seen.taken.append(now - started)
        if now >= until:
            break
    connection.close()


async def _run(series: Series, port: int, seconds: float, bodies: list[bytes]) -> dict[str, object]:
    token = os.environ["HEALTH_TOKEN"]
    shared, seen = iter(bodies), _Seen()
    started = time.perf_counter()
    until = started + seconds
    async with asyncio.TaskGroup() as group:
        for _ in range(series.senders):
            group.create_task(_send(series, port, token, shared, until, seen))
    return {
        "rows": series.rows * len(seen.taken),
        "seconds": time.perf_counter() - started,
        "taken_ms": [round(1000 * value, 1) for value in sorted(seen.taken)],
        "answers": dict(seen.answers),
        "bytes": sum(map(len, bodies[: series.senders])) // series.senders,
    }


def main(name: str, port: str, seconds: str) -> None:
    """Make the bodies, wait for the word, send, tell."""
    series = SERIES[name]
    count = max(2 * series.senders, round(float(seconds) * series.most / series.rows))
    bodies = list(itertools.islice(series.bodies(series.rows), count))
    gc.freeze()
    gc.disable()
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asyncio.run(_run(series, int(port), float(seconds), bodies))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
