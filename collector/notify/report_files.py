"""The files of a report, as a mail needs them."""

import re
from dataclasses import dataclass
from pathlib import Path

#: Mail servers take no larger mails; a report is a hundredth of it.
LARGEST_FILE = 8 * 1024 * 1024
_EMBEDDED = re.compile(r'(<img\b[^>]*?\bsrc=")data:image/png;base64,[A-Za-z0-9+/=\s]+(")', re.IGNORECASE)


class ReportGone(Exception):
    """The files of a report are not there; the message says which and why."""


@dataclass(frozen=True)
class ReportFiles:
    """A report: Markdown, HTML and its picture (PNG); None for what was not made."""

    markdown: str | None
    html: str | None
    picture: bytes | None
    picture_name: str

    def page_with_picture(self, url: str) -> tuple[str, bool]:
        """The HTML with its picture at `url`, and whether it shows it at all.

        The file shows its picture by name or carries it within; mail programs show neither.
        """
        if self.html is None or self.picture is None:
            return self.html or "", False
        named = re.compile(rf'(<img\b[^>]*?\bsrc=")(?:\./)?{re.escape(self.picture_name)}(")', re.IGNORECASE)
        page, many = named.subn(lambda match: f"{match[1]}{url}{match[2]}", self.html)
        if not many:
            page, many = _EMBEDDED.subn(lambda match: f"{match[1]}{url}{match[2]}", self.html, count=1)
        return page, bool(many)


def read_report(path: str) -> ReportFiles:
    """The files at `path`, which has no ending. Raises `ReportGone` without Markdown and HTML."""
    base = Path(path)
    markdown, page = _read(base, ".md"), _read(base, ".html")
    if not path or (markdown is None and page is None):
        raise ReportGone(f"the files of the report are gone: neither {base.name}.md nor .html can be read")
    return ReportFiles(
        markdown.decode("utf-8", "replace") if markdown is not None else None,
        page.decode("utf-8", "replace") if page is not None else None,
        _read(base, ".png"),
        f"{base.name}.png",
    )


def _read(base: Path, ending: str) -> bytes | None:
    file = base.parent / f"{base.name}{ending}"
    try:
        if file.stat().st_size > LARGEST_FILE:
            return None
        return file.read_bytes()
    except OSError:
        return None
