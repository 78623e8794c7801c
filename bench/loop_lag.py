"""How long a collector under load keeps others waiting: what it says itself, and what a visitor sees."""

import http.client
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles

from bench.figure import Figure

#: A sample of the text format of Prometheus: a bucket of the histogram of the event loop's lag, in seconds.
_BUCKET = re.compile(r'^\w*event_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', re.MULTILINE)
#: The gauge of the worst lag of the last minute, in seconds.
_WORST = re.compile(r"^\w*event_loop_lag(?:_worst)?_seconds (\S+)", re.MULTILINE)
_PAUSE_SECONDS = 0.02
LIMIT_MS = 50.0


class LagSeen:
    """Watches the collector that listens on `port` of 127.0.0.1, series by series."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._figures: list[Figure] = []

    def figures(self) -> list[Figure]:
        """What was seen so far."""
        return self._figures

    @contextmanager
    def watching(self, name: str) -> Iterator[None]:
        """Watch for as long as the block runs."""
        before, over, waits = _buckets(self._metrics()), threading.Event(), list[float]()
        visitor = threading.Thread(target=self._visit, args=(over, waits))
        visitor.start()
        try:
            yield
        finally:
            over.set()
            visitor.join()
        told = self._metrics()
        counts = {bound: count - before.get(bound, 0.0) for bound, count in _buckets(told).items()}
        hundredths = quantiles(waits, n=100)
        measured: list[tuple[str, float, float | None]] = [
            ("GET /healthz answered, 99 %", hundredths[98], None),
            ("GET /healthz answered, worst", max(waits), None),
        ]
        if counts:
            measured.append(("event loop's lag, 99 %", _at(0.99, counts), LIMIT_MS))
        if worst := _WORST.search(told):
            # A collector that tells no shares has to keep the limit with its worst.
            limit = None if counts else LIMIT_MS
            measured.append(("event loop's lag, worst of the last minute", float(worst[1]), limit))
        self._figures += [
            Figure(f"{what}, {name}", 1000 * seconds, "ms", limit) for what, seconds, limit in measured
        ]

    def _visit(self, over: threading.Event, waits: list[float]) -> None:
        """Ask for /healthz fifty times a second."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        while not over.wait(_PAUSE_SECONDS):
            started = time.perf_counter()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            waits.append(time.perf_counter() - started)
        connection.close()

    def _metrics(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return text


def _buckets(metrics: str) -> dict[float, float]:
    """Upper bound in seconds → how many samples were not above it since the start."""
    return {float(bound): float(count) for bound, count in _BUCKET.findall(metrics)}


def _at(share: float, counts: dict[float, float]) -> float:
    """The bound below which `share` of the samples are, as a straight line through its bucket has it."""
    wanted = share * max(counts.values())
    lower, below = 0.0, 0.0
    for bound, count in sorted(counts.items()):
        if count >= wanted:
            upper = lower if bound == float("inf") else bound
            return lower + (upper - lower) * (wanted - below) / max(1.0, count - below)
        lower, below = bound, count
    return lower
