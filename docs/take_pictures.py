"""Takes the pictures of the README, `docs/pictures/*.png`, from a dashboard that shows the demo.

    make demo                             in another terminal
    .venv/bin/python docs/take_pictures.py [http://localhost:8501]

Needs what `requirements-dev.txt` brings, and Chromium.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent / "pictures"

#: A picture's name, the page it shows, the theme, and the window in pixels.
PICTURES = (
    ("overview-light", "", "light", (1440, 1000)),
    ("overview-dark", "", "dark", (1440, 1000)),
    ("overview-phone", "", "light", (390, 844)),
    ("service", "service?service=api/openai", "light", (1440, 1000)),
    ("trends", "trends?range=7d", "light", (1440, 1000)),
    ("incidents", "incidents", "dark", (1440, 1000)),
    ("alerts", "alerts", "light", (1440, 1000)),
)

_DRAWN = """() => document.querySelector('[data-test-script-state="notRunning"] .head h1')
    && [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')].every(
        chart => chart.querySelector("svg, canvas"))"""


def main() -> None:
    """Take them all, one after the other."""
    address = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8501"
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or "/usr/bin/chromium"
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        for name, path, scheme, size in PICTURES:
            take(browser, f"{address}/{path}", FOLDER / f"{name}.png", scheme, size)
        browser.close()


def take(browser: Browser, address: str, target: Path, scheme: str, size: tuple[int, int]) -> None:
    """One picture of what a window of `size` shows first."""
    width, height = size
    page = browser.new_page(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": height},
        timezone_id="Europe/Berlin",
    )
    page.goto(address)
    page.wait_for_selector("#health-clock", state="attached")
    page.wait_for_function(_DRAWN)
    # The marks of a chart are drawn a moment after its frame; the second refresh finds all of it there.
    for _ in range(2):
        stamp = page.get_attribute("#health-clock", "data-now")
        page.wait_for_function(
            "old => document.getElementById('health-clock').dataset.now !== old", arg=stamp
        )
    page.evaluate("document.fonts.ready")
    page.screenshot(path=target)
    page.close()
    print(f"{target.name}: {target.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
