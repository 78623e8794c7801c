"""The same from a script: commands to copy. HTML."""

import os
from dataclasses import replace
from html import escape
from urllib.parse import urlsplit

from analytics.db import FileLocation, locate
from pages._ui import panels
from pages._ui.exporting.asked import Chosen
from pages._ui.exporting.naming import command, curl

_USUAL = "http://127.0.0.1:8501"


def commands(chosen: Chosen, page_address: str | None) -> str:
    """A card with the commands that bring the very same file. `page_address` is that of the page."""
    asked = chosen.asked
    by_services = replace(asked, services=chosen.services or (), service_type=None)
    lines = (
        ("From anywhere", curl(asked, origin(page_address))),
        ("On the machine of the database", command(by_services, _database())),
    )
    body = "".join(f"<dt>{label}</dt><dd><pre>{escape(line)}</pre></dd>" for label, line in lines)
    return panels.card(
        "Do the same from a script", f'<dl class="export-script">{body}</dl>', classes="export-card"
    )


def _database() -> str:
    """The file that is looked at, where one is named; of a lake nothing: its address may hold a password."""
    location = locate(os.environ["HEALTH_DB"]) if os.environ.get("HEALTH_DB") else None
    return str(location) if isinstance(location, FileLocation) else ""


def origin(page_address: str | None) -> str:
    """Scheme, host and port of the page; where the dashboard usually is when nothing says."""
    try:
        parts = urlsplit(page_address or "")
    except ValueError:
        return _USUAL
    return (
        f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else _USUAL
    )
