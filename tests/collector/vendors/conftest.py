"""A database for what vendors say."""

from pathlib import Path

import pytest

from analytics.db import Location, locate, migrate


@pytest.fixture
def file_database(tmp_path: Path) -> Location:
    """An empty database file at the current schema."""
    location = locate(str(tmp_path / "health.duckdb"))
    migrate(location)
    return location
