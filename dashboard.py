"""The dashboard: `python dashboard.py` or `streamlit run dashboard.py`, pages and read API on one port.

Streamlit runs this file as a script for every visitor, and imports it once for the server: the two halves.
"""

import sys
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_HERE = Path(__file__).parent

if __name__ == "__main__" and get_script_run_ctx(suppress_warning=True) is None:
    from pages._ui.serving.launching import launch

    launch(Path(__file__), sys.argv[1:])
elif __name__ == "__main__":
    from pages._ui.shell import frame

    st.set_page_config(
        page_title="Integration Health", page_icon=str(_HERE / "static" / "icon.svg"), layout="wide"
    )
    frame()
    st.navigation(
        [
            st.Page("pages/overview.py", title="Overview", default=True),
            st.Page("pages/service.py", title="Service"),
            st.Page("pages/trends.py", title="Trends"),
            st.Page("pages/incidents.py", title="Incidents"),
            st.Page("pages/alerts.py", title="Alerts"),
            st.Page("pages/export.py", title="Export"),
            st.Page("pages/about.py", title="About"),
        ],
        position="hidden",
    ).run()
else:
    from pages._ui.server import MIDDLEWARE, ROUTES, lifespan, on_script_error

    app = st.App(
        __file__, routes=ROUTES, middleware=MIDDLEWARE, lifespan=lifespan, on_script_error=on_script_error
    )
