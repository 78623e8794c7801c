"""What the page says when it cannot simply show healthy data: banners, and states of a whole page."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from pages._ui import words
from pages._ui.reading import REFRESH_SECONDS, Problem, Trouble
from pages._ui.situation import Situation
from pages._ui.times import ago

DEMO = (
    '<div class="banner demo" role="note"><b>Demo</b><span>These services are simulated; '
    "nothing on this page is real.</span></div>"
)

HEADLINES = {
    Trouble.MISSING: "No data yet",
    Trouble.BUSY: "The database is busy",
    Trouble.NEWER: "The database is newer than this dashboard",
    Trouble.UNREADABLE: "The database cannot be read",
}

_ADVICE = {
    Trouble.MISSING: (
        "Start the collector, and this page fills within a minute:",
        ("python -m collector",),
        "Only looking around? The demo needs no credentials and no network:",
        ("make demo",),
    ),
    Trouble.BUSY: ("Another program is writing to it just now. This page tries again every few seconds.", ()),
    Trouble.NEWER: (
        "It was written by a later version of the collector. Update the dashboard to the same version and "
        "start it again. The database is untouched.",
        (),
    ),
    Trouble.UNREADABLE: (
        "Check that HEALTH_DB names the collector's database and that this program may read it.",
        (),
    ),
}


def stopped(now: Situation, command: str) -> str:
    """The banner of a collector that no longer writes; empty while it does."""
    if not now.collector_stopped or now.last_checked is None or now.interval is None:
        return ""
    return (
        '<div class="banner stopped" role="alert"><b>The collector has stopped.</b>'
        f"<span>Its last sign of life was {ago(now.last_checked)}; one is due every "
        f"{words.span(now.interval)}. What is too old to say anything is shown as unknown. "
        f"Start it with <code>{command}</code></span></div>"
    )


def clock_ahead(now: Situation) -> str:
    """The banner of a collector whose clock is ahead of this machine's; empty while they agree."""
    if now.clock_ahead is None:
        return ""
    return (
        '<div class="banner held" role="status">'
        f"<b>The collector's clock is {words.span(now.clock_ahead)} ahead of this machine's.</b>"
        "<span>What it writes shows here only when this clock gets there. Set both clocks right.</span></div>"
    )


#: A trouble that lasts longer is told; a database that is busy for a moment is not news.
_HELD_AFTER_SECONDS = 2 * REFRESH_SECONDS

#: What was read so long ago may be out of date, however short the trouble: an answer to a file that does not
#: change is read anew every half minute.
_OLD_SECONDS = 45


def held(problem: Problem, taken_at: datetime, troubled_since: datetime, now: datetime) -> str:
    """The banner over the last good data while the database gives none; empty while that is no news yet."""
    troubled, age = (now - troubled_since).total_seconds(), (now - taken_at).total_seconds()
    if troubled <= _HELD_AFTER_SECONDS and age <= _OLD_SECONDS:
        return ""
    why = f" {escape(problem.text)}" if problem.trouble is Trouble.UNREADABLE else ""
    return (
        f'<div class="banner held" role="status"><b>{HEADLINES[problem.trouble]}.</b>'
        f"<span>Showing what was read {ago(taken_at)}; trying again every few seconds.{why}</span>"
        "</div>"
    )


def faults(lines: Sequence[str]) -> str:
    """What of the address was not understood, and that it is left out; empty when all was."""
    said = "".join(f"<span>{escape(line)}</span>" for line in lines)
    if not said:
        return ""
    return f'<div class="banner held" role="status"><b>Left out of the address.</b>{said}</div>'


def empty(title: str, *lines: str) -> str:
    """What stands in place of a chart or a list with nothing in it: why that is, and what would change it."""
    said = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<section class="empty"><b>{escape(title)}</b>{said}</section>'


def state(problem: Problem) -> str:
    """A whole page for a database that gives no data at all, with what to do about it."""
    advice = _ADVICE[problem.trouble]
    body = "".join(
        f"<p>{escape(part)}</p>"
        if isinstance(part, str)
        else "".join(f"<pre>{escape(c)}</pre>" for c in part)
        for part in advice
    )
    said = f'<p class="said">{escape(problem.text)}</p>' if problem.text else ""
    title = f"<h1>{HEADLINES[problem.trouble]}</h1>"
    return f'<section class="state is-{problem.trouble}">{_PULSE}{title}{body}{said}</section>'


_PULSE = '<div class="pulse" aria-hidden="true"></div>'


UNEXPECTED = (
    f'<section class="state is-unexpected">{_PULSE}<h1>This page could not be drawn</h1>'
    "<p>Something went wrong while this page was drawn. "
    "The dashboard's own log says what. Reloading the page may help.</p></section>"
)

PREPARING = (
    f'<section class="state is-empty">{_PULSE}<h1>The demo is being prepared</h1>'
    "<p>Thirty days of history are being written, for a minute or two. This page fills by itself.</p>"
    "</section>"
)

NOTHING_CONFIGURED = (
    f'<section class="state is-empty">{_PULSE}<h1>No integrations configured</h1>'
    "<p>The database is there, but nothing is monitored yet. "
    "Name your services in <code>services.toml</code> and start the collector:</p>"
    "<pre>python -m collector</pre></section>"
)
