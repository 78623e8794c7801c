"""`GET /runbooks/…`: what to do about each reason, for whoever reads the dashboard.

The collector serves the same pages for the links of its alerts; it may listen for its own machine alone.
"""

from functools import cache

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from analytics.runbook_pages import HEADERS, INDEX, read_pages, rendered

_BACK = '<a href="/">Dashboard</a>'
_UNKNOWN = "# No such runbook\n\nThe link may be older or newer than this dashboard."


def runbook(request: Request) -> Response:
    """The page the path names, or the list of all of them."""
    name = str(request.path_params.get("name") or INDEX).removesuffix(".md")
    found = _pages().get(name)
    if found is not None:
        return HTMLResponse(found, headers=HEADERS)
    return HTMLResponse(_unknown(), 404, headers={**HEADERS, "Cache-Control": "no-store"})


@cache
def _pages() -> dict[str, str]:
    return read_pages(above=_BACK)


@cache
def _unknown() -> str:
    return rendered(_UNKNOWN, f'<p>{_BACK} · <a href="/runbooks/">All runbooks</a></p>')
