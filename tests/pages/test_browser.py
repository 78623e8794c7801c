"""The page in a real Chromium, served as a user serves it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from analytics.db import FileLocation
from analytics.model import Reason, Status
from tests.need import program
from tests.pages import samples
from tests.pages.conftest import ROOT, serving

ARTIFACTS = ROOT / "tests" / "artifacts"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"wide": (1440, 1000), "narrow": (390, 844)}
PATIENCE_MS = 30_000
NEWER_THAN = "old => document.getElementById('health-clock')?.dataset.now !== old"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
        yield running
        running.close()


@dataclass
class Dashboard:
    """A dashboard that is served, its database, and what pages complained about or asked of others."""

    address: str
    database: FileLocation
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, browser: Browser, scheme: str = "light", size: str = "wide") -> Page:
        """A new visitor on the first page, all of it drawn."""
        width, height = SIZES[size]
        page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": height})  # type: ignore[arg-type]
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda asked: self._note(asked.url))
        page.goto(self.address)
        page.wait_for_selector(".groups .row, .state", timeout=PATIENCE_MS)
        page.wait_for_function("document.title.includes('·')", timeout=PATIENCE_MS)
        page.evaluate("document.fonts.ready")
        return page

    def _note(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.foreign.append(url)


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    folder = tmp_path_factory.mktemp("dashboard")
    database = samples.write(folder / "health.duckdb", datetime.now(UTC), minutes=240)
    with serving(database.path, folder / "log") as address:
        yield Dashboard(address, database)


def wait_for_refreshes(page: Page, count: int) -> None:
    """Until the page was drawn anew `count` times."""
    for _ in range(count):
        stamp = page.get_attribute("#health-clock", "data-now")
        page.wait_for_function(
            "old => document.getElementById('health-clock')?.dataset.now !== old",
            arg=stamp,
            timeout=PATIENCE_MS,
        )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_looks_right_in_every_size_and_scheme(
    dashboard: Dashboard, browser: Browser, scheme: str, size: str
) -> None:
    page = dashboard.open(browser, scheme, size)

    assert page.locator(".row").count() == 16
    assert page.locator("h1").inner_text() == "1 down, 1 degraded of 16"
    assert page.title() == "✖ 1 down, 1 degraded of 16 · Integration Health"
    assert page.evaluate("document.documentElement.scrollWidth") == SIZES[size][0], "nothing sticks out"
    assert page.evaluate("document.fonts.check('16px Inter')")
    canvas = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert canvas == {"light": "rgb(244, 245, 248)", "dark": "rgb(11, 13, 18)"}[scheme]
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"overview-{scheme}-{size}.png")
    page.close()


def test_status_is_told_by_shape_and_word_too(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser)

    shapes = {
        status: page.locator(f".row > .mark.is-{status}").first.evaluate("e => getComputedStyle(e).maskImage")
        for status in Status
    }
    heights = [page.locator(f".bar i.{kind}").first.bounding_box()["height"] for kind in "hgd"]  # type: ignore[index]

    assert len(set(shapes.values())) == 4
    assert heights == sorted(set(heights))
    assert page.get_by_role("img", name="healthy").count() >= 15
    page.close()


def test_it_counts_up_between_refreshes(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser)

    said = page.locator(".fresh time").inner_text()
    stamp = page.get_attribute("#health-clock", "data-now")
    page.wait_for_function(
        "old => document.querySelector('.fresh time').textContent !== old", arg=said, timeout=3000
    )

    assert said.endswith("ago")
    assert int(page.get_attribute("#health-clock", "data-now") or 0) - int(stamp or 0) < 5500
    page.close()


def test_a_refresh_without_news_touches_no_card(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser)
    wait_for_refreshes(page, 1)
    page.evaluate(
        """() => {
            window.rows = [...document.querySelectorAll('.row')];
            window.touched = 0;
            window.palest = 1;
            new MutationObserver(seen => { window.touched += seen.length; })
                .observe(document.querySelector(".groups"), {childList: true, subtree: true});
            const look = () => {
                for (let e = document.querySelector('.row'); e; e = e.parentElement)
                    window.palest = Math.min(window.palest, Number(getComputedStyle(e).opacity));
                requestAnimationFrame(look);
            };
            look();
        }"""
    )

    wait_for_refreshes(page, 2)

    assert page.evaluate("window.rows.length && window.rows.every(row => row.isConnected)")
    assert page.evaluate("window.palest") == 1
    assert page.evaluate("window.touched") <= 2, "only a time that counts up may change"
    page.close()


def test_a_change_in_the_database_comes_to_the_screen_by_itself(browser: Browser, tmp_path: Path) -> None:
    database = samples.write(tmp_path / "health.duckdb", datetime.now(UTC), minutes=30)
    with serving(database.path, tmp_path / "log") as address:
        page = Dashboard(address, database).open(browser)
        assert "Down" not in page.locator('[data-service="mcp/context7"]').inner_text()
        page.evaluate(
            """() => {
                window.fewest = 99;
                const look = () => {
                    window.fewest = Math.min(window.fewest, document.querySelectorAll('.row').length);
                    requestAnimationFrame(look);
                };
                look();
            }"""
        )
        broken = samples.Fault(9, -1, Status.DOWN, Reason.TIMEOUT, "no answer within 10 s")

        samples.insert(database, datetime.now(UTC), faults={**samples.FAULTS, "mcp/context7": [broken]})

        expect(page.locator('[data-service="mcp/context7"]')).to_contain_text(
            "Timed out", timeout=PATIENCE_MS
        )
        expect(page.locator("h1")).to_contain_text("2 down", timeout=PATIENCE_MS)
        assert page.evaluate("window.fewest") == 16, "no frame without the rows"
        page.close()


def test_the_refresh_button_asks_the_database_at_once(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser)
    wait_for_refreshes(page, 1)
    stamp = page.get_attribute("#health-clock", "data-now") or "0"

    page.get_by_role("button", name="Refresh").click()
    page.wait_for_function(NEWER_THAN, arg=stamp, timeout=PATIENCE_MS)

    assert int(page.get_attribute("#health-clock", "data-now") or 0) - int(stamp) < 4500
    page.close()


def test_a_lost_server_is_said(browser: Browser, tmp_path: Path) -> None:
    database = samples.write(tmp_path / "health.duckdb", datetime.now(UTC), minutes=3)
    with serving(database.path, tmp_path / "log") as address:
        page = Dashboard(address, database).open(browser)
    page.wait_for_function("document.body.classList.contains('health-lost')", timeout=PATIENCE_MS)

    said = page.evaluate("getComputedStyle(document.querySelector('.fresh'), '::after').content")

    assert "connection to the dashboard lost" in said
    page.close()


def test_hostile_text_is_only_text(browser: Browser, tmp_path: Path) -> None:
    hostile = "<img src=x onerror=\"document.body.dataset.owned='yes'\"><b>bold</b> **x**"
    service = samples.Sample(samples.API, hostile, 20, hostile)
    fault = samples.Fault(9, -1, Status.DOWN, Reason.HTTP_5XX, hostile)
    database = samples.write(
        tmp_path / "health.duckdb", datetime.now(UTC), [service], {service.key: [fault]}, 2
    )
    with serving(database.path, tmp_path / "log") as address:
        dashboard = Dashboard(address, database)
        page = dashboard.open(browser)

        assert hostile in page.locator(".why").inner_text()
        assert page.locator(".groups img, .groups .name b").count() == 0
        assert page.evaluate("document.body.dataset.owned") is None
        assert dashboard.complaints == []
        page.close()


def test_no_page_complained_or_asked_anybody_else(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser)
    wait_for_refreshes(page, 1)
    page.close()

    assert dashboard.complaints == []
    assert dashboard.foreign == []
