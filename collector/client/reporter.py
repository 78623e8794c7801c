"""Sends the rows of this process to the collector, from a thread of its own, at next to no cost.

The collector may be down, slow or wrong: the program goes on as before, a bounded number of rows waits, and
what is lost is counted and told.
"""

import atexit
import logging
import os
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from collector.client.arguments import default_origin, reported_origin
from collector.client.reporter_loop import Loop, Losses, Mark, Recorded
from collector.client.reporter_wire import Wire, address

DEFAULT_URL = "http://127.0.0.1:8600"
URL_VARIABLE, TOKEN_VARIABLE = "HEALTH_COLLECTOR_URL", "HEALTH_TOKEN"
#: As HEALTH_COLLECTOR_URL: report to nobody.
OFF = "off"
EXIT_SECONDS = 2.0

_log = logging.getLogger("collector.client")

_CALLS, _DELIVERIES, _CIRCUITS = "api-metrics", "webhook-metrics", "circuit-events"


class HttpReporter:
    """A recorder that posts rows to the collector at `url`, with `token` as its bearer token.

    `origin` names this program in rows that name none; `probe` is reserved. At most about
    `capacity` rows wait; further ones are dropped. `url="off"` reports to nobody. Works after a fork: a child
    starts with nothing waiting and a thread of its own. Raises ValueError for a URL or a token that cannot
    work.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        token: str | None = None,
        origin: str | None = None,
        capacity: int = 10_000,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if capacity < 1:
            raise ValueError(f"capacity is {capacity}; 1 or more would be right")
        if token and not (token.isascii() and token.isprintable()):
            raise ValueError(f"the token ({TOKEN_VARIABLE}) holds characters that no HTTP header can")
        self._url = None if url == OFF else address(url, f"the collector's URL ({URL_VARIABLE})")
        self._token = token
        self.origin = reported_origin(origin) if origin else default_origin()
        self.capacity = capacity
        self._now = now
        self._closed = False
        self._thread: threading.Thread | None = None
        self._starting = threading.RLock()
        self._fresh()
        _living.add(self)

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ, origin: str | None = None
    ) -> "HttpReporter":
        """A reporter as HEALTH_COLLECTOR_URL, HEALTH_TOKEN and the variables of `default_origin` say.

        Raises ValueError naming the variable.
        """
        url = environment.get(URL_VARIABLE, "").strip() or DEFAULT_URL
        if url != OFF:
            address(url, URL_VARIABLE)
        token = environment.get(TOKEN_VARIABLE, "").strip() or None
        return cls(url, token, origin or default_origin(environment))

    def record_call(self, row: Mapping[str, Any]) -> None:
        """Take one row of `api_metrics`; never raises, never waits."""
        self._record(_CALLS, row)

    def record_delivery(self, row: Mapping[str, Any]) -> None:
        """Take one row of `webhook_metrics`; never raises, never waits."""
        self._record(_DELIVERIES, row)

    def record_circuit_event(self, row: Mapping[str, Any]) -> None:
        """Take one row of `circuit_events`; never raises, never waits."""
        self._record(_CIRCUITS, row)

    @property
    def dropped(self) -> int:
        """Rows of this process that are lost: no room, refused, or not taken before the end."""
        return self._losses.total

    @property
    def waiting(self) -> int:
        """Rows in the queue, without those of the request under way."""
        return self._loop.waiting.qsize()

    def flush(self, timeout: float = EXIT_SECONDS) -> bool:
        """Send now; True once all recorded before is taken or refused, False after `timeout` seconds."""
        if self._thread is None or not self._thread.is_alive():
            return self._loop.waiting.empty()
        mark = Mark()
        self._loop.waiting.put(mark)
        self._loop.hurry.set()
        return mark.passed.wait(timeout) and mark.kept

    def close(self, timeout: float = EXIT_SECONDS) -> bool:
        """Flush and stop; later rows are dropped. Gives up at once when the collector is not running."""
        self._closed = True
        self._loop.end(timeout)
        kept = self.flush(timeout)
        if self._thread is not None:
            self._thread.join(0.1)
        return kept

    def _record(self, route: str, row: Mapping[str, Any]) -> None:
        if self._url is None:
            return
        if self._closed or self._loop.waiting.qsize() >= self.capacity:
            self._losses.add(1)
            return
        try:
            taken = {"timestamp": None, "origin": self.origin, **row}
        except TypeError:  # no mapping: the caller's mistake must not become the caller's outage
            self._losses.add(1)
            return
        taken["timestamp"] = taken["timestamp"] or self._now()
        if isinstance(taken["origin"], str):
            taken["origin"] = reported_origin(taken["origin"])
        self._loop.waiting.put(Recorded(route, taken))
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._loop.run, name="health-reporter", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the interpreter ends, or there can be no more threads: the next row tries
                return
            self._thread = thread
            _flush_when_this_worker_ends(self)

    def _fresh(self) -> None:
        """Nothing waits, and no thread runs: at the start, and in the child of a fork."""
        self._losses = Losses()
        self._loop = Loop(self._wire, self._losses)
        self._thread = None
        self._starting = threading.RLock()

    def _wire(self) -> Wire:
        assert self._url is not None
        return Wire(self._url, self._token, self.origin)

    def __repr__(self) -> str:
        return f"<HttpReporter of {self.origin}>"


def default_reporter() -> HttpReporter:
    """The reporter that all clients of this process share, as the environment says; starts with a row.

    An environment that cannot be right is told once, and then nothing is reported: the program goes on.
    """
    global _default
    with _default_lock:
        if _default is None:
            try:
                _default = HttpReporter.from_environment()
            except ValueError as error:
                _log.warning("%s; until then nothing is reported", error)
                _default = HttpReporter(OFF)
        return _default


def _flush_when_this_worker_ends(reporter: HttpReporter) -> None:
    """The children of multiprocessing end without atexit; its own finalizers run."""
    process, util = sys.modules.get("multiprocessing.process"), sys.modules.get("multiprocessing.util")
    if process is not None and util is not None and process.parent_process() is not None:
        util.Finalize(None, reporter.close, exitpriority=10)


def _after_fork_in_child() -> None:
    global _default_lock
    _default_lock = threading.Lock()
    for reporter in list(_living):
        reporter._fresh()


def _close_all() -> None:
    for reporter in list(_living):
        reporter.close()


_living: "weakref.WeakSet[HttpReporter]" = weakref.WeakSet()
_default: HttpReporter | None = None
_default_lock = threading.Lock()
atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
