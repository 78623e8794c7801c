"""Tables as HTML: light, readable on a phone, and read out as tables. A cell holds HTML, safe as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, whether it holds numbers (set right), whether a narrow screen leaves it out."""

    heading: str
    number: bool = False
    wide_only: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells. `link` makes all of it lead where the first link in it leads; `mark` is a class."""

    cells: Sequence[str]
    link: bool = False
    mark: str = ""


def table(caption: str, columns: Sequence[Column], rows: Sequence[Row], hide_caption: bool = True) -> str:
    """A table with `caption` for those who cannot see what it stands below."""
    head = "".join(
        f'<th scope="col"{_classes(one)}{_title(one)}>{escape(one.heading)}</th>' for one in columns
    )
    body = "".join(_row(one, columns) for one in rows)
    hidden = ' class="unseen"' if hide_caption else ""
    return (
        f'<div class="scroll"><table class="rows"><caption{hidden}>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def technical(name: str) -> str:
    """A name of programs or a path, which may go on in the next line behind its signs. HTML."""
    first, rest = escape(name[:1]), escape(name[1:])
    return f"<code>{first}{rest.replace('_', '_<wbr>').replace('/', '/<wbr>')}</code>"


def _row(row: Row, columns: Sequence[Column]) -> str:
    cells = "".join(
        f"<td{_classes(column)}>{cell}</td>" for cell, column in zip(row.cells, columns, strict=True)
    )
    link = ' data-row-link="yes"' if row.link else ""
    mark = f' class="{escape(row.mark)}"' if row.mark else ""
    return f"<tr{mark}{link}>{cells}</tr>"


def _classes(column: Column) -> str:
    names = [name for name, on in (("number", column.number), ("wide", column.wide_only)) if on]
    return f' class="{" ".join(names)}"' if names else ""


def _title(column: Column) -> str:
    return f' title="{escape(column.title)}"' if column.title else ""
