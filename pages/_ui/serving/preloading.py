"""The first document a browser gets, made to ask for everything at once.

Streamlit's own names what it needs for an empty page; what draws HTML and charts is found out about only when
the first of them arrives, and then loaded one after the other. Named here, it loads meanwhile. Our font takes
the place of Streamlit's, and the canvas has its colour before anything runs: no white flash in a dark room.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages._ui.serving.whole import held_back

_SCRIPTS = Path(streamlit.__file__).parent / "static" / "static" / "js"

#: The parts of Streamlit that our pages are drawn with, as their files begin.
_PARTS = ("Html.", "ArrowVegaLiteChart.", "Button.")

_IMPORT = re.compile(r'(?:from|import)\s*"\./([\w.\-]+\.js)"')
_NAMED = re.compile(r'static/js/([\w.\-]+\.js)"')
_NOT_FOR_TEXT = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
_THEIR_FONT = re.compile(r'<link\s+rel="preload"\s+href="\./static/media/SourceSans[^>]*>')

#: The colours of the canvas in `css/1_base.css`.
_HEAD = """<meta name="description" content="What is broken, since when, and whether it is us or them.">
<meta name="color-scheme" content="light dark">
<style>html{background:light-dark(#f4f5f8,#0b0d12);color-scheme:light dark}</style>
<link rel="preload" href="./app/static/inter.woff2" as="font" type="font/woff2" crossorigin>
"""

#: Where the server is: Streamlit would find out by asking, in vain on every page but the root, before it
#: connects. And that nobody else may send messages to the page.
_CONNECT = """<script>{
const found = location.pathname.match(/^(.*\\/)(%s)?$/);
if (found) window.__streamlit = { BACKEND_BASE_URL: location.origin + found[1], HOST_CONFIG: {
  allowedOrigins: [location.origin], useExternalAuthToken: false, enableCustomParentMessages: false,
  enforceDownloadInNewTab: false, blockErrorDialogs: false, metricsUrl: "" } };
}</script>
"""

#: The pages, as the address names them.
_PAGES = tuple(sorted(path.stem for path in Path(__file__).parents[2].glob("[a-z]*.py")))


class Preloading:
    """ASGI middleware: adds to Streamlit's document what our pages need."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or scope["path"].startswith(("/api", "/static"))
        ):
            await self._app(scope, receive, send)
            return

        async def finish(start: Message, body: bytes) -> None:
            await _send(start, document(body.decode()), send)

        await held_back(self._app, _for_text(scope), receive, send, _is_document, finish)


@cache
def document(page: str) -> str:
    """Streamlit's document `page` with our head in it; as it is when it has none."""
    if "</head>" not in page:
        return page
    named = set(_NAMED.findall(page))
    links = "".join(
        f'<link rel="modulepreload" crossorigin fetchpriority="low" href="./static/js/{name}">\n'
        for name in _needed(named)
    )
    page = _THEIR_FONT.sub("", page).replace("<title>Streamlit</title>", "<title>Integration Health</title>")
    return page.replace("</head>", f"{_HEAD}{_CONNECT % '|'.join(_PAGES)}{links}</head>", 1)


def first_files() -> tuple[str, list[Path]]:
    """Streamlit's document as it is, and the files that a browser asks for first on account of ours."""
    page = (_SCRIPTS.parents[1] / "index.html").read_text()
    return page, [_SCRIPTS / name for name in sorted(_imported(_NAMED.findall(document(page))))]


def _needed(named: Iterable[str]) -> list[str]:
    """The files our parts import that are not among `named`, or imported by them, already."""
    known = _imported(named)
    parts = [path.name for part in _PARTS for path in _SCRIPTS.glob(f"{part}*.js")]
    return sorted(_imported(parts) - known)


def _imported(names: Iterable[str]) -> set[str]:
    """`names` and all that they import, and what that imports."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        path = _SCRIPTS / name
        if name not in found and path.is_file():
            found.add(name)
            waiting += _IMPORT.findall(path.read_text(errors="replace"))
    return found


async def _send(start: Message, page: str, send: Send) -> None:
    body = page.encode()
    headers = MutableHeaders(raw=start["headers"])
    headers["Content-Length"] = str(len(body))
    for name in ("etag", "last-modified"):
        if name in headers:
            del headers[name]
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})


def _for_text(scope: Scope) -> Scope:
    """`scope` of a request for a page, so asked that its text comes: not compressed, nor left out as known.

    The document a browser knows may name the files of another version.
    """
    if "text/html" not in Headers(scope=scope).get("accept", ""):
        return scope
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in _NOT_FOR_TEXT]}


def _is_document(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return start["status"] == 200 and headers.get("content-type", "").startswith("text/html")
