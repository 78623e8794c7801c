"""What every page has around it: looks, navigation, banners, and the refresh that keeps it live.

    live("trends", "Trends", body)      draws the page named `trends` in place every few seconds

A page's body is a function of a `Visit`. It runs only when there is data to show; the states without any are
drawn here.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.model import Status
from pages._ui import access, navigation, notices, reading, times
from pages._ui.marks import mark
from pages._ui.reading import Answer, Problem, Trouble
from pages._ui.sharing import shared
from pages._ui.situation import Situation, situation
from pages._ui.snapshot import Snapshot, snapshot
from pages._ui.view import View, read_view

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page is drawn from: what is asked for, when, by whose clock, and how everything stands."""

    page: str
    view: View
    now: datetime
    zone: ZoneInfo
    theme: Literal["light", "dark"]
    situation: Situation


Body = Callable[[Visit], None]


def frame() -> None:
    """Add the style sheets and the scripts to the page; `dashboard.py` does it once for all pages."""
    st.html(f"<style>{_styles()}</style>")
    with st.container(key="scripts"):
        st.html(f"<script>{_scripts()}</script>", unsafe_allow_javascript=True)


@st.fragment(run_every=reading.REFRESH_SECONDS)
def live(page: str, title: str, body: Body) -> None:
    """The whole page, drawn anew every few seconds: the same elements in the same places each time."""
    now = reading.utc_now()
    found = reading.ask(snapshot)
    # Whoever looks in the same second sees the same: it is worked out once for all of them.
    second = now.replace(microsecond=0)
    # What was read before the database was busy says how things stood then: nobody has stopped since.
    judged = second if found.problem is None or found.taken_at is None else found.taken_at
    seen = shared(situation, found.value, judged) if found.value else None
    view, faults = read_view(st.query_params, now)
    with st.container(key="shell"):
        st.html(navigation.bar(page, title, view, now, seen))
    st.html(_banners(found, seen, faults, now))
    access.sign_in_bar()
    if is_demo() and (seen is None or not seen.services):
        st.html(notices.PREPARING)
    elif seen is None:
        st.html(notices.state(found.problem or Problem(Trouble.MISSING, "")))
    elif not seen.services and page != "about":
        st.html(notices.NOTHING_CONFIGURED)
    else:
        body(Visit(page, view, second, times.zone_of(st.context.timezone), _theme(), seen))


def is_demo() -> bool:
    """Whether the database is the one `make demo` writes."""
    return os.path.basename(os.environ.get("HEALTH_DB", "")) == "demo.duckdb"


def head(title: str, status: Status | None = None, beside: str = "", below: str = "") -> str:
    """The headline of a page; `beside` and `below` are HTML."""
    shape = mark(status) if status else ""
    return (
        f'<header class="head"><div><h1>{shape}<span>{escape(title)}</span></h1>{below}</div>'
        f'<div class="beside">{beside}</div></header>'
    )


def _theme() -> Literal["light", "dark"]:
    return "dark" if st.context.theme.type == "dark" else "light"


def _banners(found: Answer[Snapshot], seen: Situation | None, faults: tuple[str, ...], now: datetime) -> str:
    banners = notices.DEMO if is_demo() else ""
    if found.problem and found.taken_at and found.troubled_since and seen:
        banners += notices.held(found.problem, found.taken_at, found.troubled_since, now)
    if seen:
        banners += notices.stopped(seen, "make demo" if is_demo() else "python -m collector")
        banners += notices.clock_ahead(seen)
    return f'<div class="banners">{banners}{notices.faults(faults)}</div>'


@cache
def _styles() -> str:
    return "\n".join(path.read_text() for path in sorted((_HERE / "css").glob("*.css")))


@cache
def _scripts() -> str:
    return "\n".join(path.read_text() for path in sorted((_HERE / "scripts").glob("*.js")))
