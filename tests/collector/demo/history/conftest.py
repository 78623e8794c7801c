"""One generated history of thirty days, shared by the tests that look at it."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.db import Connection, FileLocation, locate, read_only
from collector.demo import write_history
from tests.plugins.sharing_out import made_once

NOW = datetime(2026, 11, 23, 21, 40, 12, 345678, tzinfo=UTC)
DAYS = 30
SEED = 7


@dataclass(frozen=True)
class History:
    """A written history: where, the seconds it took, and what was told on the way."""

    location: FileLocation
    seconds: float
    told: list[tuple[float, str]]

    def rows(self, sql: str, *values: object) -> list[tuple]:
        with read_only(self.location) as connection:
            return connection.execute(sql, list(values)).fetchall()


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Thirty days before NOW."""
    folder = made_once(tmp_path_factory, "history", _write)
    location = locate(folder / "demo.duckdb")
    assert isinstance(location, FileLocation)
    return History(location, **json.loads((folder / "made.json").read_text()))


def _write(folder: Path) -> None:
    told: list[tuple[float, str]] = []
    started = time.perf_counter()
    write_history(
        locate(folder / "demo.duckdb"), NOW, DAYS, SEED, lambda share, label: told.append((share, label))
    )
    made = {"seconds": time.perf_counter() - started, "told": told}
    (folder / "made.json").write_text(json.dumps(made))


@pytest.fixture
def connection(history: History) -> Iterator[Connection]:
    """A read-only connection to the history."""
    with read_only(history.location) as opened:
        yield opened


def first_moment() -> datetime:
    """The begin of the history."""
    return NOW.replace(second=0, microsecond=0) - timedelta(days=DAYS)
