"""What all simulated upstreams share: the time in the script, the faults of now, and believable latencies."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from analytics.model import ServiceKey
from collector.demo.rhythm import load
from collector.demo.script import Fault, fault_at
from collector.demo.services import Latency


@dataclass
class ScriptClock:
    """Seconds since the start of the demo; `hold` stops it at a moment, for whoever wants to see that one.

    `started` is a value of `time.monotonic`, which all processes of a machine share.
    """

    started: float = field(default_factory=time.monotonic)
    held_at: float | None = None

    def elapsed(self) -> float:
        """Seconds into the script."""
        return time.monotonic() - self.started if self.held_at is None else self.held_at

    def hold(self, elapsed: float | None) -> None:
        """Stand still at `elapsed` seconds; None lets the time go on as if it had never been held."""
        self.held_at = elapsed


@dataclass
class Stage:
    """The script as it plays now."""

    clock: ScriptClock
    wall_clock: Callable[[], float] = time.time
    chance: random.Random = field(default_factory=random.Random)

    def fault(self, service: ServiceKey) -> Fault:
        """What is wrong with `service` now."""
        return fault_at(service, self.clock.elapsed())

    def load(self) -> float:
        """How busy it is now, 0 to 1."""
        return load(self.wall_clock())

    def seconds(self, latency: Latency, requests: int = 1) -> float:
        """How long one answer takes now, when `latency` is that of `requests` answers together."""
        drawn = math.exp(self.chance.gauss(0.0, latency.spread))
        busy = 1.0 + latency.busy * self.load()
        return latency.median_ms * drawn * busy / requests / 1000.0
