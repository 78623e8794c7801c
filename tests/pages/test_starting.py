"""What is done once when the server of the dashboard starts."""

import gc
import socket
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager

from pages._ui import reading
from pages._ui.overview.last_day import last_day
from pages._ui.overview.troubles import troubles
from pages._ui.serving import starting
from pages._ui.snapshot import snapshot
from tests.pages import samples
from tests.pages.conftest import ROOT


@pytest.fixture
def unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_listening_sockets_send_small_packets_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert not listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

        assert starting.send_small_packets_at_once() >= 1

        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_first_page_is_answered_before_anybody_comes(
    database: Path, unfrozen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LIFETIME_SECONDS", 3600.0)  # however long the warm-up takes here
    samples.write(database, datetime.now(UTC), minutes=1)

    starting.warm_up()

    assert gc.get_freeze_count() > 10_000
    database.unlink()
    assert reading.ask(snapshot).value is not None, "the reading of the warm-up is still fresh"
    assert reading.ask(troubles).value is not None
    assert reading.ask(last_day, None).value is not None


def test_without_a_database_there_is_nothing_to_warm_up(database: Path, unfrozen: None) -> None:
    starting.warm_up()

    assert reading.ask(snapshot).value is None


def test_where_the_dashboard_is_and_who_can_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"browser.serverAddress": "localhost", "server.address": "127.0.0.1", "server.port": 9000}
    known = config.get_option
    monkeypatch.setattr(config, "get_option", lambda name: settings.get(name, known(name)))

    assert starting.where() == "The dashboard is at http://localhost:9000"
    settings["server.address"] = "0.0.0.0"
    assert starting.where() == "The dashboard is at http://localhost:9000, and listens on 0.0.0.0"


def test_nobody_but_this_machine_is_served_unless_told_otherwise() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())

    assert settings["server"]["address"] == "127.0.0.1"


def test_a_page_opened_first_is_drawn_with_all_that_is_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    assert PagesManager("dashboard.py").uses_pages_directory is True, (
        "Streamlit would take the folder for its menu"
    )

    starting.take_pages_from_our_navigation()

    assert PagesManager("dashboard.py").uses_pages_directory is False
