"""The first page in its states: full, narrowed, crowded, with little, and with hostile text."""

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow
import pytest
from streamlit.testing.v1 import AppTest

from analytics.db import FileLocation, transact
from analytics.model import Reason, ServiceType, Status
from tests.pages import overview_samples, samples
from tests.pages.conftest import ROOT, html_of
from tests.pages.test_states import HOSTILE, row, text


def run(path: Path, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    """The first page on the database at `path`, as somebody sees it who opens it with `query`."""
    monkeypatch.setenv("HEALTH_DB", str(path))
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def seen(path: Path, monkeypatch: pytest.MonkeyPatch, **query: str) -> str:
    """All HTML of that page but style and script."""
    html = html_of(run(path, monkeypatch, **query))
    return re.sub(r"<(script|style).*?</\1>", "", html, flags=re.S)


def rows_of(sent: bytes) -> pd.DataFrame:
    """A table as it reaches the browser."""
    return pyarrow.ipc.open_stream(io.BytesIO(sent)).read_pandas()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples with calls, incidents and what else is around."""
    path = tmp_path_factory.mktemp("overview") / "health.duckdb"
    now = datetime.now(UTC)
    overview_samples.insert_surroundings(samples.write(path, now, minutes=30), now)
    return path


@pytest.fixture(scope="module")
def whole(full: Path) -> str:
    """The page on them, drawn once."""
    with pytest.MonkeyPatch.context() as patch:
        return seen(full, patch)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 services of two types; every tenth is down."""
    path = tmp_path_factory.mktemp("crowd") / "health.duckdb"
    kinds = (ServiceType.API, ServiceType.MCP)
    services = [samples.Sample(kinds[number % 2], f"service-{number}", 20, "fine") for number in range(200)]
    fault = samples.Fault(9, -1, Status.DOWN, Reason.TIMEOUT, "no answer")
    samples.write(path, datetime.now(UTC), services, {one.key: [fault] for one in services[::10]}, minutes=1)
    return path


def test_says_how_everything_is(whole: str) -> None:
    assert "1 down, 1 degraded of 16" in text(whole)
    assert "Health score 90 % of 15 known" in text(whole)
    assert "Healthy 13 Degraded 1 Down 1 Unknown 1" in text(whole)
    assert "MCP servers 5/7 healthy" in text(whole)
    assert 'aria-label="13 healthy, 1 unknown, 1 degraded, 1 down"' in whole
    assert re.findall(r'data-service="mcp/([^"]*)"', whole)[:2] == ["fly", "google-analytics"]


def test_a_service_says_what_is_wrong_since_when_and_who_is_on_it(whole: str) -> None:
    fly = row(whole, "mcp/fly")
    assert re.search(r"Fly\.io Down since [\d:]+ UTC No connection to 127\.0\.0\.1: connection", text(fly))
    assert re.search(r"Incident open since [\d:]+ UTC , nobody on it yet", text(fly))
    assert f'href="incidents?incident={overview_samples.OPEN}"' in fly
    assert 'href="service?service=mcp/fly"' in fly
    assert "Ann is on it" in text(row(whole, "api/openai"))


def test_a_service_says_whether_it_is_us_or_them(whole: str) -> None:
    assert "OpenAI reports: Elevated errors" in text(row(whole, "api/openai"))
    redis = text(row(whole, "infrastructure/redis"))
    assert re.search(r"In maintenance until .*\d\d:\d\d: Redis upgrade", redis)
    assert "reports" not in text(row(whole, "api/shopify"))


def test_a_service_shows_thirty_days_its_uptime_and_how_fast_it_is(whole: str) -> None:
    redis = row(whole, "infrastructure/redis")
    assert redis.count("<i ") == 30
    assert re.search(r'aria-label="Last 30 days: [^"]*, \d+ without data\."', redis)
    assert re.search(r"(100|\d\d\.\d\d) % &lt;1 ms", text(redis))
    assert 'class="latency"></span>' in row(whole, "mcp/fly"), "what does not answer takes no time"


def test_rates_of_one_api_and_how_they_changed(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    html = seen(full, monkeypatch, api="openai")

    assert "Calls of APIs OpenAI, last 24 hours" in text(html)
    assert "Success rate 99.00 % ▲ +1.00 pp better vs the 24 h before" in text(html)
    assert "Error rate 1.00 % ▼ −1.00 pp better" in text(html)
    assert "Retry rate 2.00 % ▲ +1.00 pp worse" in text(html)
    assert "Calls 200 → ±0 % vs the 24 h before" in text(html)
    assert '<option value="openai" selected>' in html
    assert "api/export/latency_steps.csv?period=24h&amp;service=api/openai" in html


def test_an_api_that_is_not_there_is_all_of_them(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    html = seen(full, monkeypatch, api="nothing<b>")

    assert "Calls of APIs all APIs, last 24 hours" in text(html)
    assert '<option value="" selected>All APIs' in html


def test_the_chart_shows_lines_incidents_and_changes(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proto = run(full, monkeypatch).get("vega_lite_chart")[0].proto
    rows = {one.name: rows_of(one.data.data) for one in proto.datasets}

    assert rows["times"]["p95_ms"].notna().sum() > 70, "20 hours of calls, a step every 15 minutes"
    assert rows["spans"]["said"].tolist() == ["OpenAI fails"], "of the APIs alone"
    said = sorted(rows["markers"]["said"])
    assert said == ["Alert rule slow_response changed by Ben", "Collector started, version 0.1.0"]
    assert rows["limits"].empty, "several APIs have no limit in common"


def test_recent_incidents_begin_with_those_that_go_on(whole: str) -> None:
    listed = re.findall(r'<li class="incident[^"]*" .*?<a [^>]*>(.*?)</a>', whole, flags=re.S)
    past = [f"Past trouble {number}" for number in range(3)]
    assert listed == ["Fly.io cannot be reached", "OpenAI fails", *past]
    assert "and 1 more in these 7 days" in text(whole)
    assert "lasted 1 h 30 min" in text(whole)
    assert 'href="incidents?range=7d"' in whole


def test_a_type_narrows_services_and_incidents(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    html = seen(full, monkeypatch, type="webhook")

    assert re.findall(r'data-service="([^"]*)"', html) == ["webhook/shopify", "webhook/chatwoot"]
    assert "OpenAI fails" not in text(html)
    assert "Past trouble 0" in text(html)
    assert "Clear filters" in text(html)


def test_a_count_shows_these_alone_and_then_all(
    whole: str, full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = seen(full, monkeypatch, status="down")

    assert re.search(r'class="tile count" data-in-app data-keep="count-down" href="\./\?status=down"', whole)
    assert re.findall(r'data-service="([^"]*)"', down) == ["mcp/fly"]
    assert re.search(r'data-keep="count-down" href="\./" aria-current="true"', down)


def test_filters_that_leave_nothing_say_so(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    html = seen(full, monkeypatch, q="nothing of that name")

    assert "No service matches these filters" in text(html)
    assert "data-service" not in html


def test_of_many_services_what_matters_is_shown(crowd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    html = seen(crowd, monkeypatch)

    assert "20 down of 200" in text(html)
    assert len(re.findall(r"data-service=", html)) == 12, "the first dozen of the group with 20 that are down"
    assert "88 more" in text(html)
    assert "All 100 healthy Show all" in text(html)
    assert 'href="./?type=api"' in html


def test_a_large_group_is_shown_page_by_page(crowd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (seen(crowd, monkeypatch, type="api", page=page) for page in ("1", "2"))

    assert len(re.findall(r"data-service=", first)) == 60
    assert len(re.findall(r"data-service=", second)) == 40
    assert "page 2 of 2" in text(second)
    assert "Show all" not in text(first)


def test_with_one_check_of_an_api_and_no_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "health.duckdb"
    samples.write(path, datetime.now(UTC), samples.SERVICES[7:8], {}, minutes=0)

    html = seen(path, monkeypatch)

    assert "1 integration, healthy" in text(html)
    assert "Success rate 100 % Error rate 0 % Retry rate 0 % Calls 1" in text(html), "its check counts as one"
    assert "No incident in the last 7 days" in text(html)
    assert '<form class="choice"' not in html, "there is nothing to choose"
    assert 'class="filters"' not in html


def test_without_apis_nothing_is_said_of_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "health.duckdb"
    samples.write(path, datetime.now(UTC), samples.SERVICES[:2], {}, minutes=0)

    html = seen(path, monkeypatch)

    assert "All 2 integrations healthy" in text(html)
    assert "Success rate" not in html
    assert "API response time" not in html
    assert "No incident in the last 7 days" in text(html)


def test_an_api_without_any_call_says_what_would_change_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "health.duckdb"
    samples.write(path, datetime.now(UTC), samples.SERVICES[7:8], {}, minutes=-1)

    html = seen(path, monkeypatch)

    assert "Success rate – Error rate – Retry rate – Calls 0" in text(html)
    assert "No call of an API in the last 24 hours" in text(html)


def test_a_service_that_was_never_checked_has_an_empty_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "health.duckdb"
    samples.write(path, datetime.now(UTC), samples.SERVICES[:1], minutes=-1)

    shopify = row(seen(path, monkeypatch), "mcp/shopify")

    assert 'aria-label="Last 30 days: 30 without data."' in shopify
    assert "Unknown" in text(shopify)
    assert "No recent check" in text(shopify)


def test_a_stopped_collector_leaves_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "health.duckdb"
    samples.write(path, datetime.now(UTC) - timedelta(minutes=14), minutes=5)

    html = seen(path, monkeypatch)

    assert "Collector offline · Not checked for 14 min, down then" in text(row(html, "mcp/fly"))
    assert "without data." in row(html, "webhook/shopify")


def test_refresh_asks_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, now = tmp_path / "health.duckdb", datetime.now(UTC)
    location = samples.write(path, now, faults={}, minutes=1)
    app = run(path, monkeypatch)
    overview_samples.insert_surroundings(location, now)
    assert "No incident in the last 7 days" in text(html_of(app.run())), "cached for a few seconds"

    app.button(key="refresh").click().run()

    assert "Fly.io cannot be reached" in text(html_of(app))


def test_text_from_the_database_is_never_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, now = tmp_path / "health.duckdb", datetime.now(UTC)
    hostile = samples.Sample(ServiceType.API, HOSTILE, 5, HOSTILE)
    fault = samples.Fault(9, -1, Status.DOWN, Reason.HTTP_5XX, HOSTILE)
    services = [hostile, *samples.SERVICES]
    location = samples.write(path, now, services, {hostile.key: [fault]}, minutes=1)
    overview_samples.insert_surroundings(location, now, HOSTILE)
    _rename(location)

    html = seen(path, monkeypatch)

    assert "<script" not in html
    assert not re.search(r"<img (?!src=\"app/static)", html)
    assert html.count("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;") > 8
    assert "**bold** $x$ :red[y]" in html


def _rename(location: FileLocation) -> None:
    """Words that only a hostile collector would write."""
    change = "UPDATE integration_health_checks SET reason = $1 WHERE reason <> 'ok'"
    transact(location, lambda connection: connection.execute(change, [HOSTILE]))
