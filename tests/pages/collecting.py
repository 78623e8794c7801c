"""The collector's own routes for people's actions, served on loopback for the dashboard, and who uses it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from analytics.db import FileLocation
from collector.receiver.server import serving
from collector.receiver.settings import ReceiverSettings
from pages._ui import reading
from tests.collector.receiver.acting import Acting, acting
from tests.collector.receiver.receiving import TOKEN
from tests.pages import samples
from tests.pages.conftest import ROOT

ANNA = "anna@example.com"
Visit = Callable[..., AppTest]


@dataclass
class Collector:
    """A collector that only acts: its database, and where it listens."""

    acting: Acting
    url: str

    @property
    def location(self) -> FileLocation:
        assert isinstance(self.acting.location, FileLocation)
        return self.acting.location

    def incident(self, minutes_ago: float = 20, **said: Any) -> UUID:
        """A new incident of Shopify that began so long ago; open unless said otherwise."""
        began = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        return self.acting.incident(began_at=began, created_at=began + timedelta(seconds=20), **said)


@contextmanager
def collecting(folder: Path) -> Iterator[Collector]:
    """Serve it from a thread until the end of the body."""
    ready, ended = threading.Event(), asyncio.Event()
    found: list[Any] = []

    async def serve() -> None:
        async with acting(folder) as here, serving(ReceiverSettings(port=0), here.app) as port:
            here.now = datetime.now(UTC)
            found.extend([Collector(here, f"http://127.0.0.1:{port}"), asyncio.get_running_loop()])
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(20)
    try:
        yield found[0]
    finally:
        found[1].call_soon_threadsafe(ended.set)
        thread.join(20)


@contextmanager
def watching(folder: Path) -> Iterator[Collector]:
    """`collecting`, with the services of the samples, all of them well."""
    with collecting(folder) as found:
        samples.insert(found.location, datetime.now(UTC), faults={})
        yield found


def visiting(page: str, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Opens the page of that file, with what the address asks for, as Anna, who is signed in and may act.

    `who` signs in as another.
    """
    monkeypatch.setenv("HEALTH_DB", str(collector.location.path))
    monkeypatch.setenv("HEALTH_COLLECTOR_URL", collector.url)
    monkeypatch.setenv("HEALTH_TOKEN", TOKEN)
    monkeypatch.setenv("HEALTH_ACTORS", ANNA)
    reading.clear()

    def run(who: str = ANNA, **asked: object) -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages" / page), default_timeout=30)
        app.secrets["auth"] = {"client_id": "dashboard"}
        app.user = {"is_logged_in": True, "email": who}
        for name, value in asked.items():
            app.query_params[name] = str(value)
        return app.run()

    return run


def offered(app: AppTest) -> list[str]:
    """The buttons of actions."""
    return [button.label for button in app.button if button.label not in ("Sign in", "Sign out")]
