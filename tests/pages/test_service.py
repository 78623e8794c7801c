"""The page of one service: every kind of service, every state, and what the address can ask of it."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import reading
from tests.pages import samples, service_samples
from tests.pages.conftest import ROOT, html_of
from tests.pages.service_samples import HOSTILE, INCIDENT

Open = Callable[..., str]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with everything there is to see, up to now."""
    path = tmp_path_factory.mktemp("service") / "health.duckdb"
    service_samples.write(path, datetime.now(UTC))
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with texts that mean harm."""
    path = tmp_path_factory.mktemp("hostile") / "health.duckdb"
    service_samples.write(path, datetime.now(UTC), HOSTILE)
    return path


@pytest.fixture(scope="module")
def seen() -> dict[tuple[object, ...], str]:
    """What was opened already: files do not change here."""
    return {}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, seen: dict[tuple[object, ...], str]) -> Iterator[Open]:
    """Opens the page on a file, with what the address asks, and gives all of its HTML."""

    def run(path: Path, **asked: str) -> str:
        key = (path, *sorted(asked.items()))
        if key not in seen:
            seen[key] = draw(path, asked)
        return seen[key]

    def draw(path: Path, asked: dict[str, str]) -> str:
        monkeypatch.setenv("HEALTH_DB", str(path))
        # The page alone: what is around it is the matter of others.
        app = AppTest.from_file(str(ROOT / "pages" / "service.py"), default_timeout=60)
        for name, value in asked.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return html_of(app)

    reading.clear()
    yield run
    reading.clear()


def headings(html: str) -> list[str]:
    """The cards of the page, in order."""
    return re.findall(r'<div class="panel-head"><h2>([^<]+)', html)


def test_without_a_service_all_are_offered(opened: Open, full: Path) -> None:
    html = opened(full)
    assert "Choose a service" in html
    assert html.count('class="service-link"') == len(samples.SERVICES)
    assert 'href="service?service=api/shopify"' in html


def test_the_choice_can_be_searched(opened: Open, full: Path) -> None:
    html = opened(full, q="redis")
    assert html.count('class="service-link"') == 1
    assert "No service is called so" in opened(full, q="nothing like it")


def test_a_service_that_is_not_there_is_said_with_a_way_back(opened: Open, full: Path) -> None:
    html = opened(full, service="api/gone")
    assert "api/gone is not monitored" in html
    assert 'data-in-app href="./"' in html
    assert html.count('class="service-link"') == len(samples.SERVICES)


@pytest.mark.parametrize(
    ("service", "shown", "hidden"),
    [
        ("api/shopify", {"Endpoints", "Quotas", "Phases of a check"}, {"Tools", "Deliveries by event type"}),
        ("webhook/shopify", {"Deliveries by event type"}, {"Endpoints", "Quotas", "Tools"}),
        ("mcp/supabase", {"Tools"}, {"Endpoints", "Quotas", "Deliveries by event type"}),
        ("infrastructure/redis", set(), {"Endpoints", "Quotas", "Tools", "Deliveries by event type"}),
    ],
)
def test_each_kind_of_service_has_its_panels_in_order(
    opened: Open, full: Path, service: str, shown: set[str], hidden: set[str]
) -> None:
    html = opened(full, service=service)
    found = headings(html)
    assert shown <= set(found)
    assert not hidden & set(found)
    common = [
        "Status over time",
        "Latency",
        "Incidents",
        "Checks",
        "Error budget",
        "Thresholds",
        "Alert rules",
    ]
    assert [one for one in found if one in common] == common
    assert html.index('aria-label="State"') < html.index("Status over time")


def test_what_is_wrong_and_who_is_on_it(opened: Open, full: Path) -> None:
    html = opened(full, service="api/openai")
    assert "Degraded · Too many failures" in html
    assert "481 of 521 calls succeeded (92.32 %)" in html
    assert f"incidents?service=api/openai&amp;incident={INCIDENT}" in html
    assert "Ann is on it" in html
    assert "OpenAI reports trouble of its own: it may be them." in html
    assert 'href="https://status.example/1"' in html


def test_work_mutes_and_dependencies_stand_beside_the_state(opened: Open, full: Path) -> None:
    redis = opened(full, service="infrastructure/redis")
    assert "<b>Upgrade</b> until" in redis
    assert re.search(r"all alerts until .* by Bob: known", redis)
    assert "Uptime outside maintenance" in redis
    assert re.search(
        r"<dt>Needs</dt><dd>.*service=infrastructure/supabase", opened(full, service="mcp/supabase")
    )
    assert re.search(
        r"<dt>Needed by</dt><dd>.*service=mcp/supabase", opened(full, service="infrastructure/supabase")
    )


def test_an_api_shows_its_endpoints_and_what_is_left_of_its_quota(opened: Open, full: Path) -> None:
    html = opened(full, service="api/shopify")
    endpoints = html[html.index("Endpoints") : html.index("Quotas")]
    shop, orders = (endpoints.index(f"{name}</code>") for name in ("shop", "orders"))
    assert shop < orders, "the one with errors first"
    assert "Server error 10×" in endpoints
    assert 'aria-label="Points: 150 of 200 used"' in html
    assert "api/export/rates_by_endpoint.csv?period=24h&amp;service=api/shopify" in html


def test_a_webhook_source_shows_verification_and_silence(opened: Open, full: Path) -> None:
    html = opened(full, service="webhook/shopify")
    assert "orders/<wbr>create" in html
    assert "91.83 %" in html, "45 of 49"
    assert "one every 17 s, 99 of 100 pauses under 1 min" in html


def test_an_mcp_server_shows_its_tools_and_their_changes(opened: Open, full: Path) -> None:
    html = opened(full, service="mcp/supabase")
    assert "<li><code>list_tables</code></li>" in html
    assert "Removed <code>drop_all</code>" in html
    assert "Added <code>execute_sql</code>" in html


def test_a_check_is_opened_by_the_address(opened: Open, full: Path) -> None:
    html = opened(full, service="api/shopify")
    assert "check-details" not in html
    names = re.findall(r'data-keep="check-(\d+)"', html)
    assert len(names) == 20
    html = opened(full, service="api/shopify", check=names[3])
    assert html.count('class="check-details"') == 1
    assert "Connect 20 ms · First byte 200 ms" in html
    assert 'aria-expanded="true"' in html


def test_checks_are_filtered_by_status_and_paged(opened: Open, full: Path) -> None:
    pages = opened(full, service="api/shopify", page="2")
    assert "page 2 of " in pages
    down = opened(full, service="infrastructure/redis", result="down")
    table = down[down.index('class="rows checks"') : down.index("Error budget")]
    assert "Timed out" in table
    assert "Healthy" not in table
    assert "None was made in this time" in opened(full, service="api/chatwoot", result="down")


@pytest.mark.parametrize("asked", [{"result": "odd"}, {"check": "<b>"}, {"page": "99"}])
def test_what_the_address_says_wrongly_breaks_nothing(
    opened: Open, full: Path, asked: dict[str, str]
) -> None:
    html = opened(full, service="api/shopify", **asked)
    assert "check-details" not in html
    assert "Error budget" in headings(html)


def test_a_time_that_was_chosen_is_the_one_that_is_drawn(opened: Open, full: Path) -> None:
    html = opened(full, service="api/shopify", range="1h")
    since, until = map(int, re.findall(r'data-(?:since|until)="(\d+)"', html))
    assert until - since == pytest.approx(3_600_000, rel=0.01)
    assert "vs the 60 min before" in html


@pytest.mark.parametrize(
    "service", ["api/shopify", "api/openai", "webhook/shopify", "mcp/supabase", "infrastructure/redis"]
)
def test_texts_from_outside_are_never_html(opened: Open, hostile: Path, service: str) -> None:
    html = opened(hostile, service=service)
    assert "<img" not in html.replace('<img src="app/static', "")
    assert "&lt;img" in html
    assert 'href="javascript' not in html
    names = re.findall(r'data-keep="check-(\d+)"', html)
    if service == "api/shopify":
        html = opened(hostile, service=service, check=names[-1])
        assert 'class="check-details"' in html
        assert "<img" not in html.replace('<img src="app/static', "")


def test_a_service_without_a_check_has_a_page(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "health.duckdb"
    samples.write(path, datetime.now(UTC), minutes=-1)
    html = opened(path, service="api/shopify")
    assert "Unknown · No data" in html
    assert "No times measured" in html
    assert "No checks" in html
    assert "No calls" in html


def test_a_service_with_one_check_has_a_page(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "health.duckdb"
    samples.write(path, datetime.now(UTC), minutes=0)
    html = opened(path, service="infrastructure/redis")
    assert "<h2>" in html
    assert html.count('data-keep="check-') == 1
    assert "nothing recorded" not in html


def test_what_the_collector_no_longer_checks_is_unknown(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "health.duckdb"
    samples.write(path, datetime.now(UTC) - timedelta(minutes=30))
    html = opened(path, service="infrastructure/redis")
    assert "Unknown · Collector offline" in html
    assert "The collector has stopped" in html


def test_without_a_file_the_page_says_what_to_do(opened: Open, tmp_path: Path) -> None:
    assert "No data yet" in opened(tmp_path / "none.duckdb", service="api/shopify")
