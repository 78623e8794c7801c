"""Two days of the demo's history, and a way to ask for them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from analytics.__main__ import main
from analytics.db import Location, locate
from collector.demo import write_history
from tests.analytics.commands.saying import NOW, Said, Say
from tests.empty_database import empty_database


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days before NOW."""
    path = tmp_path_factory.mktemp("commands") / "demo.duckdb"
    write_history(locate(path), NOW, 2, 1, lambda share, label: None)
    return path


@pytest.fixture
def location(tmp_path: Path) -> Location:
    """An empty database file."""
    return empty_database(tmp_path)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command and returns what it said."""

    def run(
        *words: str, db: object = None, width: int = 80, environment: Mapping[str, str] | None = None
    ) -> Said:
        named = [] if db is None else ["--db", str(db)]
        try:
            code = main([*words, *named], {"COLUMNS": str(width), **(environment or {})}, NOW)
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Said(code, *capsys.readouterr())

    return run
