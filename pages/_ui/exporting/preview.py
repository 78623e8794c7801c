"""What the file will hold: its columns with their units, and its first rows. HTML."""

from html import escape

from analytics.export.cells import Column, Kind
from pages._ui import notices, panels
from pages._ui.exporting.columns import is_number, kind, unit
from pages._ui.exporting.question import Looked


def preview(found: Looked) -> str:
    """A card with the first rows; with the columns alone when there are none."""
    head = "".join(_heading(one) for one in found.columns)
    body = "".join(
        f"<tr>{''.join(_cell(one, cell) for one, cell in zip(found.columns, row, strict=True))}</tr>"
        for row in found.cells
    )
    columns = f"{len(found.columns)} column{'' if len(found.columns) == 1 else 's'}"
    rows = "no rows" if not found.cells else f"the first {len(found.cells)} rows"
    if found.total == len(found.cells) and found.cells:
        rows = f"all {found.total} rows" if found.total > 1 else "the only row"
    table = (
        '<div class="scroll" tabindex="0" role="region" aria-label="Preview">'
        f'<table class="rows export-preview"><caption class="unseen">Preview: {rows}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    nothing = (
        "" if found.cells else notices.empty("No rows", "Nothing matches: ask for another time or service.")
    )
    return panels.card("Preview", table + nothing, f"{rows}, {columns}; times in UTC", classes="export-card")


def _heading(one: Column) -> str:
    said = unit(one) or kind(one)
    number = ' class="number"' if is_number(one) else ""
    return f'<th scope="col"{number}>{escape(one.name)}<span>{escape(said)}</span></th>'


def _cell(one: Column, text: str) -> str:
    number = ' class="number"' if is_number(one) else ""
    if one.kind is Kind.PLAIN:
        number = f' class="export-id" title="{escape(text)}"'
    shown = escape(text) if text else '<span class="export-nothing" title="nothing">–</span>'
    return f"<td{number}>{shown}</td>"
