"""The process that makes the traffic: `python -m collector.demo.traffic_process`, a child of the demo.

It calls the simulated APIs through `collector.client`, which reports to the receiver, and posts deliveries to
it. The first line on standard input is a `Setup`; each further one is a moment of the script to stand still
at, as for the upstreams. It ends when standard input closes, and says then how much it has made.
"""

import asyncio
import contextlib
import json
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from collector.client import HttpReporter
from collector.demo.child import say, standard_input
from collector.demo.errands import Errands
from collector.demo.stage import ScriptClock
from collector.demo.traffic_calls import Programs
from collector.demo.traffic_deliveries import Senders

#: How long the end waits for what is under way, and for the last rows to be taken.
_FINISH_SECONDS = 2.0
_FLUSH_SECONDS = 1.5
_SENDER_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Setup:
    """What the parent tells at the start: where everybody is, and the time in the script."""

    addresses: Mapping[str, str]
    receiver: str
    token: str | None = field(repr=False)
    started: float
    held_at: float | None
    pace: float


class Reporter:
    """The reporter of one program, with a count of what it was given until it is `shut`."""

    def __init__(self, url: str, token: str | None, origin: str, made: Counter[str]) -> None:
        self.http = HttpReporter(url, token, origin)
        self.shut = False
        self._made = made

    def record_call(self, row: Mapping[str, Any]) -> None:
        """Take one row of `api_metrics`."""
        if not self.shut:
            self._made["calls"] += 1
            self.http.record_call(row)

    def record_circuit_event(self, row: Mapping[str, Any]) -> None:
        """Take one row of `circuit_events`."""
        if not self.shut:
            self._made["circuit_events"] += 1
            self.http.record_circuit_event(row)


class Generator:
    """Programs and senders of one setup, and the reporters of the programs."""

    def __init__(self, setup: Setup, http: httpx.AsyncClient) -> None:
        self.clock = ScriptClock(setup.started, setup.held_at)
        self._setup = setup
        self._made: Counter[str] = Counter()
        self._reporters: dict[str, Reporter] = {}
        self._errands = Errands(self.clock, setup.pace)
        self._programs = Programs(setup.addresses, self._reporter, self._errands)
        self._senders = Senders(f"{setup.receiver}/webhooks", http, self._errands)

    def _reporter(self, origin: str) -> Reporter:
        if origin not in self._reporters:
            setup = self._setup
            self._reporters[origin] = Reporter(setup.receiver, setup.token, origin, self._made)
        return self._reporters[origin]

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._programs.run())
            tasks.create_task(self._senders.run())

    async def end(self) -> Mapping[str, int]:
        """Let what is under way end, and send the last rows; how many rows of each kind were made.

        What is cut off after that leaves no row: the end of the demo is no outage of anybody.
        """
        # The collector may be gone already, as it should be; nobody needs to read that.
        logging.getLogger("collector.client").setLevel(logging.ERROR)
        await self._errands.finish(_FINISH_SECONDS)
        for reporter in self._reporters.values():
            reporter.shut = True
        reporters = [reporter.http for reporter in self._reporters.values()]
        await self._errands.give_up()
        await asyncio.gather(*(asyncio.to_thread(http.close, _FLUSH_SECONDS) for http in reporters))
        await self._programs.aclose()
        return {
            "calls": self._made["calls"],
            "circuit_events": self._made["circuit_events"],
            "deliveries": self._senders.answered,
            "dropped": sum(http.dropped for http in reporters),
        }


async def play() -> None:
    """Until standard input closes."""
    commands = await standard_input()
    setup = Setup(**json.loads(await commands.readline()))
    async with httpx.AsyncClient(timeout=_SENDER_TIMEOUT_SECONDS, trust_env=False) as http:
        generator = Generator(setup, http)
        running = asyncio.create_task(generator.run())
        say({"running": True})
        while line := await commands.readline():
            generator.clock.hold(json.loads(line)["hold"])
            say({"elapsed": generator.clock.elapsed()})
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        say(await generator.end())


if __name__ == "__main__":
    asyncio.run(play())
