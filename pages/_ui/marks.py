"""The shape of a status, in HTML and as a character: never the only sign, the word stands beside it."""

from collections.abc import Mapping
from html import escape
from types import MappingProxyType

from analytics.model import Severity, Status
from pages._ui import words

#: For where only text fits: the title of the browser's tab.
CHARACTERS: Mapping[Status, str] = MappingProxyType(
    {Status.HEALTHY: "●", Status.DEGRADED: "▲", Status.DOWN: "✖", Status.UNKNOWN: "○"}
)

#: The one letter a status is called by in class names of bars.
LETTERS: Mapping[Status, str] = MappingProxyType(
    {Status.HEALTHY: "h", Status.DEGRADED: "g", Status.DOWN: "d", Status.UNKNOWN: "u"}
)


def mark(status: Status) -> str:
    """The shape alone, hidden from screen readers."""
    return f'<span class="mark is-{status}" aria-hidden="true"></span>'


def pill(status: Status) -> str:
    """Shape and word of a status, on a wash of its colour."""
    return f'<span class="pill is-{status}">{mark(status)}{words.STATUSES[status]}</span>'


def severity_pill(severity: str) -> str:
    """The word of a severity, on a wash of its colour; one this version does not know as it is spelt."""
    known = severity if severity in list(Severity) else "info"
    return f'<span class="pill severity-{known}">{escape(severity.capitalize())}</span>'
