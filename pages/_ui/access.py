"""Who may act: asked before anything is offered, and again when it is done.

    who = access.may_act()

If `who.allowed`, offer it and act as `who.author`; otherwise show `who.why`.
"""

import os
from html import escape
from urllib.parse import unquote

import streamlit as st
from streamlit.errors import StreamlitAuthError

from pages._ui.access_rules import (
    LONGEST_NAME,
    NOBODY_IN_PARTICULAR,
    Permission,
    Visitor,
    one_line,
    permission,
)

_NAME = "acting-as"
_FIELD = "acting-as-field"
_ASKED = "acting-as-asked"
#: Where the browser keeps the name until it is closed (`scripts/name.js`). It proves no more than the field.
_COOKIE = "health-acting-as"
_FAULT = "sign-in-fault"
_INCOMPLETE = "Sign-in is not set up completely; see the section Access of docs/dashboard.md."

#: What is in [auth] beside the providers.
_PROVIDER_KEYS = ("client_id", "server_metadata_url")


def may_act() -> Permission:
    """Whether who looks at this page may act, and as whom. Costs nothing worth counting."""
    return permission(
        _visitor(), bool(os.environ.get("HEALTH_TOKEN", "").strip()), os.environ.get("HEALTH_ACTORS", "")
    )


def ask_name() -> None:
    """The name to act under, where people do not sign in: a field, or the name once it was told.

    It holds on every page until the browser is closed. Once on a page at most.
    """
    if sign_in_configured():
        return
    known = _kept_name()
    with st.container(key="acting-as"):
        if known and not st.session_state.get(_ASKED):
            with st.container(key="acting-as-known", horizontal=True, vertical_alignment="center"):
                st.html(f'<p class="acting-as">You act as <b>{escape(known)}</b></p>')
                st.button("Change", key="acting-as-change", type="tertiary", on_click=_ask_again)
            return
        st.text_input(
            "Your name",
            value=known,
            max_chars=LONGEST_NAME,
            placeholder=NOBODY_IN_PARTICULAR,
            help="What you do is recorded under this name, on every page, until you close the browser.",
            key=_FIELD,
            on_change=_keep_name,
        )


def _ask_again() -> None:
    st.session_state[_ASKED] = True


def _keep_name() -> None:
    st.session_state[_NAME] = one_line(str(st.session_state.get(_FIELD, "")))
    st.session_state.pop(_ASKED, None)


def _kept_name() -> str:
    """What the person said here, else what their browser kept of an earlier visit."""
    if _NAME in st.session_state:
        return str(st.session_state[_NAME])
    return one_line(unquote(st.context.cookies.get(_COOKIE, "")))


def sign_in_configured() -> bool:
    """Whether `.streamlit/secrets.toml` has an `[auth]`: then only who signs in may act."""
    return bool(st.secrets.load_if_toml_exists() and "auth" in st.secrets)


def sign_in_bar() -> None:
    """Who is signed in, and the way in or out. Draws nothing where sign-in is not configured."""
    if not sign_in_configured():
        return
    claims = _claims()
    with st.container(
        key="sign-in", horizontal=True, horizontal_alignment="right", vertical_alignment="center"
    ):
        if st.session_state.get(_FAULT):
            st.caption(st.session_state[_FAULT])
        if claims is not None:
            who = str(claims.get("email") or claims.get("name") or "signed in")
            st.text(who[:LONGEST_NAME])
            st.button("Sign out", key="sign-out", type="tertiary", on_click=_sign_out)
            return
        for provider in _providers():
            label = f"Sign in with {provider.capitalize()}" if provider else "Sign in"
            st.button(
                label,
                key=f"sign-in-{provider or 'default'}",
                type="tertiary",
                on_click=_sign_in,
                args=(provider,),
            )


def _sign_in(provider: str) -> None:
    try:
        st.login(provider or None)
    except StreamlitAuthError:
        # Its own message names files and settings of the server: those belong into the log.
        st.session_state[_FAULT] = _INCOMPLETE


def _sign_out() -> None:
    st.session_state.pop(_FAULT, None)
    st.logout()


def _visitor() -> Visitor:
    return Visitor(
        peer=_peer(),
        headers=_headers(),
        sign_in=sign_in_configured(),
        claims=_claims(),
        # The field is newer than what was kept of it when a button is pressed right after it was written in.
        name=str(st.session_state.get(_FIELD, _kept_name())),
    )


def _peer() -> str | None:
    """The other end's address: None for this machine, and also for a socket file, which has none."""
    behind_socket_file = str(st.get_option("server.address") or "").startswith("unix://")
    return "a socket file" if behind_socket_file else st.context.ip_address


def _headers() -> dict[str, str]:
    # One that is sent twice must not be judged by half of it.
    sent = st.context.headers
    return {name.lower(): ", ".join(sent.get_all(name)) for name in sent}


def _claims() -> dict[str, object] | None:
    """What the sign-in told of who is signed in; None when nobody is."""
    told: dict[str, object] = dict(st.user.to_dict())
    return told if told.get("is_logged_in") is True else None


def _providers() -> list[str]:
    """The ways to sign in: "" for the one of `[auth]` itself, else the names of its tables."""
    settings = st.secrets["auth"]
    if any(key in settings for key in _PROVIDER_KEYS):
        return [""]
    return [name for name in settings if hasattr(settings[name], "keys")]
