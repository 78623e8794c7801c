"""One Chromium, one dashboard and one database of everything for each module; each test is a new visitor."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from tests.pages.browsing import Dashboard, chromium, dashboard_on
from tests.pages.walk import everything


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    folder = tmp_path_factory.mktemp("dashboard")
    database = everything.write(folder / "health.duckdb", datetime.now(UTC))
    with dashboard_on(database, folder) as found:
        yield found
