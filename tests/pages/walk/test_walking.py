"""The walk a person takes: from the first page to the service, to its incident, to a colleague, to a file."""

import csv
import io
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from unittest import mock

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import Error as BrowserError

from tests.collector.receiver.receiving import TOKEN
from tests.pages.browsing import Dashboard, dashboard_on, wait_for_refreshes, wait_until_drawn
from tests.pages.collecting import Collector, collecting
from tests.pages.overview_samples import OPEN
from tests.pages.walk import everything


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    with collecting(tmp_path_factory.mktemp("collector")) as found:
        everything.write(found.location.path, datetime.now(UTC))
        yield found


@pytest.fixture(scope="module")
def dashboard(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """The dashboard beside the collector, told its token."""
    settings = {"HEALTH_TOKEN": TOKEN, "HEALTH_COLLECTOR_URL": collector.url}
    folder = tmp_path_factory.mktemp("dashboard")
    with mock.patch.dict(os.environ, settings), dashboard_on(collector.location, folder) as found:
        yield found


def shown(page: Page) -> list[str]:
    """The services in the list, in their order."""
    return page.locator(".row").evaluate_all("rows => rows.map(row => row.dataset.service)")


def test_from_the_overview_to_a_service_and_back(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.resource_type))

    page.locator('[data-service="mcp/fly"]').click(position={"x": 150, "y": 70})
    wait_until_drawn(page, "service")
    assert page.url.endswith("/service?service=mcp/fly")
    expect(page.locator("h1")).to_have_text("Fly.io")
    assert page.title() == "✖ Fly.io · 1 down, 1 degraded of 16 · Integration Health"
    page.go_back()
    wait_until_drawn(page, "overview")
    page.locator('[data-service="api/shopify"] .name').click()
    wait_until_drawn(page, "service")
    expect(page.locator("h1")).to_have_text("Shopify")

    page.locator("select[name=service]").select_option("infrastructure/redis")
    expect(page.locator("h1")).to_have_text("Redis")
    assert page.url.endswith("service=infrastructure/redis")
    assert "document" not in asked, "no page was loaded anew"
    assert dashboard.complaints == []
    page.close()


def test_a_link_shows_a_colleague_the_same_by_their_own_clock(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser, zone="Europe/Berlin")
    page.get_by_role("link", name="MCP servers").click()
    page.locator("a.tile.count", has_text="Down").click()
    expect(page.locator(".row")).to_have_count(1)
    page.locator("[data-keep=nav-incidents]").click()
    wait_until_drawn(page, "incidents")
    page.get_by_role("link", name="30d").click()
    page.get_by_role("searchbox").fill("fly")
    page.wait_for_url("**q=fly")
    wait_for_refreshes(page, 1)

    address = page.url.removeprefix(f"{dashboard.address}/")
    assert address == "incidents?range=30d&type=mcp&status=down&q=fly"
    theirs = dashboard.open(browser, address, zone="Asia/Tokyo")

    assert "Europe/Berlin (UTC+1)" in page.locator(".head").inner_text()
    assert "Asia/Tokyo (UTC+9)" in theirs.locator(".head").inner_text()
    assert theirs.get_by_role("searchbox").input_value() == "fly"
    titles = ".incidents-title"
    assert theirs.locator(titles).all_inner_texts() == page.locator(titles).all_inner_texts() != []
    there, here = (
        one.locator(f'[href*="{OPEN}"]').first.evaluate(
            "link => { const at = link.closest('tr').querySelector('time[datetime]');"
            "return [at.getAttribute('datetime'), at.textContent] }"
        )
        for one in (theirs, page)
    )
    assert there[0] == here[0]
    assert (int(there[1][-5:-3]) - int(here[1][-5:-3])) % 24 == 8
    page.close()
    theirs.close()


def test_an_incident_is_taken_on_under_a_name_that_is_asked_for_once(
    dashboard: Dashboard, collector: Collector, browser: Browser
) -> None:
    watching = dashboard.open(browser, "incidents")
    page = dashboard.open(browser, f"incidents?incident={OPEN}")
    expect(page).to_have_title(f"✖ {page.locator('h1').inner_text()} · Integration Health")
    page.get_by_placeholder("What was found or done").fill("Looking at the <b>machines</b>.")
    name = page.get_by_label("Your name", exact=True)
    name.fill("Ann")
    name.press("Tab")
    wait_for_refreshes(page, 1)
    assert page.get_by_label("Note").input_value() == "Looking at the <b>machines</b>."

    page.get_by_role("button", name="Acknowledge").click()

    expect(page.locator(".incidents-outcome")).to_have_text("Acknowledged.")
    expect(page.get_by_text("Ann is on it")).to_be_visible()
    expect(page.locator(".story")).to_contain_text("Looking at the <b>machines</b>.")
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)
    expect(watching.locator("tr", has=watching.locator(f'[href*="{OPEN}"]'))).to_contain_text("Ann")
    by = collector.acting.rows(f"SELECT acknowledged_by FROM integration_incidents WHERE id = '{OPEN}'")
    assert by == [("Ann",)]

    page.reload()
    expect(page.locator(".acting-as")).to_have_text("You act as Ann")
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_label("Your name", exact=True)).to_have_value("Ann")
    assert TOKEN not in page.content()
    assert dashboard.complaints == []
    page.close()
    watching.close()


