"""Pages on what is no file of this version: a file of an earlier one, and a lake on PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from analytics.db import LakeLocation
from analytics.db.migrations import apply, known
from pages._ui import reading
from tests.pages import overview_samples, samples
from tests.pages.conftest import ROOT, html_of
from tests.pages.test_states import row, text
from tests.plugins.databases import let_go, migrated_lake
from tests.plugins.postgres_server import PostgresServer

Page = Callable[..., str]


@pytest.fixture
def page_of() -> Page:
    """Runs a page with what the address asks and gives its HTML."""

    def run(name: str, **asked: str) -> str:
        app = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
        for key, value in asked.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception
        return html_of(app)

    return run


@pytest.mark.parametrize("name", ["overview", "service"])
def test_a_file_of_an_earlier_version_says_what_to_do(database: Path, page_of: Page, name: str) -> None:
    with duckdb.connect(str(database)) as connection:
        for migration in known()[:3]:
            apply(connection, migration, lake=False)
        connection.execute(
            "INSERT INTO services (service_type, service_name, position, probe, target, interval_seconds,"
            " stale_after_seconds, healthy_ms, down_ms, enabled, depends_on, updated_at)"
            " VALUES ('api', 'openai', 1, 'http', '', 60, 300, 1000, 3000, true, '[]', now())"
        )
        connection.execute(
            "INSERT INTO integration_health_checks (id, run_id, timestamp, service_type, service_name,"
            " status, reason, message, attempt, error_count, retry_count)"
            " VALUES (uuid(), uuid(), now(), 'api', 'openai', 'healthy', 'ok', '', 1, 0, 0)"
        )

    said = text(page_of(name, service="api/openai"))

    assert "The database cannot be read" in said
    assert "start the collector of the same version once" in said


def write_into(location: Any, now: datetime) -> None:
    """The samples with calls and incidents."""
    samples.insert(location, now, minutes_ago=range(20, -1, -1))
    overview_samples.insert_surroundings(location, now)


def test_a_lake_is_shown_like_a_file(
    postgres_server: PostgresServer,
    lake_template: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    page_of: Page,
) -> None:
    location = migrated_lake(postgres_server, lake_template, tmp_path)
    assert isinstance(location, LakeLocation)
    write_into(location, datetime.now(UTC))
    monkeypatch.setenv("HEALTH_DB", f"ducklake:postgres:{location.connection}")
    monkeypatch.setenv("HEALTH_DATA_PATH", str(tmp_path / "lake"))
    reading.clear()

    overview = page_of("overview")
    service = page_of("service", service="mcp/fly")
    others = [text(page_of(name)) for name in ("trends", "incidents", "alerts")]
    reading.clear()
    let_go(location)

    assert "no connection to 127.0.0.1" in text(row(overview, "mcp/fly")).lower()
    assert "Down" in text(service)
    assert "Status over time" in text(service)
    for said in (text(overview), text(service), *others):
        assert "cannot be read" not in said
        assert "gives no answer" not in said
        assert "gives none just now" not in said
