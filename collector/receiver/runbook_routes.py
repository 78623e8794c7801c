"""`GET /runbooks/…`: the pages of docs/runbooks/, for whoever was woken up and follows the link of an alert.

No token is asked for: nothing in them is secret, and they are the same in every installation.
"""

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from collector.receiver.answers import refusal

#: Where the pages are when the collector runs from the folder of the project.
FOLDER = Path(__file__).parents[2] / "docs" / "runbooks"
_INDEX = "README"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_TO_INDEX = '<p><a href="/runbooks/">All runbooks</a></p>'
_OWN_PAGE = re.compile(r"([A-Za-z0-9_-]+)\.md(#.*)?")

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color: #1f2328; background: #ffffff; }
a { color: #0550ae; }
code { font: 0.9em ui-monospace, monospace; background: #eff1f3; padding: 0.1em 0.3em; border-radius: 4px; }
pre { background: #eff1f3; padding: 0.8rem; border-radius: 6px; overflow-x: auto; }
pre code { padding: 0; background: none; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid #d0d7de; padding: 0.3rem 0.6rem; text-align: left; }
@media (prefers-color-scheme: dark) {
  body { color: #e6edf3; background: #0d1117; }
  a { color: #79b8ff; }
  code, pre { background: #21262d; }
  th, td { border-color: #444c56; }
}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "max-age=300",
}


def runbook_routes(folder: Path = FOLDER) -> list[Route]:
    """The index and a route for each page of `folder`, which are read once, now."""
    pages = read_pages(folder)

    async def index(_: Request) -> Response:
        return _page(pages, _INDEX)

    async def page(request: Request) -> Response:
        return _page(pages, request.path_params["name"].removesuffix(".md"))

    methods = ["GET", "HEAD"]
    return [
        Route("/runbooks", index, methods=methods),
        Route("/runbooks/", index, methods=methods),
        Route("/runbooks/{name}", page, methods=methods),
    ]


def read_pages(folder: Path) -> dict[str, str]:
    """The pages of `folder` as HTML, by name; empty when it cannot be read."""
    try:
        files = sorted(path for path in folder.glob("*.md") if _NAME.fullmatch(path.stem))
        return {
            path.stem: rendered(path.read_text(encoding="utf-8"), "" if path.stem == _INDEX else _TO_INDEX)
            for path in files
        }
    except (OSError, UnicodeDecodeError):
        return {}


def rendered(markdown: str, above: str = "") -> str:
    """One page: HTML in `markdown` is shown as text, links between pages lead to `/runbooks/<name>`.

    `above` is HTML that stands before it.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown)
    for token in tokens:
        for child in token.children or ():
            _lead(child)
    title = next((line.lstrip("# ") for line in markdown.splitlines() if line.startswith("# ")), "Runbook")
    body = parser.renderer.render(tokens, parser.options, {})
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>{above}{body}</body></html>"
    )


def _lead(token: Token) -> None:
    """Make the link that `token` opens one of this server; one to other files of the project is none here."""
    target = token.attrGet("href") if token.type == "link_open" else None
    if not isinstance(target, str) or "://" in target or target.startswith("#"):
        return
    own = _OWN_PAGE.fullmatch(target)
    if own is None:
        token.attrs.pop("href")
    else:
        # From the index at /runbooks/ as from a page beside it: the same folder.
        token.attrSet("href", f"/runbooks/{'' if own[1] == _INDEX else own[1]}{own[2] or ''}")


def _page(pages: Mapping[str, str], name: str) -> Response:
    found = pages.get(name)
    if found is not None:
        return HTMLResponse(found, headers=_HEADERS)
    if not pages:
        return refusal(404, "there are no runbooks here: docs/runbooks/ is missing beside the collector")
    known = ", ".join(sorted(set(pages) - {_INDEX}))
    return refusal(404, f"there is no such runbook; known are {known}")
