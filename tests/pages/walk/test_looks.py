"""Every page in both themes and all widths: nothing sticks out, all can be read, nobody else is asked."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.pages.browsing import CANVAS, SIZES, Dashboard, take_picture, wait_until_drawn, wait_until_it_fits
from tests.pages.walk.everything import PAGES

#: Between phone and desk: a small laptop, a tablet.
BETWEEN = (1024, 768)

#: Words that are broken within, so that they stand on two lines. What may be long is broken where it must.
_BROKEN = r"""() => {
    const found = [], range = document.createRange();
    const texts = document.createTreeWalker(document.querySelector(".stMain"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        if (text.parentElement.closest("code, pre, .long, .unseen, style, script, svg")) continue;
        for (const word of text.data.matchAll(/[\p{L}\p{N}]{2,20}(?![\p{L}\p{N}])/gu)) {
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            const lines = new Set([...range.getClientRects()].map(part => Math.round(part.top)));
            if (lines.size > 1) found.push(`${word[0]} in: ${text.data.trim().slice(0, 80)}`);
        }
    }
    return found;
}"""


def faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical, one line each with where it is."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def in_dark(page: Page, name: str) -> None:
    """The same page, once the viewer's system has turned dark, charts and all."""
    stamp = page.get_attribute("#health-clock", "data-now")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "canvas => getComputedStyle(document.querySelector('.stApp')).backgroundColor === canvas",
        arg=CANVAS["dark"],
    )
    page.wait_for_function("old => document.getElementById('health-clock').dataset.now !== old", arg=stamp)
    wait_until_drawn(page, name)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_both_themes_and_both_widths(dashboard: Dashboard, browser: Browser, name: str) -> None:
    path, heading = PAGES[name]
    here = path.partition("?")[0] or "overview"
    page = dashboard.open(browser, path)
    assert any(heading in said for said in page.locator("h1, h2").all_inner_texts())

    for scheme in ("light", "dark"):
        if scheme == "dark":
            in_dark(page, here)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            wait_until_it_fits(page)
            take_picture(page, f"{name}-{scheme}-{size}")
            # A colour is the same in every width: one theme is enough for the narrow one.
            if size == "wide" or scheme == "light":
                assert faults(page) == [], f"{scheme} {size}"

    for width in BETWEEN:
        page.set_viewport_size({"width": width, "height": 900})
        wait_until_it_fits(page)
        assert page.evaluate(_BROKEN) == [], f"{width} wide"

    assert dashboard.complaints == []
    assert dashboard.foreign == []
    page.close()
