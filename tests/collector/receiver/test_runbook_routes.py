"""The runbooks as the collector serves them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from analytics.runbook_pages import FOLDER, rendered
from collector.receiver.app import receiver_app
from collector.receiver.body import BodyReader
from collector.receiver.runbook_routes import runbook_routes
from collector.receiver.server import serving
from collector.receiver.settings import ReceiverSettings
from tests.collector.receiver.receiving import TOKEN, Events


@asynccontextmanager
async def asking(folder: Path = FOLDER) -> AsyncIterator[httpx.AsyncClient]:
    """A receiver with a token that serves `folder`, and a client that sends none."""
    settings = ReceiverSettings(port=0, token=TOKEN)
    app = receiver_app(TOKEN, BodyReader(settings), Events().logger(), runbook_routes(folder))
    async with serving(settings, app) as port:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(verify=False, base_url=url, trust_env=False, timeout=20) as http:
            yield http


async def test_a_page_is_served_without_a_token() -> None:
    async with asking() as http:
        answer = await http.get("/runbooks/rate_limited")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<h1>rate_limited: we ask too often</h1>" in answer.text
        assert "<title>rate_limited: we ask too often</title>" in answer.text
        assert (await http.get("/runbooks/rate_limited.md")).text == answer.text
        assert (await http.head("/runbooks/rate_limited")).content == b""
        assert (await http.get("/ingest/api-metrics")).status_code == 401


async def test_every_link_of_every_page_leads_to_a_page() -> None:
    async with asking() as http:
        index = (await http.get("/runbooks/")).text
        assert (await http.get("/runbooks")).text == index
        pages = set(re.findall(r'href="(/runbooks/[^"#]*)"', index))
        assert len(pages) == len(list(FOLDER.glob("*.md"))) - 1
        for page in pages:
            answer = await http.get(page)
            assert answer.status_code == 200, page
            assert set(re.findall(r'href="(/[^"#]*)"', answer.text)) <= pages | {"/runbooks/"}


async def test_an_unknown_page_names_the_known_ones() -> None:
    async with asking() as http:
        answer = await http.get("/runbooks/nothing")
        assert answer.status_code == 404
        assert answer.json()["message"].startswith("there is no such runbook; known are auth, bad_config")
        assert "README" not in answer.text


@pytest.mark.parametrize(
    "path", ["/runbooks/..%2f..%2fservices.toml", "/runbooks/../docs/data", "/runbooks/a/b"]
)
async def test_nothing_else_is_served(path: str) -> None:
    async with asking() as http:
        assert (await http.get(path)).status_code in (401, 404)


async def test_without_the_folder_the_answer_says_so(tmp_path: Path) -> None:
    async with asking(tmp_path / "gone") as http:
        answer = await http.get("/runbooks/auth")
        assert (answer.status_code, answer.json()["message"]) == (
            404,
            "there are no runbooks here: docs/runbooks/ is missing beside the collector",
        )


async def test_a_browser_is_told_to_run_and_load_nothing() -> None:
    async with asking() as http:
        policy = (await http.get("/runbooks/")).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_html_in_a_page_is_text() -> None:
    page = rendered("# a <b>\n\n<script>alert(1)</script> [x](javascript:alert(1))\n")
    assert "<script>" not in page
    assert "<title>a &lt;b&gt;</title>" in page
    assert 'href="javascript' not in page


def test_links_to_other_documents_are_none_here() -> None:
    page = rendered(
        "# a\n\n[one](auth.md#top) [two](../operations.md) [three](https://example.com/x) [i](README.md)\n"
    )
    assert re.findall(r"<a[^>]*>", page) == [
        '<a href="/runbooks/auth#top">',
        "<a>",
        '<a href="https://example.com/x">',
        '<a href="/runbooks/">',
    ]
