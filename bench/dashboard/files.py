"""The files the dashboard is measured on, and a writer that keeps them alive as a collector would."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from analytics.db import Connection, FileLocation, migrate, transact
from bench.dashboard.rows import CROWD_DAY, CROWD_SERVICES, CYCLE, INCIDENTS
from bench.large_file import roll_up_all, write

#: How often something is written: as often as a page refreshes, so that no refresh finds the file as it was.
EVERY_SECONDS = 5.0

CROWD = 700
_CROWD_EVERY_MINUTES = 5
_DAYS = 30


def month_of_sixteen(path: Path) -> FileLocation:
    """16 services, 30 days, 691,200 checks and 3 million calls, up to now."""
    location = FileLocation(path)
    write(location, _minute(), progress=lambda _: None)
    return location


def month_of_a_crowd(path: Path) -> FileLocation:
    """700 services, 30 days, 6 million checks and 3 million calls, up to now."""
    location, now = FileLocation(path), _minute()
    migrate(location)
    transact(location, partial(_run, statement=CROWD_SERVICES, now=now, services=CROWD))
    for number in range(_DAYS):
        transact(location, partial(_crowd_day, day=now - timedelta(days=_DAYS - number)))
    transact(location, partial(_run, statement=INCIDENTS))
    roll_up_all(location, now, progress=lambda _: None)
    return location


def cycle(location: FileLocation) -> None:
    """Write what one cycle of the collector finds now."""

    def work(connection: Connection) -> None:
        for statement in CYCLE:
            _run(connection, statement, now=datetime.now(UTC))

    transact(location, work)


@contextmanager
def living(location: FileLocation) -> Iterator[None]:
    """A cycle now and every few seconds, for as long as the block runs."""
    over = threading.Event()

    def live() -> None:
        while not over.wait(EVERY_SECONDS):
            cycle(location)

    cycle(location)
    writer = threading.Thread(target=live)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def _crowd_day(connection: Connection, day: datetime) -> None:
    for statement in CROWD_DAY:
        _run(connection, statement, day=day, apart=_CROWD_EVERY_MINUTES)


def _run(connection: Connection, statement: str, **values: object) -> None:
    connection.execute(statement, {name: value for name, value in values.items() if f"${name}" in statement})


def _minute() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)
