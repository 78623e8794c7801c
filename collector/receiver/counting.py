"""What the receiver counts about the rows that other programs send, for whoever watches the watcher."""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: Names are chosen by senders; a sender that makes up new ones must not fill the memory.
MOST_ORIGINS = 1000
_MOST_DROPPED = 2**53
_LONGEST_ORIGIN = 100


@dataclass(slots=True)
class IngestCounters:
    """Since the start: requests by table and HTTP status, rows by table, bytes of bodies.

    `told` holds what each process said last about the rows it could not keep for the collector, `circuits`
    the newest state of each circuit breaker by API and origin, with its time.
    """

    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    refused_rows: Counter[str] = field(default_factory=Counter)
    body_bytes: Counter[str] = field(default_factory=Counter)
    told: OrderedDict[tuple[str, str], int] = field(default_factory=OrderedDict)
    circuits: OrderedDict[tuple[str, str], tuple[datetime, str]] = field(default_factory=OrderedDict)

    def listen(self, headers: Mapping[str, str]) -> None:
        """Note the rows that the sender dropped so far: `X-Health-Dropped`.

        `X-Health-Origin` names the program, `X-Health-Process` tells its processes apart.
        """
        told = headers.get("x-health-dropped", "")
        if not (told.isascii() and told.isdigit()) or int(told[:20]) > _MOST_DROPPED:
            return
        key = _name(headers.get("x-health-origin", "")), _name(headers.get("x-health-process", ""))
        self.told[key] = int(told[:20])
        self.told.move_to_end(key)
        if len(self.told) > MOST_ORIGINS:
            self.told.popitem(last=False)

    @property
    def dropped(self) -> Mapping[str, int]:
        """The rows that each origin lost so far, all its processes together."""
        sums: Counter[str] = Counter()
        for (origin, _), count in self.told.items():
            sums[origin] += count
        return sums

    def note_circuits(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Note the states in `rows` of `circuit_events`."""
        for row in rows:
            key = (row["api_name"], row.get("origin") or "")
            known = self.circuits.get(key)
            if known is None or known[0] <= row["timestamp"]:
                self.circuits[key] = (row["timestamp"], row["new_state"])
                self.circuits.move_to_end(key)
            if len(self.circuits) > MOST_ORIGINS:
                self.circuits.popitem(last=False)


def _name(sent: str) -> str:
    name = sent.strip()[:_LONGEST_ORIGIN]
    return name if name and name.isprintable() else "unknown"
