"""A real collector beside the dashboard: the page says that it stopped, and goes on once it is back."""

import signal
from pathlib import Path

from playwright.sync_api import Browser, expect

from analytics.db import FileLocation
from tests.collector.running import http_service, running, write_configuration
from tests.pages.browsing import dashboard_on
from tests.plugins.ports import free_port, wait_until


def test_a_stopped_collector_is_said_and_forgotten_when_it_is_back(browser: Browser, tmp_path: Path) -> None:
    write_configuration(tmp_path, http_service("gateway", f"http://127.0.0.1:{free_port()}/"))
    database = FileLocation(tmp_path / "data" / "health.duckdb")

    with running([], tmp_path) as collector, dashboard_on(database, tmp_path) as dashboard:
        wait_until(database.path.exists, "the database")
        page = dashboard.open(browser)
        expect(page.locator(".fresh")).to_contain_text("Live")
        expect(page.locator("[data-service='infrastructure/gateway'] .word")).to_contain_text("Down")

        collector.send_signal(signal.SIGTERM)
        assert collector.wait(10) == 0
        expect(page.get_by_role("alert")).to_contain_text("The collector has stopped.")
        expect(page.locator(".fresh")).to_contain_text("Stopped")

        with running([], tmp_path):
            expect(page.get_by_role("alert")).to_have_count(0)
            expect(page.locator(".fresh")).to_contain_text("Live")
        assert dashboard.complaints == []
        page.close()
