"""What stays and what changes while a page is open: refreshes, news, and whoever else works with the file."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, expect

from analytics.ids import uuid7
from analytics.model import Reason, Status
from tests.pages import incident_samples, samples
from tests.pages.browsing import Dashboard, dashboard_on, wait_for_refreshes

BROKEN = samples.Fault(9, -1, Status.DOWN, Reason.TIMEOUT, "no answer within 10 s")
ROW = '[data-service="mcp/context7"]'

#: Notes what happens to `root` from now on: which of them are replaced, how pale they or what holds them get,
#: and the fewest of them there ever are.
WATCH = """root => {
    window.kept = [...document.querySelectorAll(root)];
    window.palest = 1; window.fewest = window.kept.length;
    const look = () => {
        for (let e = document.querySelector(root); e; e = e.parentElement)
            window.palest = Math.min(window.palest, Number(getComputedStyle(e).opacity));
        window.fewest = Math.min(window.fewest, document.querySelectorAll(root).length);
        requestAnimationFrame(look);
    };
    look();
}"""


@contextmanager
def camping(path: Path, read_only: bool) -> Iterator[None]:
    """Another program has the file open: a notebook, or one that writes."""
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == 'True'); "
    script += "print(c.sql('FROM services').fetchone()); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(path), str(read_only)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin
        assert holder.stdout
        assert b"open\n" in [holder.stdout.readline(), holder.stdout.readline()]
        yield
        holder.stdin.close()


def test_a_refresh_without_news_touches_nothing(dashboard: Dashboard, browser: Browser) -> None:
    looked_at = {
        ".row": dashboard.open(browser),
        ".vega-embed svg": dashboard.open(browser, "trends"),
        "table.rows": dashboard.open(browser, "incidents"),
    }
    first, *others = looked_at.values()
    wait_for_refreshes(first, 1, *others)
    for part, page in looked_at.items():
        page.evaluate(WATCH, part)

    wait_for_refreshes(first, 2, *others)

    for part, page in looked_at.items():
        assert page.evaluate("window.kept.length && window.kept.every(part => part.isConnected)"), part
        assert page.evaluate("window.palest") == 1, part
        page.close()


def test_ages_count_up_between_refreshes(dashboard: Dashboard, browser: Browser) -> None:
    beat = samples.heartbeat(datetime.now(UTC) - timedelta(seconds=2), uuid7(), 16)
    incident_samples.insert(dashboard.database, collector_runs=[beat])
    page = dashboard.open(browser)
    expect(page.locator(".fresh time")).to_have_text(re.compile(r"^\d+ s ago$"))

    page.evaluate(
        """() => {
            const stamp = () => document.getElementById("health-clock").dataset.now;
            let [text, at] = [null, null];
            setInterval(() => {
                const said = document.querySelector(".fresh time").textContent;
                if (at === stamp() && text !== said) window.counted = true;
                [text, at] = [said, stamp()];
            }, 50);
        }"""
    )
    page.wait_for_function("window.counted")
    page.close()


def test_the_refresh_button_asks_the_database_at_once(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser)
    wait_for_refreshes(page, 1)
    stamp = page.get_attribute("#health-clock", "data-now") or "0"

    page.get_by_role("button", name="Refresh").click()
    wait_for_refreshes(page, 1)

    assert int(page.get_attribute("#health-clock", "data-now") or 0) - int(stamp) < 4500
    page.close()


def test_status_is_told_by_shape_and_word_too(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser)

    shapes = {
        status: page.locator(f".row > .mark.is-{status}").first.evaluate("e => getComputedStyle(e).maskImage")
        for status in Status
    }

    assert len(set(shapes.values())) == 4
    assert {page.locator(f".row.is-{status} .word").first.inner_text().split()[0] for status in Status} == {
        "Healthy",
        "Degraded",
        "Down",
        "Unknown",
    }
    page.close()


def test_a_service_goes_down_and_comes_back_before_ones_eyes(browser: Browser, tmp_path: Path) -> None:
    database = samples.write(tmp_path / "health.duckdb", datetime.now(UTC), minutes=30)
    with dashboard_on(database, tmp_path) as dashboard:
        page = dashboard.open(browser)
        expect(page.locator(ROW)).to_contain_text("Healthy")
        page.set_viewport_size({"width": 1440, "height": 500})
        page.locator(".stMain").evaluate("main => main.scrollTo(0, 180)")
        page.locator(f"{ROW} .name").focus()
        page.evaluate(WATCH, ".row")

        samples.insert(database, datetime.now(UTC), faults={**samples.FAULTS, "mcp/context7": [BROKEN]})
        expect(page.locator(ROW)).to_contain_text("Timed out")
        expect(page.locator("h1")).to_contain_text("2 down")
        assert page.title().startswith("✖ 2 down")

        samples.insert(database, datetime.now(UTC))
        expect(page.locator(ROW)).to_contain_text("Healthy")
        expect(page.locator("h1")).to_contain_text("1 down")

        assert page.evaluate("window.fewest") == 16, "no frame without the rows"
        assert page.evaluate("window.palest") == 1, "nothing turned grey"
        assert page.evaluate("document.activeElement.dataset.keep") == "row-mcp/context7"
        assert page.locator(".stMain").evaluate("main => main.scrollTop") == 180
        assert dashboard.complaints == []
        page.close()


def test_a_collector_that_was_gone_finds_the_page_as_it_was_left(browser: Browser, tmp_path: Path) -> None:
    database = samples.write(
        tmp_path / "health.duckdb", datetime.now(UTC) - timedelta(minutes=14), minutes=30
    )
    with dashboard_on(database, tmp_path) as dashboard:
        page = dashboard.open(browser, "?type=mcp")
        expect(page.get_by_role("alert")).to_contain_text("The collector has stopped.")
        assert page.locator(".fresh").inner_text().startswith("Stopped")
        page.get_by_role("searchbox").fill("fly")
        expect(page.locator(".row")).to_have_count(1)

        with camping(database.path, read_only=False):
            wait_for_refreshes(page, 2)
            assert page.locator(".row").count() == 1, "what was read last stays"
        with camping(database.path, read_only=True):
            with pytest.raises(duckdb.Error):
                duckdb.connect(str(database.path))
            wait_for_refreshes(page, 1)
        samples.insert(database, datetime.now(UTC))

        expect(page.get_by_role("alert")).to_have_count(0)
        expect(page.locator(".fresh")).to_contain_text("Live")
        expect(page.locator(".row .word")).to_contain_text("Down")
        assert page.get_by_role("searchbox").input_value() == "fly"
        assert page.evaluate("document.activeElement.name") == "q"
        assert page.url.endswith("?type=mcp&q=fly")
        page.close()


def test_a_lost_server_is_said(browser: Browser, tmp_path: Path) -> None:
    database = samples.write(tmp_path / "health.duckdb", datetime.now(UTC), minutes=3)
    with dashboard_on(database, tmp_path) as dashboard:
        page = dashboard.open(browser)
    page.wait_for_function("document.body.classList.contains('health-lost')")

    said = page.evaluate("getComputedStyle(document.querySelector('.fresh'), '::after').content")

    assert "connection to the dashboard lost" in said
    assert page.locator(".row").count() == 16
    page.close()
