"""A real Chromium on a dashboard served as a user serves it: visitors, and what their browsers say."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from analytics.db import FileLocation
from tests.need import program
from tests.pages.conftest import ROOT, serving

ARTIFACTS = ROOT / "tests" / "artifacts"
SIZES = {"wide": (1440, 1000), "narrow": (390, 844)}
PATIENCE_MS = 30_000
CANVAS = {"light": "rgb(244, 245, 248)", "dark": "rgb(11, 13, 18)"}

_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_DRAWN = """page => {
    const clock = document.getElementById("health-clock");
    const whole = document.querySelector('[data-test-script-state="notRunning"]');
    const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')];
    const named = document.getElementById("health-title") ?? clock;
    return clock?.dataset.page === page && whole && document.title === named.textContent
        && charts.every(chart => chart.querySelector("svg, canvas"));
}"""
_FITS = """() => Math.max(document.documentElement.scrollWidth, document.querySelector(".stMain").scrollWidth)
    <= innerWidth"""
_WIDEST = """[...document.querySelectorAll(".stMain *")]
    .filter(part => part.getBoundingClientRect().right > innerWidth + 1 && !part.closest(".nav, .scroll"))
    .slice(0, 5).map(part => part.outerHTML.slice(0, 120))"""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium of the system, without a window."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program("chromium"), args=_ARGUMENTS)
        yield running
        running.close()


@dataclass
class Dashboard:
    """A dashboard that is served, its database, and what pages complained about or asked of others."""

    address: str
    database: FileLocation
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(
        self,
        browser: Browser,
        path: str = "",
        scheme: str = "light",
        size: str = "wide",
        zone: str = "Europe/Berlin",
    ) -> Page:
        """A new visitor, with a browser of their own, on the page at `path`, all of it drawn."""
        width, height = SIZES[size]
        page = browser.new_page(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport={"width": width, "height": height},
            timezone_id=zone,
            accept_downloads=True,
        )
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda asked: self._note(asked.url))
        page.goto(f"{self.address}/{path}")
        wait_until_drawn(page, path.partition("?")[0] or "overview")
        return page

    def _hear(self, said: ConsoleMessage) -> None:
        # Streamlit looks for its server below the page's own path first, and finds it at the root.
        looked_for = str(said.location.get("url", "")).partition("/_stcore/")[2]
        if said.type == "error" and looked_for not in ("health", "host-config"):
            self.complaints.append(f"{said.text} {said.location.get('url', '')}")

    def _note(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.foreign.append(url)


@contextlib.contextmanager
def dashboard_on(database: FileLocation, folder: Path) -> Iterator[Dashboard]:
    """A dashboard on `database`; its log is in `folder`."""
    with serving(database.path, folder / "log") as address:
        yield Dashboard(address, database)


def wait_until_drawn(page: Page, name: str) -> None:
    """Until all of the page called `name` is there: its last element, its charts, its title, its font."""
    page.wait_for_function(_DRAWN, arg=name)
    page.evaluate("document.fonts.ready")


def wait_for_refreshes(page: Page, count: int, *others: Page) -> None:
    """Until the page, and each of the `others`, was drawn anew `count` times."""
    pages = (page, *others)
    for _ in range(count):
        stamps = [one.get_attribute("#health-clock", "data-now") for one in pages]
        for one, stamp in zip(pages, stamps, strict=True):
            one.wait_for_function(
                "old => document.getElementById('health-clock')?.dataset.now !== old", arg=stamp
            )


def wait_until_it_fits(page: Page) -> None:
    """Until nothing stands out of the window sideways; charts follow a new width a moment later."""
    try:
        page.wait_for_function(_FITS)
    except PlaywrightTimeout:
        raise AssertionError(f"{page.url} is wider than its window: {page.evaluate(_WIDEST)}") from None


def take_picture(page: Page, name: str, folder: Path = ARTIFACTS) -> None:
    """A picture of the whole page, also of what is below the window."""
    window = page.viewport_size
    assert window
    tall = page.evaluate("document.querySelector('.stMain').scrollHeight")
    page.set_viewport_size({"width": window["width"], "height": max(window["height"], min(tall, 7000))})
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")
    page.set_viewport_size(window)
