"""The first page: how everything is, right now."""

import streamlit as st

from analytics.model import Status
from pages._ui import cards, data, header, notices
from pages._ui.situation import Situation, situation


@st.fragment(run_every=data.REFRESH_SECONDS)
def live() -> None:
    """The whole page, drawn anew every few seconds: the same elements in the same places each time."""
    look = data.look()
    now = situation(look.snapshot, data.utc_now()) if look.snapshot else None
    with st.container(key="clock"):
        title = now.headline if now else _trouble(look)
        st.html(header.clock(data.utc_now(), title, now.worst if now else Status.UNKNOWN))
    with st.container(key="top", horizontal=True):
        st.html(header.header(now, data.REFRESH_SECONDS) if now else header.plain_header(_trouble(look)))
        st.button("Refresh", icon=":material/refresh:", key="refresh", on_click=data.forget)
    st.html(_banners(look, now) + _body(look, now))


def _trouble(look: data.Look) -> str:
    return notices.HEADLINES[look.problem.trouble] if look.problem else "No data yet"


def _banners(look: data.Look, now: Situation | None) -> str:
    banners = notices.DEMO if data.is_demo() else ""
    if look.problem and look.snapshot and now:
        banners += notices.held(look.problem, look.snapshot, now.now)
    return banners + (notices.stopped(now) if now else "")


def _body(look: data.Look, now: Situation | None) -> str:
    if now is None:
        return notices.state(look.problem or data.Problem(data.Trouble.MISSING, ""))
    if not now.services:
        return notices.NOTHING_CONFIGURED
    return cards.figures(now) + cards.groups(now)


live()
