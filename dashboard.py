"""The dashboard: `streamlit run dashboard.py`, pages and read API on one port.

Streamlit runs this file as a script for every visitor, and imports it once for the server: the two halves.
"""

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent

if __name__ == "__main__":
    from pages._ui.frame import frame

    st.set_page_config(
        page_title="Integration Health", page_icon=str(_HERE / "static" / "icon.svg"), layout="wide"
    )
    st.logo(str(_HERE / "static" / "logo.svg"), size="large")
    frame()
    st.navigation(
        [st.Page("pages/overview.py", title="Overview", icon=":material/monitor_heart:", default=True)],
        position="top",
    ).run()
else:
    from pages._ui.server import ROUTES, lifespan, on_script_error

    app = st.App(__file__, routes=ROUTES, lifespan=lifespan, on_script_error=on_script_error)
