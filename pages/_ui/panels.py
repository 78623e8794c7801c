"""The frame around a chart, a table or a list: a heading, what it is about, its data to take away. HTML."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from urllib.parse import urlencode

import streamlit as st


@contextmanager
def panel(key: str, title: str, about: str = "", aside: str = "") -> Iterator[None]:
    """A card whose content is drawn inside `with`. `about` is text, `aside` HTML; `key` is its class."""
    with st.container(key=f"panel-{key}"):
        st.html(heading(title, about, aside))
        yield


def heading(title: str, about: str = "", aside: str = "") -> str:
    """The first line of a card."""
    said = f'<span class="about">{escape(about)}</span>' if about else ""
    return f'<div class="panel-head"><h2>{escape(title)}{said}</h2><div class="aside">{aside}</div></div>'


def card(title: str, body: str, about: str = "", aside: str = "", classes: str = "") -> str:
    """A whole card of HTML."""
    return f'<section class="card {classes}">{heading(title, about, aside)}{body}</section>'


def download(name: str, **filters: str) -> str:
    """Links to what is shown as CSV and JSON: `name` is a table or figure of the export, `filters` its own.

    `period` is a period in words; what is empty is left out.
    """
    query = urlencode({key: value for key, value in filters.items() if value}, safe="/:")
    links = "".join(
        f'<a class="download" href="{escape(f"api/export/{name}.{kind}?{query}")}" download '
        f'aria-label="Download as {kind.upper()}">{kind.upper()}</a>'
        for kind in ("csv", "json")
    )
    return f'<span class="downloads">{links}</span>'
