"""The collector's own routes for people's actions, served on loopback for the dashboard to call."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from analytics.db import FileLocation
from collector.receiver.server import serving
from collector.receiver.settings import ReceiverSettings
from tests.collector.receiver.acting import Acting, acting


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
