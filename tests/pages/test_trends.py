"""What the page of trends says in every state of the database, run as Streamlit runs it."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.db import FileLocation, Location, migrate, read_only
from analytics.model import Reason, ServiceKey, ServiceType, Status
from analytics.periods import Period
from analytics.trend_queries import trends as trends_by_query
from pages._ui import reading
from pages._ui.trends import question
from tests.analytics.checks_by_hand import at, roll_up_until
from tests.analytics.traffic_by_hand import GOOGLE, HOOKS, SERVICES, SHOP, TOOLS, fill
from tests.empty_database import empty_database
from tests.pages import samples
from tests.pages.conftest import ROOT, html_of

Trends = Callable[..., str]


@pytest.fixture
def trends(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trends]:
    """Opens the page on a database with what its address asks for, and gives its HTML."""

    def run(path: Path, **asked: str) -> str:
        monkeypatch.setenv("HEALTH_DB", str(path))
        reading.clear()
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
        app.switch_page("pages/trends.py")
        for name, value in asked.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        charts = [one.proto for one in app.get("vega_lite_chart")]
        return html_of(app) + "\n".join(f"<chart>{one.spec}</chart>" for one in charts)

    yield run
    reading.clear()


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour of all services."""
    path = tmp_path_factory.mktemp("hour") / "health.duckdb"
    samples.write(path, datetime.now(UTC))
    return path


def text(html: str) -> str:
    """What a person reads: no tags, one space for many."""
    return " ".join(re.sub(r"<(script|style|chart).*?</\1>|<[^>]*>", " ", html, flags=re.S).split())


def names(html: str) -> list[str]:
    """The services and groups of the table, top to bottom."""
    table = re.search(r'<table class="rows tr-table.*?</table>', html, flags=re.S)
    assert table
    return re.findall(r'data-keep="(?:row|group)-([^"]+)"', table[0])


def test_figures_and_their_change_against_the_period_before(hour: Path, trends: Trends) -> None:
    html = trends(hour, range="20m")
    said = text(html)
    assert "vs the 20 min before" in said
    assert re.search(r"Uptime 9\d\.\d+ % ▼ −\d\.\d\d pp worse", said), said[:1500]
    assert "The 20 min before" in said
    assert html.count("<chart>") == 4
    assert names(html)[0] == "mcp/fly", "what was down is the worst"
    assert "down 12 min" in said
    assert "mostly no connection" in said


def test_without_a_period_before_no_change_is_shown_and_it_says_why(hour: Path, trends: Trends) -> None:
    html = trends(hour, range="24h")
    assert "No change shown: data since" in text(html)
    assert 'class="change' not in html.split("tr-tiles")[1].split("</section>")[0]
    assert "tr-alone" in html


def test_one_service_has_its_limits_and_the_course_of_its_budget(hour: Path, trends: Trends) -> None:
    html = trends(hour, range="24h", service="api/openai")
    assert names(html) == ["api/openai"]
    assert "Error budget over time" in text(html)
    assert html.count("<chart>") == 5


def test_few_services_are_a_line_each(hour: Path, trends: Trends) -> None:
    html = trends(hour, range="20m", type="api")
    legend = text(html.split("tr-lines")[1].split("</p>")[0])
    assert [name in legend for name in ("Chatwoot", "OpenAI", "Shopify")] == [True] * 3
    assert "This period" not in legend
    assert set(names(html)) == {"api/chatwoot", "api/google_analytics", "api/openai", "api/shopify"}


def test_groups_can_be_opened(hour: Path, trends: Trends) -> None:
    closed = trends(hour, range="20m", by="type")
    assert set(names(closed)) == {"mcp", "api", "webhook", "infrastructure"}
    assert 'aria-expanded="true"' not in closed
    opened = names(trends(hour, range="20m", by="type", open="webhook"))
    at_ = opened.index("webhook")
    assert sorted(opened[at_ + 1 : at_ + 3]) == ["webhook/chatwoot", "webhook/shopify"]


def test_the_order_is_what_the_address_says(hour: Path, trends: Trends) -> None:
    html = trends(hour, range="20m", type="api", sort="-p95")
    assert names(html)[-1] == "api/openai"
    assert 'aria-sort="ascending"' in html
    assert "sort=p95" in html, "the heading turns it round"


def test_what_is_not_understood_is_left_out_and_said(hour: Path, trends: Trends) -> None:
    said = text(trends(hour, range="20m", sort="colour", by="day", open="mcp,moon", map="sky"))
    for line in (
        'sort "colour": it is worst, name',
        'by "day": it is service or type',
        'open "moon"',
        'map "sky": it is',
    ):
        assert line in said.replace("&quot;", '"')


