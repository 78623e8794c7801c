"""A large export from the button to the file on the visitor's disk."""

import csv
from datetime import UTC, datetime

import duckdb
from playwright.sync_api import Browser, expect

from tests.pages.browsing import Dashboard

ROWS = 120_000
_CALLS = f"""
INSERT INTO api_metrics (id, timestamp, api_name, endpoint, method, status_code, response_time_ms)
SELECT uuid(), $now - to_milliseconds(range * 300), 'openai', '/v1/models', 'GET', 200, range % 900
FROM range({ROWS})
"""


def test_a_large_export_is_prepared_and_downloaded(dashboard: Dashboard, browser: Browser) -> None:
    with duckdb.connect(str(dashboard.database.path)) as connection:
        connection.execute(_CALLS, {"now": datetime.now(UTC)})
    page = dashboard.open(browser, "export?what=api_metrics&range=24h&service=api/openai")
    expect(page.locator(".export-amount strong")).to_contain_text("120,")

    page.get_by_role("button", name="Prepare a file").click()
    ready = page.locator(".export-row[data-state=ready]")
    expect(ready).to_contain_text(" rows; deleted in ")
    with page.expect_download() as started:
        ready.get_by_role("link", name="Download").click()

    with started.value.path().open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert ROWS <= len(rows) <= ROWS + 1000
    assert f"{len(rows):,} rows" in ready.inner_text()
    assert {row["api_name"] for row in rows} == {"openai"}
    assert dashboard.complaints == []
    page.close()
