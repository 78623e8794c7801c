"""What each reason means, as tables in chapters. HTML."""

from functools import lru_cache
from html import escape

from analytics.model import Reason
from analytics.rules.reason_statuses import statuses_of
from pages._ui import marks, panels, words
from pages._ui.about import runbooks
from pages._ui.about.meanings import CHAPTERS, Chapter, Meaning
from pages._ui.tables import Column, Row, table

_COLUMNS = (
    Column("Reason"),
    Column("What it means"),
    Column("What to do"),
    Column("The service is", wide_only=True),
    Column("Runbook", wide_only=True),
)


@lru_cache(maxsize=4)
def reasons(shelf: str) -> str:
    """Every reason there is; `shelf` is the address below which runbooks are served, empty without one."""
    body = "".join(_chapter(one, shelf) for one in CHAPTERS)
    about = "the word beside a status; it is the same in pages, alerts, exports and the API"
    return panels.card("What each reason means", body, about, classes="about-reasons about-stacked")


def _chapter(chapter: Chapter, shelf: str) -> str:
    rows = [_row(reason, meaning, shelf) for reason, meaning in chapter.reasons.items()]
    head = f"<h3>{escape(chapter.title)}<span>{escape(chapter.about)}</span></h3>"
    return f'<section class="about-chapter">{head}{table(chapter.title, _COLUMNS, rows)}</section>'


def _row(reason: Reason, meaning: Meaning, shelf: str) -> Row:
    pills = "".join(marks.pill(status) for status in statuses_of(reason))
    return Row(
        [
            f"<b>{escape(words.REASONS[reason])}</b> <code>{reason.value}</code>",
            escape(meaning.means),
            escape(meaning.do),
            f'<span class="about-pills">{pills}</span>',
            "" if reason is Reason.OK else runbooks.link(reason.value, shelf, "Runbook"),
        ]
    )
