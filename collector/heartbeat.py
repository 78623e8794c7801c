"""Tells somebody outside that the collector is alive: who watches the watcher.

The convention is that of Healthchecks.io (https://healthchecks.io/docs/http_api/), which others share: a POST
to the address says "well", one to the same address with `/fail` behind its path says "trouble", and silence
says the rest. A `/start` is not sent: it measures how long a job runs, and would double the requests of a
program that never ends.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from collector import __version__
from collector.log import Logger
from collector.secrets import MissingVariables, Redactor, fill

#: Services of this kind keep a short body with each beat; more would be cut there.
_LONGEST_BODY = 1000
_LONGEST_ANSWER = 200
_HEADERS = {
    "Content-Type": "text/plain; charset=utf-8",
    "User-Agent": f"integration-health-dashboard/{__version__}",
}


@dataclass(frozen=True, slots=True)
class HeartbeatSettings:
    """Where the heartbeat goes, with its `${NAME}` as written, and how long one may take."""

    url: str = field(repr=False)
    timeout: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class HeartbeatState:
    """Whether the newest beat was taken (None: none was sent yet), and when one was last."""

    up: bool | None
    taken_at: datetime | None


class Heartbeat:
    """Sends beats beside the work; off without settings, or when a variable of them is not set.

    The address is a secret: whoever has it can say that all is well. It is in no log and no exception.
    """

    def __init__(
        self,
        settings: HeartbeatSettings | None,
        environment: Mapping[str, str],
        http: httpx.AsyncClient,
        log: Logger,
        now: Callable[[], datetime],
        redactor: Redactor | None = None,
    ) -> None:
        self._http = http
        self._log = log
        self._now = now
        self._url: httpx.URL | None = None
        self._timeout = settings.timeout.total_seconds() if settings else 0.0
        self._next: tuple[bool, str] | None = None
        self._task: asyncio.Task[None] | None = None
        self._up: bool | None = None
        self._taken_at: datetime | None = None
        if settings is not None:
            self._url = self._address(settings, environment, redactor or Redactor())

    @property
    def on(self) -> bool:
        """Whether beats are sent."""
        return self._url is not None

    def state(self) -> HeartbeatState | None:
        """How it goes; None when no beats are sent."""
        return HeartbeatState(self._up, self._taken_at) if self.on else None

    async def beat(self, ok: bool, summary: str) -> None:
        """Send a beat soon and return at once; `summary` is a line for people (how many services are down).

        One beat is under way at a time; of those that come meanwhile the newest is sent after it.
        """
        if self._url is None:
            return
        self._next = (ok, summary)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send_waiting(self._url))

    async def settle(self) -> None:
        """Return when every beat has been sent or has failed, each within its timeout."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _address(
        self, settings: HeartbeatSettings, environment: Mapping[str, str], redactor: Redactor
    ) -> httpx.URL | None:
        try:
            filled = str(fill(settings.url, environment, redactor))
            redactor.learn(filled)
            url = httpx.URL(filled)
            if url.scheme in ("http", "https") and url.host:
                return url
        except MissingVariables as missing:
            self._log.warning("heartbeat_off", variables=", ".join(missing.names))
            return None
        except (httpx.InvalidURL, ValueError):
            pass
        self._log.warning("heartbeat_off", reason="heartbeat.url is no address; write https://…")
        return None

    async def _send_waiting(self, url: httpx.URL) -> None:
        while self._next is not None:
            (ok, summary), self._next = self._next, None
            fault = await self._send(url if ok else fail_address(url), summary)
            if fault is None:
                self._taken_at = self._now()
                if self._up is False:
                    self._log.info("heartbeat_taken_again")
            elif self._up is not False:
                self._log.warning("heartbeat_failing", reason=fault)
            self._up = fault is None

    async def _send(self, url: httpx.URL, summary: str) -> str | None:
        """None when the beat was taken, otherwise why not, without the address."""
        body = f"{summary}\nversion {__version__}\n".encode()[:_LONGEST_BODY]
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._http.stream(
                    "POST", url, content=body, headers=_HEADERS, follow_redirects=False, timeout=None
                ) as answer,
            ):
                said = await _beginning(answer)
        except TimeoutError:
            return f"no answer within {self._timeout:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return f"it cannot be reached ({type(error).__name__})"
        except Exception as error:  # noqa: BLE001  whatever it is, the work goes on
            return f"something unexpected ({type(error).__name__})"
        if not 200 <= answer.status_code <= 299:
            return f"it answers HTTP {answer.status_code}"
        # To an address of the right form that nobody has, the answer is 200 with these words.
        return "it answers that there is no such check" if said.startswith(b"OK (not found)") else None


async def _beginning(answer: httpx.Response) -> bytes:
    said = b""
    async for piece in answer.aiter_raw():
        said += piece
        if len(said) >= _LONGEST_ANSWER:
            break
    return said[:_LONGEST_ANSWER]


def fail_address(url: httpx.URL) -> httpx.URL:
    """`url` with `/fail` behind its path; a query string stays behind that."""
    path, mark, query = url.raw_path.partition(b"?")
    return url.copy_with(raw_path=path.rstrip(b"/") + b"/fail" + mark + query)
