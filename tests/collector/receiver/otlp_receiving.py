"""A receiver of traces on loopback, with an intake that keeps what it is given."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp

from collector.intake import Row, Stored
from collector.log import configure
from collector.receiver.app import receiver_app
from collector.receiver.body import BodyReader
from collector.receiver.otlp_hosts import HostMap
from collector.receiver.otlp_routes import TraceCounters, TraceIntake, otlp_routes
from collector.receiver.settings import ReceiverSettings
from collector.secrets import Redactor
from tests.servers.http_loopback import serve


@dataclass
class Kept:
    """Keeps each row once; raises the `errors` first, one a call."""

    errors: list[Exception] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)

    async def store(self, table: str, rows: Sequence[Row]) -> Stored:
        if self.errors:
            raise self.errors.pop(0)
        self.tables.append(table)
        fresh = {row["id"]: row for row in rows if row["id"] not in self.rows}
        self.rows |= fresh
        return Stored(len(fresh), len(rows) - len(fresh))


def traces_app(
    intake: TraceIntake,
    hosts: dict[str, str],
    counters: TraceCounters,
    token: str | None = None,
    **limits: Any,
) -> ASGIApp:
    bodies = BodyReader(ReceiverSettings(**limits))
    routes = otlp_routes(intake, HostMap(hosts), bodies, counters)
    return receiver_app(token, bodies, configure(Redactor()), routes)


@dataclass
class Receiving:
    url: str
    intake: Kept
    counters: TraceCounters

    @property
    def rows(self) -> list[Row]:
        """The rows in the order of their calls."""
        return sorted(self.intake.rows.values(), key=lambda row: row["timestamp"])


@contextmanager
def receiving(hosts: dict[str, str], token: str | None = None, **limits: Any) -> Iterator[Receiving]:
    intake, counters = Kept(), TraceCounters()
    with serve(traces_app(intake, hosts, counters, token, **limits)) as url:
        yield Receiving(url, intake, counters)
