"""Where the runbooks are: this dashboard serves them itself, to whoever can see it."""

from functools import cache
from urllib.parse import urlsplit

from analytics.runbook_pages import FOLDER


def web_address(text: str) -> str:
    """`text` when it leads to a page of the web; anything else is refused as empty."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.hostname else ""


@cache
def shelf() -> str:
    """The address below which the runbooks are; empty when they are not beside this dashboard."""
    return "runbooks" if FOLDER.is_dir() else ""


def served_page(page: str) -> str:
    """The address of the runbook called `page`; empty when they are not beside this dashboard."""
    return f"{shelf()}/{page}" if shelf() else ""
