"""The page that exports, in every state."""

import html
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.export import DATASETS
from pages._ui import reading
from pages._ui.exporting.shelf import SHELF, State
from tests.pages import samples
from tests.pages.conftest import ROOT, html_of
from tests.plugins.ports import wait_until

NOW = datetime.now(UTC)
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "health.duckdb"
    samples.write(path, NOW, minutes=5)
    return path


@pytest.fixture
def opened(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens the page with what the address asks for."""
    monkeypatch.setenv("HEALTH_DB", str(file))
    reading.clear()

    def run(**asked: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30).run()
        for name, value in asked.items():
            app.query_params[name] = value
        app.switch_page("pages/export.py").run()
        assert not app.exception
        return app

    yield run
    SHELF.close()


def text(page: str) -> str:
    bare = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", page, flags=re.S)
    return html.unescape(" ".join(bare.split()))


def test_it_says_what_is_exported_and_how_much(opened: Open) -> None:
    page = html_of(opened(what="integration_health_checks", range="24h", service="api/openai"))

    said = text(page)
    assert "Checks A row is an attempt of a check integration_health_checks table" in said
    assert re.search(r"6 rows [0-9.]+ kB", said), "few rows: the size is known"
    assert "all 6 rows" in said
    assert "response_time_ms ms" in said
    there = "api/export/integration_health_checks.csv?period=24h&service=api/openai"
    assert f'href="{html.escape(there)}" download' in page
    assert f"curl -fo integration_health_checks.csv 'http://127.0.0.1:8501/{there}'" in said
    assert (
        f"python -m analytics export integration_health_checks --db {os.environ['HEALTH_DB']} --period 24h "
        "--service api/openai --out integration_health_checks.csv"
    ) in said


def test_every_dataset_has_its_page(opened: Open) -> None:
    page = html_of(opened())

    names = re.findall(r'data-keep="what-(\w+)"', page)
    assert sorted(names) == sorted(DATASETS)
    assert page.count('aria-current="true"><b>Uptime</b>') == 1


@pytest.mark.parametrize(
    "name", ["services", "vendor_feeds", "quota_headroom", "incidents", "webhook_metrics"]
)
def test_only_filters_that_choose_something_are_offered(opened: Open, name: str) -> None:
    page = html_of(opened(what=name))

    period, service, status = {
        "services": (False, True, False),
        "vendor_feeds": (False, False, False),
        "quota_headroom": (True, True, False),
        "incidents": (True, True, True),
        "webhook_metrics": (True, True, False),
    }[name]
    assert ('aria-label="Time range"' in page) is period
    assert ('<select name="service"' in page) is service
    assert ('<select name="rows"' in page) is status
    assert ('<option value="api/openai"' in page) is (name not in ("vendor_feeds", "webhook_metrics"))
    assert ('<select name="type"' in page) is (name in ("services", "incidents"))


def test_the_search_leaves_some_out(opened: Open) -> None:
    page = html_of(opened(q="quota hour"))

    assert re.findall(r'data-keep="what-(\w+)"', page) == ["quota_hours"]
    assert "Nothing of that name" in html_of(opened(q="zebra"))


def test_nothing_to_export_is_said(opened: Open) -> None:
    said = text(html_of(opened(what="webhook_metrics")))

    assert "0 rows" in said
    assert "Nothing matches: ask for another time or service." in said
    assert re.search(r"\w+ yes or no", said), "its columns are shown all the same"


def test_what_does_not_exist_is_said_in_a_line(opened: Open) -> None:
    app = opened(what="availabilty", format="xls")
    said = text(html_of(app))
    assert 'what "availabilty": did you mean "availability"?' in said
    assert 'format "xls": it is csv, json, ndjson, parquet' in said

    said = text(html_of(opened(what="slo", service="api/shopfy")))
    assert 'Not possible like this There is no service "api/shopfy": did you mean "api/shopify"?' in said
    assert "prepare" not in [button.key for button in app.button if button.disabled]


def test_hostile_text_is_text(tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = '<img src=x onerror="alert(1)">'
    path = tmp_path / "evil.duckdb"
    samples.write(path, NOW, [samples.Sample(samples.API, evil, 10, evil)], minutes=1)
    monkeypatch.setenv("HEALTH_DB", str(path))
    reading.clear()

    page = html_of(opened(what="integration_health_checks", service=f"api/{evil}", q=evil, rows=evil))

    assert "<img src=x" not in page
    assert html.escape(evil) in page


def test_a_file_is_prepared_and_removed(opened: Open) -> None:
    app = opened(what="integration_health_checks", format="parquet")

    app.button(key="prepare").click().run()

    (key,) = [button.key for button in app.button if button.key and button.key.startswith("drop-")]
    export = SHELF.find(key.removeprefix("drop-"))
    assert export is not None
    wait_until(lambda: export.state is State.READY, "the export", 60)
    page = html_of(app.run())
    assert f'href="api/exports/{export.id}" download' in page
    assert f"{export.rows:,} rows; deleted in 59 min" in text(page)

    app.button(key=key).click().run()

    assert export.rows == export.total > 16
    assert SHELF.find(export.id) is None
    assert "Prepared files" not in html_of(app)


@pytest.mark.parametrize("state", ["missing", "empty"])
def test_without_data_it_says_what_to_do(
    database: Path, opened: Open, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEALTH_DB", str(database))
    if state == "empty":
        samples.write(database, NOW, [], minutes=1)

    said = text(html_of(opened()))

    assert ("No data yet" if state == "missing" else "No integrations configured") in said
