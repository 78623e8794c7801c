"""What others wrote is only ever text, on every page, in a browser that would run it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from analytics.model import Reason, Status
from tests.pages import samples
from tests.pages.browsing import SIZES, Dashboard, dashboard_on, wait_for_refreshes, wait_until_it_fits
from tests.pages.walk import everything
from tests.pages.walk.everything import PAGES

_OWN = "document.body.dataset.owned='yes'"
HOSTILE = (
    f'<img src=x onerror="{_OWN}"><script>{_OWN}</script></style><b class=owned>bold</b>'
    f"\"' onmouseover='{_OWN}' [a](javascript:alert(1))"
)
NAMED = samples.Sample(samples.API, HOSTILE, 20, HOSTILE)
FAULT = samples.Fault(9, -1, Status.DOWN, Reason.HTTP_5XX, HOSTILE)


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    folder = tmp_path_factory.mktemp("hostile")
    now = datetime.now(UTC)
    database = everything.write(folder / "health.duckdb", now, HOSTILE)
    samples.insert(database, now, [*samples.SERVICES, NAMED], {NAMED.key: [FAULT], "mcp/fly": [FAULT]})
    with dashboard_on(database, folder) as found:
        yield found


def test_hostile_text_is_only_text(dashboard: Dashboard, browser: Browser) -> None:
    said = 0
    paths = [*(path for path, _ in PAGES.values()), f"service?service={quote(f'api/{HOSTILE}')}"]
    pages = [dashboard.open(browser, path) for path in paths]
    wait_for_refreshes(pages[0], 1, *pages[1:])
    for path, page in zip(paths, pages, strict=True):
        assert page.title().endswith(" · Integration Health"), path
        named = path == paths[-1] or "incident=" in path
        assert ("<img src=x" in page.title()) == named, path
        said += "<b class=owned>" in page.locator(".stMain").inner_text()
        assert page.evaluate("document.body.dataset.owned") is None, path
        assert page.locator(".owned, .stMain img:not(.brand img), a[href^=javascript]").count() == 0, path
        assert page.locator("[onmouseover], [onerror]").count() == 0, path
        for width, height in SIZES.values():
            page.set_viewport_size({"width": width, "height": height})
            wait_until_it_fits(page)
        page.close()
    assert said >= 6, "there was something to interpret"
    assert dashboard.complaints == []
    assert dashboard.foreign == []
