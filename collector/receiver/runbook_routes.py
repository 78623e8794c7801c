"""`GET /runbooks/…`: the pages of docs/runbooks/, for whoever was woken up and follows the link of an alert.

No token is asked for: nothing in them is secret, and they are the same in every installation.
"""

from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from analytics.runbook_pages import FOLDER, HEADERS, INDEX, read_pages
from collector.receiver.answers import refusal


def runbook_routes(folder: Path = FOLDER) -> list[Route]:
    """The index and a route for each page of `folder`, which are read once, now."""
    pages = read_pages(folder)

    async def index(_: Request) -> Response:
        return _page(pages, INDEX)

    async def page(request: Request) -> Response:
        return _page(pages, request.path_params["name"].removesuffix(".md"))

    methods = ["GET", "HEAD"]
    return [
        Route("/runbooks", index, methods=methods),
        Route("/runbooks/", index, methods=methods),
        Route("/runbooks/{name}", page, methods=methods),
    ]


def _page(pages: Mapping[str, str], name: str) -> Response:
    found = pages.get(name)
    if found is not None:
        return HTMLResponse(found, headers=HEADERS)
    if not pages:
        return refusal(404, "there are no runbooks here: docs/runbooks/ is missing beside the collector")
    known = ", ".join(sorted(set(pages) - {INDEX}))
    return refusal(404, f"there is no such runbook; known are {known}")
