"""The read API on the dashboard's own port, and what is done once when the server starts.

`dashboard.py` hands `ROUTES` and `lifespan` to `st.App`. Modules with a cache are imported inside the
functions: imported with this one they would come before Streamlit's runtime stands.
"""

import gc
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_NEVER_STORED = {"Cache-Control": "no-store"}


def health(_request: Request) -> JSONResponse:
    """`GET /api/integrations/health`: the score and every service with its status, as the page shows it.

    503 with `{"error": …}` while there is no data. Plain `def`: Starlette runs it in a thread of its own.
    """
    from pages._ui import api, data

    look = data.look()
    if look.snapshot is None:
        text = look.problem.text if look.problem else "no data"
        return JSONResponse({"error": text}, status_code=503, headers=_NEVER_STORED)
    return JSONResponse(api.health_document(look.snapshot, data.utc_now()), headers=_NEVER_STORED)


def not_found(request: Request) -> JSONResponse:
    """404 in JSON for what the read API does not have; without it Streamlit answers with its page."""
    return JSONResponse({"error": f"no such resource: {request.url.path}"}, status_code=404)


ROUTES = [
    Route("/api/integrations/health", health, methods=["GET"]),
    Route("/api", not_found),
    Route("/api/{path:path}", not_found),
]


def on_script_error(_error: Exception) -> bool:
    """Draw a state of our own in place of Streamlit's error box; the traceback is in the log either way."""
    import streamlit as st

    from pages._ui import notices

    st.html(notices.UNEXPECTED)
    return True


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Answer without delay from the first request on: sockets, imports, the first look, a quiet collector."""
    send_small_packets_at_once()
    await anyio.to_thread.run_sync(warm_up)
    yield


def warm_up() -> None:
    """Import what the first visitor would wait for, fill the cache, and hide both from the garbage collector.

    Streamlit collects garbage after every run of a script; frozen, pandas and its friends cost nothing there.
    """
    from pages._ui import data

    data.look()
    gc.collect()
    gc.freeze()


def send_small_packets_at_once() -> None:
    """Set TCP_NODELAY on our listening sockets: else an answer on a kept connection waits about 40 ms."""
    try:
        descriptors = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        return
    for descriptor in descriptors:
        try:
            with socket.socket(fileno=os.dup(descriptor)) as found:
                if found.family in (socket.AF_INET, socket.AF_INET6) and found.getsockopt(
                    socket.SOL_SOCKET, socket.SO_ACCEPTCONN
                ):
                    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            continue
