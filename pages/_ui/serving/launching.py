"""`python dashboard.py`: the dashboard on its usual port, with a clear end when that is taken."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analytics.listeners import listener

_USUAL_PORT = "8501"

#: Where Streamlit says that a port is taken, in words that leave open by whom and what to do.
_SERVER = "streamlit.web.server.starlette.starlette_server"
_TAKEN = "Port %s is not available"


def launch(script: Path, arguments: Sequence[str]) -> None:
    """Serve `script` until the process is told to stop; `arguments` are those of `streamlit run`.

    Without another word it is on port 8501, and on that port alone: ends with code 1 when it is taken.
    """
    from streamlit.web import cli

    os.environ.setdefault("STREAMLIT_SERVER_FILE_WATCHER_TYPE", "none")
    os.environ.setdefault("STREAMLIT_SERVER_PORT", _USUAL_PORT)
    logging.getLogger(_SERVER).addFilter(said_clearly)
    cli.main(["run", str(script), *arguments], prog_name="streamlit")


def said_clearly(record: logging.LogRecord) -> bool:
    """Puts what to do into the line about a port that is taken; every other line stays as it is."""
    if record.msg == _TAKEN and record.args:
        record.msg, record.args = taken(record.args), ()
    return True


def taken(given: Any) -> str:
    """One line about the port, the first of `given`, that is taken: by whom, and what to do."""
    port = int(given[0])
    other = port % 65535 + 1
    by = listener(port) or "another program"
    return (
        f"port {port} is taken by {by}; stop it, or put the dashboard on another port: "
        f"PORT={other} with make, --server.port {other} without"
    )
