"""Loading pages in a real browser: from the navigation until the last thing was drawn.

Needs Chromium (`chromium` on the PATH).
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.dashboard.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]
_WIDTH, _HEIGHT = 1440, 1000
_PATIENCE_MS = 60_000

#: A browser keeps what it compiled of a script from the second visit on, and uses it from the third.
_UNTIL_WARM = 3

#: Notes when the last element came into the page; what only counts time does not count.
_WATCH = """
window.drawnAt = 0;
new MutationObserver((changes) => {
  for (const change of changes) {
    const place = change.target.nodeType === 1 ? change.target : change.target.parentElement;
    if (!change.addedNodes.length || place?.closest("time")) continue;
    if (!place?.closest('[data-testid="stMain"]')) continue;
    window.drawnAt = performance.now();
    break;
  }
}).observe(document, { childList: true, subtree: true });
"""

#: Nothing was drawn for so long, in ms; shorter than the time to the first refresh.
_QUIET = """(quiet) => window.drawnAt > 0 && document.querySelector("#health-clock") !== null
    && performance.now() - window.drawnAt > quiet"""
_QUIET_MS = 1_500

_MEGABIT = 1_000_000 / 8


@dataclass(frozen=True, slots=True)
class Load:
    """One visit: ms from the navigation to the last element drawn, the number of charts, bytes received."""

    milliseconds: float
    charts: int
    bytes: float


def installed() -> bool:
    """Whether there is a browser to measure with."""
    return shutil.which("chromium") is not None


@contextmanager
def fresh() -> Iterator["Browser"]:
    """A browser that keeps nothing from one visitor to the next."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_ARGUMENTS)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def warm() -> Iterator["BrowserContext"]:
    """A person's own browser: with a profile on the disk, in which files and compiled scripts are kept."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="health-profile-") as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=shutil.which("chromium"),
            args=_ARGUMENTS,
            viewport={"width": _WIDTH, "height": _HEIGHT},
        )
        try:
            yield context
        finally:
            context.close()


def first_visit(running: "Browser", server: Server, page: str = "", slow: bool = False) -> Load:
    """The load of somebody who was never here; `slow` is over 5 Mbit/s with 80 ms on the way."""
    context = running.new_context(viewport={"width": _WIDTH, "height": _HEIGHT})
    try:
        return visit(context, server, page, slow)
    finally:
        context.close()


def warm_visits(context: "BrowserContext", server: Server, page: str, times: int = 5) -> Load:
    """The median load of a browser that has been on the page before."""
    for _ in range(_UNTIL_WARM):
        visit(context, server, page)
    found = [visit(context, server, page) for _ in range(times)]
    return Load(
        statistics.median(one.milliseconds for one in found),
        found[-1].charts,
        statistics.median(one.bytes for one in found),
    )


def visit(context: "BrowserContext", server: Server, page: str, slow: bool = False) -> Load:
    """One load of `page` (an address without the leading slash)."""
    opened = context.new_page()
    opened.add_init_script(_WATCH)
    received = _receiving(opened, slow)
    try:
        opened.goto(f"{server.address}/{page}", timeout=_PATIENCE_MS, wait_until="commit")
        opened.wait_for_function(_QUIET, arg=_QUIET_MS, timeout=_PATIENCE_MS)
        charts = opened.locator('[data-testid="stVegaLiteChart"] :is(svg, canvas)').count()
        return Load(opened.evaluate("window.drawnAt"), charts, received())
    finally:
        opened.close()


def until_seen(running: "Browser", server: Server, change: Callable[[], None], says: str) -> float:
    """Seconds from the commit of `change` until the open overview shows `says` in a service's row."""
    page = running.new_page()
    try:
        page.goto(server.address)
        page.wait_for_selector("[data-service]", timeout=_PATIENCE_MS)
        change()
        committed = time.perf_counter()
        page.wait_for_selector(f"[data-service]:has-text('{says}')", timeout=_PATIENCE_MS)
        return time.perf_counter() - committed
    finally:
        page.close()


def _receiving(page: "Page", slow: bool) -> Callable[[], float]:
    """Counts the bytes that come over HTTP; the answer gives them."""
    session = page.context.new_cdp_session(page)
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    session.send("Network.enable")
    if slow:
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": 80,
                "downloadThroughput": 5 * _MEGABIT,
                "uploadThroughput": 5 * _MEGABIT,
            },
        )
    return lambda: sum(sizes)
