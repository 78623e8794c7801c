"""What the page of a service must not say: a password, that something goes on, that there are no checks."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import reading
from tests.pages import samples
from tests.pages.conftest import ROOT, html_of

Open = Callable[..., str]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checks of MCP servers in the last hour and a half; Fly.io is down since 12 minutes."""
    path = tmp_path_factory.mktemp("truth") / "health.duckdb"
    servers = [one for one in samples.SERVICES if one.key in ("mcp/fly", "mcp/context7")]
    samples.write(path, datetime.now(UTC), servers, minutes=90)
    return path


@pytest.fixture
def opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    monkeypatch.setenv("HEALTH_DB", str(path))
    monkeypatch.delenv("HEALTH_COLLECTOR_URL", raising=False)
    reading.clear()

    def run(name: str = "service", **asked: str) -> str:
        app = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
        for key, value in {"service": "mcp/fly", **asked}.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception
        return html_of(app)

    return run


def test_a_runbook_is_linked_where_the_page_itself_is(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALTH_COLLECTOR_URL", "http://ops:hunter2@127.0.0.1:8600/")

    html = opened()

    assert 'href="runbooks/connect"' in html
    assert "hunter2" not in html
    assert "127.0.0.1:8600" not in html


@pytest.mark.parametrize("page", ["service", "incidents"])
def test_what_lasted_to_the_end_of_a_past_time_is_not_still_going_on(opened: Open, page: str) -> None:
    until = datetime.now(UTC) - timedelta(minutes=5)
    past = opened(page, range=f"{until - timedelta(hours=1):%Y-%m-%dT%H:%MZ}/{until:%Y-%m-%dT%H:%MZ}")
    present = opened(page, range="2h")

    assert "still going on" in present
    assert "still going on" not in past
    assert re.search(r'data-tip="Down[^"]* to ', past)


def test_beyond_the_last_page_of_checks_is_the_last_page(opened: Open) -> None:
    last, beyond = opened(range="2h", page="5"), opened(range="2h", page="99")

    assert "page 5 of 5" in beyond
    assert "No checks" not in beyond
    assert beyond.count('<tr role="row"') == last.count('<tr role="row"') > 1


def test_what_was_never_checked_is_not_called_live(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples.write(
        tmp_path / "new.duckdb", datetime.now(UTC) + timedelta(hours=1), samples.SERVICES[:1], minutes=0
    )
    monkeypatch.setenv("HEALTH_DB", str(tmp_path / "new.duckdb"))

    html = opened("overview")

    assert "<b>Waiting</b>" in html
    assert "<b>Live</b>" not in html
