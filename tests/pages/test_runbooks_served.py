"""The runbooks on the dashboard's own port: every link of the pages leads to one, none is run."""

import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from analytics.model import Reason
from analytics.runbook_pages import FOLDER
from pages._ui.about.reasons import reasons
from pages._ui.runbooks import served_page, shelf
from pages._ui.server import ROUTES


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=ROUTES))


def test_a_runbook_is_read_without_the_collector(client: TestClient) -> None:
    answer = client.get(f"/{served_page('rate_limited')}")

    assert answer.status_code == 200
    assert "<h1>rate_limited: we ask too often</h1>" in answer.text
    assert '<p><a href="/">Dashboard</a> · <a href="/runbooks/">All runbooks</a></p>' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert client.get("/runbooks/rate_limited.md").text == answer.text


def test_every_link_of_the_pages_leads_to_one(client: TestClient) -> None:
    linked = set(re.findall(r'href="(runbooks/[^"]*)"', reasons(shelf())))

    assert len(linked) == len(Reason) - 1
    index = client.get("/runbooks").text
    assert client.get("/runbooks/").text == index
    linked |= {path.removeprefix("/") for path in re.findall(r'href="(/runbooks/[^"#]+)"', index)}
    assert len(linked) == len(list(FOLDER.glob("*.md"))) - 1
    assert {client.get(f"/{path}").status_code for path in linked} == {200}


@pytest.mark.parametrize("name", ["nothing", "<b>", "%00", "x" * 300])
def test_an_unknown_one_says_so_with_a_way_back(client: TestClient, name: str) -> None:
    answer = client.get(f"/runbooks/{name}")

    assert answer.status_code == 404
    assert "No such runbook" in answer.text
    assert 'href="/runbooks/"' in answer.text
    assert "<b>" not in answer.text
    assert client.post("/runbooks/dns").status_code == 405
