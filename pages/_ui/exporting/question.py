"""What the page asks: how much an export would be, and its first rows."""

from dataclasses import dataclass
from datetime import datetime

from analytics.db import Connection
from analytics.export import ExportError, look
from analytics.export.cells import Column
from pages._ui.exporting.asked import Asked, Chosen, chosen
from pages._ui.exporting.columns import shown_column
from pages._ui.reading import paced

#: Rows of the preview.
FIRST = 20


@dataclass(frozen=True, slots=True)
class Looked:
    """What an export would be: `cells` are the first rows as text. `fault` says in one line why not."""

    chosen: Chosen | None
    columns: tuple[Column, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    total: int = 0
    size: int = 0
    exact: bool = False
    fault: str = ""


@paced(15)
def looked(connection: Connection, now: datetime, asked: Asked) -> Looked:
    """How many rows and about how many bytes `asked` is, and the first rows."""
    try:
        wanted = chosen(connection, now, asked)
        arguments = wanted.written()
        del arguments["timezone"]
        found = look(connection, asked.dataset, asked.format, rows=FIRST, **arguments)
    except ExportError as error:
        return Looked(None, fault=str(error))
    columns = (
        shown_column(column, [row[place] for row in found.rows]) for place, column in enumerate(found.columns)
    )
    cells = tuple(zip(*columns, strict=True))
    return Looked(wanted, found.columns, cells, found.total, found.size, found.exact)
