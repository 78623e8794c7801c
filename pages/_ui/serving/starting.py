"""What is done once, when the server starts: nobody waits for it, and nobody's first visit is a slow one.

Modules with a cache are imported inside the functions: at the top they would come before Streamlit's runtime.
"""

import gc
import os
import socket

import anyio.to_thread

from pages._ui.access_rules import is_loopback
from pages._ui.serving import compressing, preloading

#: As the overview draws its chart, in pixels.
_CHART_HEIGHT = 320


async def start() -> None:
    """Prepare sockets, navigation, imports and the first answers; then say where the dashboard is."""
    listening = send_small_packets_at_once()
    take_pages_from_our_navigation()
    await anyio.to_thread.run_sync(warm_up)
    if listening:
        print(where(), flush=True)


def where() -> str:
    """One line: the address to open, and who can reach it."""
    from streamlit import config
    from streamlit.web.server.server_util import get_url

    host = str(config.get_option("browser.serverAddress") or "localhost")
    place = str(config.get_option("server.address") or "")
    reach = "" if is_loopback(place) else f", and listens on {place or 'every address of this machine'}"
    return f"The dashboard is at {get_url(host)}{reach}"


def take_pages_from_our_navigation() -> None:
    """Keep Streamlit from taking the folder `pages/` for its own menu.

    It does so until `dashboard.py` has run once: who came first by a link to another page would get that page
    bare, and so would everybody after, until somebody opened the root.
    """
    from streamlit.runtime.pages_manager import PagesManager

    PagesManager.uses_pages_directory = False


def warm_up() -> None:
    """Import what the first visitor would wait for, ask what the first page asks, and hide all of it from the
    garbage collector.

    Streamlit collects garbage after every run of a script; frozen, pandas and its friends cost nothing there.
    """
    from pages._ui import charts, latency_looks, reading, shell  # noqa: F401
    from pages._ui.overview.last_day import last_day
    from pages._ui.overview.month import past
    from pages._ui.overview.troubles import troubles
    from pages._ui.snapshot import snapshot

    _, files = preloading.first_files()
    for path in files:
        compressing.prepare(path.read_bytes())
    for theme in charts.PALETTE:
        latency_looks.percentiles(theme, _CHART_HEIGHT)
    if reading.ask(snapshot).value is not None:
        reading.ask(troubles)
        reading.ask(last_day, None)
        reading.ask(past, None)
    gc.collect()
    gc.freeze()


def send_small_packets_at_once() -> int:
    """Set TCP_NODELAY on our listening sockets: else an answer on a kept connection waits about 40 ms.

    Gives how many there are: none where the program that serves us opens them later.
    """
    listening = 0
    try:
        descriptors = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        return listening
    for descriptor in descriptors:
        try:
            with socket.socket(fileno=os.dup(descriptor)) as found:
                if found.family in (socket.AF_INET, socket.AF_INET6) and found.getsockopt(
                    socket.SOL_SOCKET, socket.SO_ACCEPTCONN
                ):
                    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    listening += 1
        except OSError:
            continue
    return listening
