"""The pages of docs/runbooks/ as whole HTML documents, for whoever follows the link to one of them.

Nothing in them is secret, and they are the same in every installation. HTML in them is shown as text.
"""

import base64
import hashlib
import html
import re
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

#: Where the pages are when the product runs from the folder of the project.
FOLDER = Path(__file__).parents[1] / "docs" / "runbooks"

#: The page that lists the others.
INDEX = "README"

_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_TO_INDEX = '<a href="/runbooks/">All runbooks</a>'
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

#: A page runs nothing, loads nothing, and is framed by nobody.
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "max-age=300",
}


def read_pages(folder: Path = FOLDER, above: str = "") -> dict[str, str]:
    """The pages of `folder` as HTML, by name; empty when it cannot be read. `above` is one more link."""
    try:
        files = sorted(path for path in folder.glob("*.md") if _NAME.fullmatch(path.stem))
        return {
            path.stem: rendered(path.read_text(encoding="utf-8"), _links(path.stem, above)) for path in files
        }
    except (OSError, UnicodeDecodeError):
        return {}


def _links(name: str, above: str) -> str:
    links = " · ".join(part for part in (above, "" if name == INDEX else _TO_INDEX) if part)
    return f"<p>{links}</p>" if links else ""


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
        token.attrSet("href", f"/runbooks/{'' if own[1] == INDEX else own[1]}{own[2] or ''}")