def rehearse_seven_checks(page: Page) -> None:
    checks = page.get_by_label("Checks in a row")
    checks.fill("7")
    checks.press("Enter")
    expect(page.locator(".alerts-draft")).to_contain_text("Checks in a row: 3 → 7")
    if not page.locator(".alerts-preview").count():
        expect(page.get_by_role("button", name="Apply the change")).to_have_count(0)
    page.get_by_role("button", name="Preview the last 30 days").click()
    expect(page.locator(".alerts-preview")).to_contain_text("With the change")


def test_a_rule_is_rehearsed_before_it_is_changed(
    dashboard: Dashboard, collector: Collector, browser: Browser
) -> None:
    page = dashboard.open(browser, "alerts?rule=service_down")
    changes = "SELECT author FROM alert_rule_changes WHERE note = 'too nervous'"
    for _ in range(3):  # as a person does who finds the form as it was at first
        rehearse_seven_checks(page)
        assert collector.acting.rows(changes) == []
        page.get_by_label("Note").fill("too nervous")
        page.get_by_label("Your name", exact=True).fill("Ann")
        with suppress(BrowserError):
            page.get_by_role("button", name="Apply the change").click(timeout=10_000)
            break

    expect(page.locator(".alerts-outcome.done")).to_contain_text("Ann, ")
    expect(page.locator(".alerts-outcome.done")).to_contain_text("Checks in a row: 3 → 7 (too nervous)")
    audit = page.locator(".alerts-history tr", has_text="too nervous")
    expect(audit).to_contain_text("Ann")
    expect(audit).to_contain_text("Checks in a row: 3 → 7")
    assert collector.acting.rows(changes) == [("Ann",)]
    page.get_by_role("button", name="Take back to services.toml").click()
    expect(page.locator(".alerts-outcome.done")).to_contain_text("Ann, ")
    expect(page.locator(".alerts-outcome.done")).to_contain_text("taken back")
    assert dashboard.complaints == []
    page.close()


def choose(page: Page, box: Locator, choice: str) -> None:
    """Writes `choice` into a list and takes it; again when the page was drawn anew in between."""
    option = page.locator('[role="option"]', has_text=choice).first
    for _ in range(10):
        box.fill(choice)
        with suppress(BrowserError):
            option.click(timeout=3000)
            break
    expect(box).to_have_value(re.compile(f"^{choice}"))


def test_a_rule_of_a_service_is_muted_and_told_of_again(
    dashboard: Dashboard, collector: Collector, browser: Browser
) -> None:
    page = dashboard.open(browser, "alerts")
    panel = page.locator(".st-key-panel-alerts-mutes")
    panel.scroll_into_view_if_needed()
    expect(panel.get_by_role("button", name="Mute", exact=True)).to_be_disabled()
    for label, choice in (("Service", "Shopify API"), ("Rule", "Service down"), ("For", "4 hours")):
        choose(page, panel.get_by_role("combobox", name=label), choice)
        expect(panel.get_by_role("button", name="Mute", exact=True)).to_be_enabled()
    panel.get_by_label("Note").fill("moving the cache")
    panel.get_by_role("button", name="Mute", exact=True).click()

    expect(panel.locator(".alerts-outcome.done")).to_have_text("Muted.")
    expect(panel.locator("tr", has_text="moving the cache")).to_contain_text("Service down of Shopify API")
    held = "SELECT service_name, rule FROM mutes WHERE until > now() AND note = 'moving the cache'"
    assert collector.acting.rows(held) == [("shopify", "service_down")]
    panel.get_by_role("button", name="End: Service down of Shopify API").click()
    expect(panel.locator(".alerts-outcome.done")).to_have_text("The mute has ended.")
    expect(panel.locator("tr", has_text="moving the cache")).to_have_count(0)
    assert collector.acting.rows(held) == []
    assert dashboard.complaints == []
    page.close()


def test_a_table_is_taken_away_and_read_back(dashboard: Dashboard, browser: Browser) -> None:
    page = dashboard.open(browser, "incidents")

    with page.expect_download() as started:
        page.get_by_role("link", name="Download as CSV").last.click()

    rows = list(csv.DictReader(io.StringIO(started.value.path().read_text())))
    assert started.value.suggested_filename.endswith(".csv")
    assert str(OPEN) in {row["id"] for row in rows}
    assert len(rows) == page.locator(".incidents-title").count()
    page.close()
