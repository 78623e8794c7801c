"""On a phone: the page one is on is in sight in the bar, and what is told in tables is told in full."""

from playwright.sync_api import Browser, Page, expect

from tests.pages.browsing import Dashboard, wait_for_refreshes, wait_until_drawn

#: How far the bar was moved, whether all of the open page's name is in it, and how wide it fades at each end.
_BAR = """() => {
    const bar = document.querySelector(".nav nav"), whole = bar.getBoundingClientRect();
    const open = bar.querySelector("[aria-current]").getBoundingClientRect();
    const fades = ["--before", "--after"].map(name => parseFloat(bar.style.getPropertyValue(name)));
    return [bar.scrollLeft, open.left > whole.left - 1 && open.right < whole.right + 1, ...fades];
}"""


def bar(page: Page) -> tuple[float, bool, float, float]:
    moved, in_sight, before, after = page.evaluate(_BAR)
    return moved, in_sight, before, after


def test_the_open_page_is_in_sight_and_the_bar_says_that_there_are_more(
    dashboard: Dashboard, browser: Browser
) -> None:
    page = dashboard.open(browser, "about", size="narrow")
    moved, in_sight, before, after = bar(page)
    assert moved > 0
    assert in_sight
    assert (before > 0, after) == (True, 0), "what is left of it fades, and there is nothing right of it"
    wait_for_refreshes(page, 2)
    assert bar(page)[0] == moved, "a refresh leaves it where it is"

    page.locator("[data-keep=nav-overview]").evaluate("link => link.click()")
    wait_until_drawn(page, "overview")
    moved, in_sight, before, after = bar(page)
    assert (moved, in_sight) == (0, True)
    assert (before, after > 0) == (0, True)
    page.locator(".nav nav").evaluate("bar => { bar.scrollLeft = 40 }")
    wait_for_refreshes(page, 1)
    assert bar(page)[0] == 40, "nor does it take back what was moved by hand"
    page.close()


def test_the_logo_says_where_it_leads(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser, "about", size="narrow")
    page.get_by_role("link", name="Integration Health, to the overview").click()
    wait_until_drawn(page, "overview")
    page.close()


def test_what_a_channel_answered_is_read_in_full(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser, "alerts", size="narrow")
    page.goto(f"{dashboard.address}/incidents")
    wait_until_drawn(page, "incidents")
    page.locator(".incidents-title").first.click()
    expect(page.locator(".st-key-panel-incident-messages")).to_contain_text("202 accepted")
    cut = page.locator(".incidents-answer").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth).length"
    )
    assert cut == 0
    page.close()


def test_the_form_of_a_period_begins_with_the_one_that_is_shown(
    dashboard: Dashboard, browser: Browser
) -> None:
    page = dashboard.open(browser, "trends?range=2026-11-20T10:00Z/2026-11-21T10:30Z", zone="Asia/Tokyo")
    page.locator("details.custom > summary").click()
    since, until = page.locator("input[name=since]"), page.locator("input[name=until]")
    expect(since).to_have_value("2026-11-20T19:00")
    expect(until).to_have_value("2026-11-21T19:30")

    since.fill("2026-11-20T20:15")
    wait_for_refreshes(page, 1)
    expect(since).to_have_value("2026-11-20T20:15")
    until.fill("2026-11-20T20:00")
    page.get_by_role("button", name="Show").click()
    assert until.evaluate("field => field.validationMessage") == "This is not after the beginning."
    until.fill("2026-11-21T19:30")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/trends?range=2026-11-20T11:15Z/2026-11-21T10:30Z")
    page.close()
