"""What every page has around it: the looks, and the clock that keeps ages counting in the browser."""

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent


def frame() -> None:
    """Add the style sheet and the ticker to the page; `dashboard.py` does it once for all pages."""
    st.html(_HERE / "theme.css")
    with st.container(key="ticker"):
        st.html(_HERE / "ticker.html", unsafe_allow_javascript=True)
