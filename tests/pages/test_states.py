"""What the first page says in every state of the database, run as Streamlit runs it."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from analytics.db import migrate, transact
from analytics.db.location import FileLocation
from analytics.model import Reason, ServiceType, Status
from pages._ui import reading
from pages._ui.snapshot import Heartbeat, Snapshot
from tests.pages import samples
from tests.pages.conftest import ROOT, html_of

Page = Callable[[], str]


def text(html: str) -> str:
    """What a person reads: no tags, one space for many."""
    return " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", html, flags=re.S).split())


def row(html: str, key: str) -> str:
    """The HTML of one service's row."""
    found = re.search(rf'<li [^>]*data-service="{re.escape(key)}">.*?</li>', html, flags=re.S)
    assert found, f"no row for {key}"
    return found[0]


@contextmanager
def held_by_another_process(path: Path) -> Iterator[None]:
    """Somebody else has the file open for writing."""
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        yield
        assert holder.stdin is not None
        holder.stdin.close()


def test_says_how_to_start_when_there_is_no_file(database: Path, page: Page) -> None:
    said = text(page())

    assert "No data yet" in said
    assert "python -m collector" in said
    assert "make demo" in said
    assert not database.exists()


def test_says_that_nothing_is_monitored(database: Path, page: Page) -> None:
    migrate(FileLocation(database))

    said = text(page())

    assert "No integrations configured" in said
    assert "services.toml" in said


def test_a_file_without_any_table_is_no_data_yet(database: Path, page: Page) -> None:
    duckdb.connect(str(database)).close()

    said = text(page())

    assert "No data yet" in said
    assert "the collector has not prepared it yet" in said


def test_a_service_that_was_never_checked_is_shown_as_unknown(database: Path, page: Page) -> None:
    samples.write(database, datetime.now(UTC), services=samples.SERVICES[:1], minutes=-1)

    html = page()

    assert "No status known yet" in text(html)
    assert "Unknown" in text(row(html, "mcp/shopify"))
    assert "No recent check" in text(row(html, "mcp/shopify"))
    assert 'aria-label="Last 30 days: 30 without data."' in row(html, "mcp/shopify")


def test_one_service(database: Path, page: Page) -> None:
    samples.write(database, datetime.now(UTC), services=samples.SERVICES[1:2], faults={}, minutes=0)

    html = page()

    assert "1 integration, healthy" in text(html)
    assert 'class="card group-api' not in html


def test_all_services_with_the_worst_first(database: Path, page: Page) -> None:
    samples.write(database, datetime.now(UTC))

    html = page()

    assert "1 down, 1 degraded of 16" in text(html)
    assert "Health score 90 % of 15 known" in text(html)
    assert "Healthy 13 Degraded 1 Down 1 Unknown 1" in text(html)
    assert "MCP servers 5/7 healthy" in text(html)
    assert "Infrastructure 3/3 healthy" in text(html)
    order = re.findall(r'data-service="mcp/([^"]*)"', html)
    assert order[:3] == ["fly", "google-analytics", "shopify"]


def test_a_row_says_name_status_reason_duration_and_history(database: Path, page: Page) -> None:
    samples.write(database, datetime.now(UTC))

    html = page()

    fly, analytics, redis = (
        row(html, key) for key in ("mcp/fly", "mcp/google-analytics", "infrastructure/redis")
    )
    assert re.search(
        r"Fly\.io Down since \d\d:\d\d:\d\d UTC No connection to 127\.0\.0\.1: connection refused", text(fly)
    )
    assert re.search(r'aria-label="Last 30 days: \d with down time', fly)
    assert "Credentials missing · GOOGLE_APPLICATION_CREDENTIALS is not set" in text(analytics)
    assert "<1 ms" in redis.replace("&lt;", "<")
    assert re.search(r"\nDown \d", redis), (
        "the outage of half an hour ago is in the bar of today or yesterday"
    )


def test_a_stopped_collector_is_said_and_what_is_stale_is_unknown(database: Path, page: Page) -> None:
    samples.write(database, datetime.now(UTC) - timedelta(minutes=14))

    html = page()

    assert "The collector has stopped." in text(html)
    assert "Collector stopped: 16 unknown of 16" in text(html)
    assert "Collector offline · Not checked for 14 min, down then" in text(row(html, "mcp/fly"))
    assert "Healthy" not in text(row(html, "webhook/shopify")), "nobody looked at its deliveries"


def test_a_collector_whose_clock_is_ahead_is_told(database: Path, page: Page) -> None:
    samples.write(database, datetime.now(UTC) + timedelta(minutes=12, seconds=30), minutes=20)

    said = text(page())

    assert "The collector's clock is 12 min ahead of this machine's." in said
    assert "Set both clocks right." in said
    assert "has stopped" not in said


def test_a_collector_that_is_long_gone_leaves_nothing_known(database: Path, page: Page) -> None:
    samples.write(database, datetime.now(UTC) - timedelta(days=3))

    said = text(page())

    assert "Collector stopped: 16 unknown of 16" in said
    assert "Health score – of 0 known" in said


