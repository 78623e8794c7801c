"""How much it is, and the link to have it at once. HTML."""

from html import escape

from pages._ui import notices
from pages._ui.exporting.naming import path, size
from pages._ui.exporting.question import Looked
from pages._ui.exporting.shelf import MOST_BYTES
from pages._ui.exporting.streams import SMALL_ROWS


def amount(found: Looked) -> str:
    """The number of rows and the size of the file; why there is nothing to export, in one line."""
    if found.fault:
        return notices.empty("Not possible like this", f"{found.fault[:1].upper()}{found.fault[1:]}.")
    rows = f"{found.total:,} row{'' if found.total == 1 else 's'}"
    about = "" if found.exact else "about "
    more = (
        ""
        if fits(found)
        else (
            f'<span class="export-note">more than the {size(MOST_BYTES)} that are kept here: choose less, '
            "take it at once, or use the command below</span>"
        )
    )
    return f'<p class="export-amount"><strong>{rows}</strong><span>{about}{size(found.size)}</span>{more}</p>'


def fits(found: Looked) -> bool:
    """Whether a file of it may be kept here for a while."""
    return found.size <= MOST_BYTES


def is_small(found: Looked) -> bool:
    """Whether it is made so quickly that nobody needs to wait for it elsewhere."""
    return found.total <= SMALL_ROWS


def at_once(found: Looked) -> str:
    """The link that downloads what is possible; the one thing to do where it is small."""
    assert found.chosen is not None
    there = escape(path(found.chosen.asked))
    look, label = (
        ("button", "Download") if is_small(found) else ("export-stream", "Download without preparing")
    )
    return f'<a class="{look}" data-keep="export-at-once" href="{there}" download>{label}</a>'
