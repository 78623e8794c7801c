"""The read API on the dashboard's own port, and what is done once when the server starts and stops.

`dashboard.py` hands `ROUTES` and `lifespan` to `st.App`. Modules that draw are imported inside functions:
imported with this one they would come before Streamlit's runtime stands.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event, Thread
from typing import Any

import anyio.to_thread
from starlette.middleware import Middleware
from starlette.routing import Route

from pages._ui.api.answers import Resource, not_found
from pages._ui.api.export import catalogue, export, prepared
from pages._ui.api.health import health
from pages._ui.api.metrics import metrics
from pages._ui.api.runbooks import runbook
from pages._ui.exporting import streams
from pages._ui.exporting.shelf import SHELF
from pages._ui.reading import keep_fresh
from pages._ui.serving import memory
from pages._ui.serving.compressing import Compressing
from pages._ui.serving.framing import Framing
from pages._ui.serving.plainly import Plainly
from pages._ui.serving.preloading import Preloading
from pages._ui.serving.starting import start

ROUTES = [
    Route("/api/integrations/health", Resource(health)),
    Route("/api/integrations/metrics", Resource(metrics)),
    Route("/api/export", Resource(catalogue)),
    Route("/api/export/{file}", Resource(export)),
    Route("/api/exports/{id}", Resource(prepared)),
    *(Route(f"/runbooks{rest}", Resource(runbook)) for rest in ("", "/", "/{name}")),
    Route("/api", Resource(not_found)),
    Route("/api/{path:path}", Resource(not_found)),
]

#: The first is the outermost: what is added to a document is compressed with it.
MIDDLEWARE = [Middleware(Framing), Middleware(Compressing), Middleware(Plainly), Middleware(Preloading)]


def on_script_error(_error: Exception) -> bool:
    """Draw a state of our own in place of Streamlit's error box; the traceback is in the log either way."""
    import streamlit as st

    from pages._ui import notices

    st.html(notices.UNEXPECTED)
    return True


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Answer without delay from the first request on: sockets, imports, the first look, a quiet collector.

    From then on what pages show is read as soon as the file changes, and memory is given back. At the end
    prepared exports are deleted.
    """
    memory.keep_small()
    await start()
    stop = Event()
    keepers = [
        Thread(target=keep_fresh, args=(stop,), name="keep-fresh", daemon=True),
        Thread(target=memory.keep_tidy, args=(stop,), name="keep-tidy", daemon=True),
    ]
    for keeper in keepers:
        keeper.start()
    try:
        yield
    finally:
        stop.set()
        for keeper in keepers:
            await anyio.to_thread.run_sync(keeper.join)
        await anyio.to_thread.run_sync(_stop)


def _stop() -> None:
    SHELF.close()
    streams.close()
