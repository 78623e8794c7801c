"""Who may act, on a dashboard that is served: forged headers, and signing in at an OpenID provider."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from socket import create_connection
from unittest import mock
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests.collector.receiver.receiving import TOKEN
from tests.need import program
from tests.pages import samples
from tests.pages.collecting import Collector, collecting
from tests.pages.conftest import serving
from tests.pages.signing_in import provider

PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    with collecting(tmp_path_factory.mktemp("collector")) as found:
        samples.insert(found.location, datetime.now(UTC), faults={})
        yield found


def environment(collector: Collector, **more: str) -> dict[str, str]:
    return {"HEALTH_TOKEN": TOKEN, "HEALTH_COLLECTOR_URL": collector.url, **more}


def drawn(address: str, query: str, host: str = "", **headers: str) -> str:
    """HTML and buttons of the page of incidents, for a browser that was told `host` and sends `headers`."""
    there = urlsplit(address)
    assert there.hostname
    message = BackMsg()
    message.rerun_script.page_name = "incidents"
    message.rerun_script.query_string = query
    found = []
    with connect(
        f"ws://{host or there.hostname}:{there.port}/_stcore/stream",
        sock=create_connection((there.hostname, there.port)),
        origin=address,  # type: ignore[arg-type]
        additional_headers={name.replace("_", "-"): value for name, value in headers.items()},
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
    ) as socket:
        socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(socket.recv(timeout=30))  # type: ignore[arg-type]
            if answer.WhichOneof("type") == "script_finished":
                return "\n".join(found)
            element = answer.delta.new_element
            found += [element.html.body, element.button.label]


def test_only_a_browser_on_this_machine_is_offered_actions(collector: Collector, tmp_path: Path) -> None:
    query = f"incident={collector.incident()}"
    settings = environment(collector, FORWARDED_ALLOW_IPS="*")
    with mock.patch.dict(os.environ, settings), serving(collector.location.path, tmp_path / "log") as address:
        assert "Acknowledge" in drawn(address, query).splitlines()
        forged = drawn(address, query, X_Forwarded_For="127.0.0.1")
        rebound = drawn(address, query, host="health.example.com")
        for page, why in ((forged, "you come through a proxy"), (rebound, "one may act only under")):
            assert "Acknowledge" not in page.splitlines()
            assert f"Read-only: {why}" in page
            assert TOKEN not in page


def test_who_signs_in_and_is_listed_acts_under_the_address(collector: Collector, tmp_path: Path) -> None:
    incident = collector.incident()
    secrets = tmp_path / "secrets.toml"
    settings = environment(collector, HEALTH_ACTORS="*@example.com", STREAMLIT_SECRETS_FILES=str(secrets))
    with (
        provider() as found,
        mock.patch.dict(os.environ, settings),
        sync_playwright() as playwright,
    ):
        secrets.write_text(found.secrets())
        with serving(collector.location.path, tmp_path / "log") as address:
            chromium = playwright.chromium.launch(
                executable_path=program("chromium"), args=["--headless", "--no-sandbox", "--disable-gpu"]
            )
            page = chromium.new_page()
            page.set_default_timeout(PATIENCE_MS)
            here = address.replace("127.0.0.1", "localhost")
            page.goto(here)
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_text("anna@example.com")).to_be_visible(timeout=PATIENCE_MS)
            page.goto(f"{here}/incidents?incident={incident}")
            page.get_by_role("button", name="Acknowledge").click()
            expect(page.get_by_text("Acknowledged.", exact=True)).to_be_visible(timeout=PATIENCE_MS)
            page.get_by_role("button", name="Sign out").click()
            expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)
            page.goto(f"{here}/incidents?incident={incident}")
            expect(page.get_by_text("Read-only: sign in to act.")).to_be_visible(timeout=PATIENCE_MS)
            assert TOKEN not in page.content()
            chromium.close()
    assert found.asked[0]["code_challenge_method"] == "S256"
    by = collector.acting.rows(f"SELECT acknowledged_by FROM integration_incidents WHERE id = '{incident}'")
    assert by == [("anna@example.com",)]
