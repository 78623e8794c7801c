"""The parts a report is put together from, the same for Markdown and for HTML. Texts are not yet escaped."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a table. `tone` is a status, which gives it its colour, "strong" for a name, or ""."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column; figures stand to the right."""

    title: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many cells as there are columns."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a sentence or two, and perhaps a table."""

    title: str
    lead: str
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report. `stretch` says which time it is about, `picture` what the chart shows ("" for none)."""

    title: str
    stretch: str
    headline: str
    sections: Sequence[Section]
    picture: str
    footer: str
