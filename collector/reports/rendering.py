"""A report as Markdown and as HTML. All texts are escaped here, whatever is in them.

HTML is written for mail clients: tables, styles at each element, no script, nothing from elsewhere. Colours
are readable on white and, where a client turns a letter dark, on black.
"""

import base64
import re
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined

from collector.reports import alert_sections, sections, wording
from collector.reports.document import Document
from collector.reports.figures import Report
from collector.reports.headline import headline

#: Punctuation that means something in Markdown (CommonMark, and the tables, links and strikes of GitHub).
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!@&$]|^[-+=]|(?<=\bwww)\.|:(?=//))")
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
#: Ink of the statuses: 4.5 : 1 on white and above 4 : 1 on #12151c. The same hues as the dashboard's.
_INKS = MappingProxyType(
    {
        "healthy": "#0b8a68",
        "degraded": "#b06a00",
        "down": "#d4372c",
        "unknown": "#717b8f",
    }
)


def document(report: Report) -> Document:
    """Everything the report says, in order."""
    parts = [*alert_sections.sections(report)]
    if report.has_data:
        parts = [
            sections.health(report),
            parts[0],
            sections.attention(report),
            sections.traffic(report),
            *parts[1:],
        ]
    return Document(
        title=wording.title(report.period),
        stretch=wording.stretch(report.period),
        headline=headline(report),
        sections=parts,
        picture=_picture(report),
        footer="Percentages are cut, never rounded up. Times are local to the report's time zone.",
    )


def markdown(page: Document, picture: str) -> str:
    """`page` with its chart from the file `picture`, which lies beside it."""
    return _markdown().get_template("report.md.jinja").render(page=page, picture=picture)


def html(page: Document, picture: bytes) -> str:
    """`page` with `picture` (PNG) in it: one file that needs no other."""
    encoded = base64.b64encode(picture).decode("ascii")
    return _html().get_template("report.html.jinja").render(page=page, picture=encoded, inks=_INKS)


def escape_markdown(value: object) -> str:
    """`value` as one line that reads in Markdown as it is spelt."""
    text = " ".join(str(value).split())
    return _NUMBERED.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", text))


def _picture(report: Report) -> str:
    if not report.has_data:
        return ""
    if report.period.kind == "daily":
        return "The status of every service over the day, and the P95 of the APIs"
    return "The availability of every service on each day, and the P95 of the APIs"


def _markdown() -> Environment:
    return Environment(
        loader=PackageLoader("collector.reports"),
        autoescape=False,  # noqa: S701  HTML's escapes mean nothing here: `finalize` has Markdown's
        finalize=escape_markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _html() -> Environment:
    return Environment(
        loader=PackageLoader("collector.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