def test_a_service_that_is_not_there_has_a_way_back(hour: Path, trends: Trends) -> None:
    html = trends(hour, service="api/nothing")
    assert "No service api/nothing" in text(html)
    assert re.search(r'<a class="link" data-in-app href="trends">Show all services</a>', html)
    assert "<chart>" not in html


def test_the_map_by_hour_of_the_day(hour: Path, trends: Trends) -> None:
    html = trends(hour, range="7d", map="clock")
    assert "an hour of the day, all days together" in text(html)
    assert "--columns:24" in html


def test_nothing_was_checked_in_the_period(hour: Path, trends: Trends) -> None:
    said = text(trends(hour, range="2026-01-01/2026-01-02"))
    assert "No check in this period" in said
    assert said.count("No request in this period") == 3
    assert "Nothing was down or degraded" in said
    assert "24 not checked" in trends(hour, range="2026-01-01/2026-01-02")


def test_services_that_were_never_checked(tmp_path: Path, trends: Trends) -> None:
    path = tmp_path / "health.duckdb"
    migrate(FileLocation(path))
    samples.insert(FileLocation(path), datetime.now(UTC), minutes_ago=())
    said = text(trends(path))
    assert "Nothing is recorded yet" in said
    assert "No check in this period" in said


def test_one_check_is_enough(tmp_path: Path, trends: Trends) -> None:
    path = tmp_path / "health.duckdb"
    samples.write(path, datetime.now(UTC), minutes=0)
    html = trends(path, range="30d")
    assert html.count("<chart>") == 4
    assert "Uptime 9" in text(html) or "Uptime 100 %" in text(html)


def test_what_comes_from_outside_is_never_read_as_html(tmp_path: Path, trends: Trends) -> None:
    path, name = tmp_path / "health.duckdb", '"><img src=x onerror=alert(1)>&'
    bad = samples.Sample(ServiceType.API, name, 100, "well")
    fault = samples.Fault(30, 5, Status.DOWN, Reason.TIMEOUT, "<script>alert(2)</script>")
    samples.write(path, datetime.now(UTC), services=[bad, samples.SERVICES[0]], faults={bad.key: [fault]})
    html = trends(path, range="40m")
    assert "<img src=x" not in html
    assert "<script>alert(2)" not in html
    assert html.count("&lt;img src=x") >= 5, (
        "the table, the map, the worst, the budgets and the filter name it"
    )


def test_many_services_come_in_pages(tmp_path: Path, trends: Trends) -> None:
    path = tmp_path / "health.duckdb"
    many = [samples.Sample(ServiceType.API, f"service-{number:02}", 100, "well") for number in range(45)]
    samples.write(path, datetime.now(UTC), services=many, faults={}, minutes=1)
    html = trends(path, sort="name", page="2")
    assert names(html) == [f"api/service-{number:02}" for number in range(20, 40)]
    assert "page 2 of 3" in text(html)
    assert html.count("data-strip") == 20
    assert 'name="q"' in html
    assert len(names(trends(path, q="service-1"))) == 10


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """Eleven hours of traffic, most of them rolled up."""
    made = empty_database(tmp_path_factory.mktemp("traffic"))
    fill(made, random.Random(3))
    roll_up_until(made, at(hours=9))
    return made


def test_figures_are_those_of_the_queries(traffic: Location) -> None:
    services = (GOOGLE, SHOP, TOOLS, HOOKS)
    period = Period("a while", at(hours=5, minutes=30), at(hours=10, minutes=40))
    with read_only(traffic) as connection:
        found = question.trends(connection, at(hours=11), "2026-11-24T17:30/2026-11-24T22:40", services)
        expected = {
            by: trends_by_query(connection, period, by, services) for by in ("service", "type", "all")
        }
    lines = {"service": found.services, "type": found.groups, "all": (found.total,)}
    for by, rows in expected.items():
        assert len(rows) == len(lines[by])
        for row in rows.itertuples(index=False):
            of = (
                ServiceKey(ServiceType(row.service_type), row.service_name)
                if by == "service"
                else (ServiceType(row.service_type) if by == "type" else None)
            )
            line = next(one for one in lines[by] if one.of == of)
            assert line.requests.value == row.requests
            assert line.requests.before == row.requests_before
            assert line.p95.value == pytest.approx(row.p95_ms)
            assert line.p95.percent == pytest.approx(row.p95_change_percent)
            assert line.errors.points == pytest.approx(row.error_change_points)
            assert line.retries.points == pytest.approx(row.retry_change_points)
    assert len(SERVICES) == len(services)


def test_a_service_that_began_later_has_no_change(traffic: Location) -> None:
    with read_only(traffic) as connection:
        found = question.trends(connection, at(hours=1), "2026-11-24T12:30/2026-11-24T13:00", (SHOP,))
    assert found.total.requests.value
    assert found.total.requests.before is None
    assert found.since is not None
    assert found.since - at() < timedelta(minutes=10)