@pytest.mark.parametrize(("age", "stopped"), [(170, False), (190, True)])
def test_the_collector_has_stopped_after_three_intervals(
    database: Path, page: Page, age: int, stopped: bool
) -> None:
    samples.write(database, datetime.now(UTC) - timedelta(seconds=age), minutes=2)

    assert ("The collector has stopped." in page()) is stopped


def test_the_demo_is_called_a_demo(tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "demo.duckdb"
    monkeypatch.setenv("HEALTH_DB", str(path))
    samples.write(path, datetime.now(UTC), minutes=1)

    assert "These services are simulated" in page()


def test_a_real_database_is_not_called_a_demo(database: Path, page: Page) -> None:
    samples.write(database, datetime.now(UTC), minutes=1)

    assert "simulated" not in page()


def test_a_busy_database_without_data_at_hand(database: Path, page: Page) -> None:
    samples.write(database, datetime.now(UTC), minutes=1)

    with held_by_another_process(database):
        assert "The database is busy" in text(page())
    reading.forget()
    assert "1 down, 1 degraded of 16" in text(page())


def test_a_busy_database_keeps_the_last_good_data(database: Path, page: Page) -> None:
    samples.write(database, datetime.now(UTC), minutes=1)
    page()

    with held_by_another_process(database):
        reading.forget()
        html = page()

    assert "1 down, 1 degraded of 16" in text(html)
    assert "The database is busy" not in html, "data of this very moment needs no word about it"


def test_the_refresh_button_looks_again_at_once(database: Path) -> None:
    now = datetime.now(UTC)
    location = samples.write(database, now, faults={}, minutes=1)
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30).run()
    samples.insert(location, now + timedelta(seconds=1))
    app.run()
    assert "All 16 integrations healthy" in html_of(app), "cached for a few seconds"

    app.button(key="refresh").click().run()

    assert "1 down, 1 degraded of 16" in html_of(app)


def test_a_busy_database_never_makes_a_stopped_collector(database: Path, page: Page) -> None:
    now = datetime.now(UTC)
    samples.write(database, now, minutes=1)
    page()
    (held,) = [
        one for one in reading._entries.values() if isinstance(getattr(one.answer, "value", 0), Snapshot)
    ]
    assert held.answer is not None
    before = replace(held.answer, taken_at=now - timedelta(minutes=9))
    held.answer = replace(
        before,
        value=replace(before.value, heartbeat=Heartbeat(now - timedelta(minutes=9), timedelta(minutes=1))),
    )

    with held_by_another_process(database):
        reading.forget()
        html = page()

    assert "The collector has stopped" not in html
    assert "Showing what was read" in html, "it is nine minutes old, and says so"


def test_a_demo_that_is_being_written_says_so(
    tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "demo.duckdb"
    monkeypatch.setenv("HEALTH_DB", str(path))
    before = text(page())
    migrate(FileLocation(path))
    reading.forget()

    assert "The demo is being prepared" in before
    assert "The demo is being prepared" in text(page())


def test_a_newer_schema_asks_for_a_newer_dashboard(database: Path, page: Page) -> None:
    location = samples.write(database, datetime.now(UTC), minutes=1)
    transact(location, lambda c: c.execute("INSERT INTO schema_version VALUES (99, 'future', now())"))

    assert "The database is newer than this dashboard" in text(page())


def test_a_database_that_lacks_a_table_says_what_to_do(database: Path, page: Page) -> None:
    location = samples.write(database, datetime.now(UTC), minutes=1)
    transact(location, lambda c: c.execute("DROP TABLE collector_runs"))

    assert "start the collector of the same version once" in text(page())


def test_a_file_that_is_no_database(database: Path, page: Page) -> None:
    database.write_text("not a database, but long enough to be looked at " * 100)

    said = text(page())

    assert "The database cannot be read" in said
    assert "it is not a DuckDB database" in said


HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script> **bold** $x$ :red[y] & \' "'


def test_text_from_the_database_is_never_markup(database: Path, page: Page) -> None:
    service = samples.Sample(ServiceType.API, HOSTILE, 5, HOSTILE)
    fault = samples.Fault(9, -1, Status.DOWN, Reason.HTTP_5XX, HOSTILE)
    now = datetime.now(UTC)
    location = samples.write(database, now, [service], {service.key: [fault]}, minutes=3)
    transact(location, lambda c: c.execute("UPDATE integration_health_checks SET reason = $1", [HOSTILE]))

    html = page()

    body = html[html.index('class="figures"') :]
    assert "<img" not in body
    assert "<script" not in body
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in body
    assert "**bold** $x$" in body


def test_unknown_words_of_a_newer_collector_are_shown_as_they_are(database: Path, page: Page) -> None:
    location = samples.write(database, datetime.now(UTC), samples.SERVICES[:1], {}, minutes=0)
    transact(location, lambda c: c.execute("UPDATE integration_health_checks SET reason = 'solar_flare'"))

    assert "Solar flare" in text(row(page(), "mcp/shopify"))


def test_many_services_are_shown_page_by_page(database: Path, page: Page) -> None:
    crowd = [samples.Sample(ServiceType.API, f"service-{number}", 20, "fine") for number in range(200)]
    samples.write(database, datetime.now(UTC), crowd, {}, minutes=1)

    html = page()

    assert html.count('<li class="row') == 60
    assert "page 1 of 4" in text(html)
