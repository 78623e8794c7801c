"""An empty database, and a `kuma.db` to be imported into it."""

from pathlib import Path

import pytest

from analytics.db import Location
from tests.analytics.imports.other_monitors import KUMA, KUMA_SUMS, fill, sqlite_file
from tests.empty_database import empty_database


@pytest.fixture
def location(tmp_path: Path) -> Location:
    """An empty database file."""
    return empty_database(tmp_path)


@pytest.fixture
def kuma(tmp_path: Path) -> Path:
    """A `kuma.db` of 2.x with the monitor `Shop`, number 1, checked every minute."""
    path = sqlite_file(tmp_path / "kuma.db", KUMA, KUMA_SUMS)
    fill(path, "monitor", [{"id": 1, "name": "Shop", "interval": 60}])
    return path
