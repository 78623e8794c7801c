"""All of it without a mouse: where the Tab key goes, what keys do, and that a refresh takes nothing away."""

from datetime import UTC, datetime

from playwright.sync_api import Browser, Page, expect

from tests.pages import samples
from tests.pages.browsing import Dashboard, wait_for_refreshes, wait_until_drawn

_FOCUSED = """() => {
    const at = document.activeElement;
    return at.dataset.keep ?? at.getAttribute("aria-label") ?? at.textContent.trim();
}"""


def tab_to(page: Page, wanted: str, most: int = 60) -> list[str]:
    """Press Tab until what is called `wanted` has the focus; what had it on the way."""
    met: list[str] = []
    while not met or met[-1] != wanted:
        assert len(met) < most, f"{wanted} is not among {met}"
        page.keyboard.press("Tab")
        met.append(page.evaluate(_FOCUSED))
    return met


def test_the_link_to_the_content_leads_past_the_bar(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser)

    page.keyboard.press("Tab")
    assert page.evaluate(_FOCUSED) == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    page.keyboard.press("Tab")

    assert not page.evaluate("Boolean(document.activeElement.closest('.nav'))")
    page.close()


def test_tab_goes_through_the_bar_the_filters_and_the_services(
    dashboard: Dashboard, browser: Browser
) -> None:
    page = dashboard.open(browser)

    met = tab_to(page, "row-mcp/fly")

    pages = [name for name in met if name.startswith("nav-")]
    assert pages == ["nav-overview", "nav-trends", "nav-incidents", "nav-alerts", "nav-export", "nav-about"]
    assert met.index("nav-about") < met.index("fleet") < met.index("count-down") < met.index("q")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "one sees where one is"
    page.keyboard.press("Enter")
    wait_until_drawn(page, "service")
    assert page.url.endswith("/service?service=mcp/fly")
    page.go_back()
    wait_until_drawn(page, "overview")
    page.close()


def test_a_filter_is_chosen_and_keeps_the_focus(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser)

    tab_to(page, "count-down")
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_count(1)
    wait_for_refreshes(page, 1)
    assert page.evaluate(_FOCUSED) == "count-down"

    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_count(16)
    assert page.evaluate(_FOCUSED) == "count-down"

    tab_to(page, "q")
    page.keyboard.type("redis")
    expect(page.locator(".row")).to_have_count(1)
    wait_for_refreshes(page, 1)
    page.keyboard.type("!")
    expect(page.locator(".row")).to_have_count(0)
    assert page.get_by_role("searchbox").input_value() == "redis!"
    page.close()


def test_arrows_walk_along_the_days_and_escape_closes(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser)
    tip = page.locator(".health-tip")
    tab_to(page, "days-mcp/fly")

    page.keyboard.press("ArrowLeft")
    expect(tip).to_contain_text("Down")
    page.keyboard.press("ArrowLeft")
    expect(tip).to_contain_text("No data")
    page.keyboard.press("End")
    expect(tip).to_contain_text("Uptime")
    samples.insert(dashboard.database, datetime.now(UTC))
    wait_for_refreshes(page, 2)
    expect(tip).to_contain_text("Uptime")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    assert page.evaluate(_FOCUSED) == "days-mcp/fly"
    page.close()


def test_other_pages_are_reached_and_used_by_keys(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser)
    tab_to(page, "nav-trends")
    page.keyboard.press("Enter")
    wait_until_drawn(page, "trends")
    assert page.evaluate(_FOCUSED) == "nav-trends"
    tab_to(page, "Time range-7d")
    page.keyboard.press("Enter")
    page.wait_for_url("**/trends?range=7d")
    wait_for_refreshes(page, 1)
    assert page.evaluate(_FOCUSED) == "Time range-7d"

    tab_to(page, "custom")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=since]").first).to_be_visible()
    wait_for_refreshes(page, 1)
    assert page.locator("details.custom[open]").count() == 1, "a refresh does not close it"
    page.keyboard.press("Escape")
    assert page.locator("details.custom[open]").count() == 0
    assert page.evaluate(_FOCUSED) == "custom"
    page.close()


def test_the_timeline_of_incidents_is_walked(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser, "incidents?range=24h")
    line = page.locator(".band-line[data-strip]").first
    line.focus()

    page.keyboard.press("End")
    expect(page.locator(".health-tip")).to_be_visible()
    said = page.locator(".health-tip").inner_text()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".health-tip")).not_to_have_text(said)
    page.close()
