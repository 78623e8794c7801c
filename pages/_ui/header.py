"""The top of the page: the situation in words, and how fresh it is."""

from datetime import datetime

from analytics.model import Status
from pages._ui.cards import ago, mark
from pages._ui.situation import Situation

_SHAPES = {Status.HEALTHY: "●", Status.DEGRADED: "▲", Status.DOWN: "✖", Status.UNKNOWN: "○"}


def header(now: Situation, refresh_seconds: int) -> str:
    """The headline with the shape of the worst status, and when anything was last checked."""
    checked = f"last checked {ago(now.last_checked)}" if now.last_checked else "nothing checked yet"
    live = "" if now.collector_stopped else " live"
    return (
        f'<header class="head is-{now.worst}"><h1>{mark(now.worst)}<span>{now.headline}</span></h1>'
        f'<p class="fresh{live}">{"Stopped" if now.collector_stopped else "Live"} · {checked}'
        f"<span> · refreshes every {refresh_seconds} s</span></p></header>"
    )


def plain_header(headline: str) -> str:
    """The top of the page while there is nothing to judge."""
    return f'<header class="head is-unknown"><h1>{mark(Status.UNKNOWN)}<span>{headline}</span></h1></header>'


def clock(moment: datetime, title: str, status: Status) -> str:
    """The server's time and the title of the browser's tab, for the ticker; not shown."""
    return (
        f'<span id="health-clock" data-now="{int(moment.timestamp() * 1000)}" '
        f'data-title="{_SHAPES[status]} {title} · Integration Health"></span>'
    )
