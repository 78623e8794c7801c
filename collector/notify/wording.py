"""What every channel says in the same words: headlines, facts, moments, links. Pure text.

Text from outside (titles and reasons hold answers of services, notes are written by people) is made harmless
to a line here; what a format needs beside that (escapes of HTML and of Slack) is its channel's.
"""

import re
import unicodedata
from datetime import UTC, datetime
from urllib.parse import urlsplit

from analytics.alerting import Action, Message
from analytics.rules.wording import lasting

#: Under this name the monitor speaks.
PRODUCT = "Integration Health Dashboard"

_LONGEST_TITLE, _LONGEST_FACT, _LONGEST_NAME, _MOST_NAMES = 300, 400, 80, 10
#: What turns the direction of writing: with it a text can read as something else than it is.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_URL = re.compile(r"https?://[^\s<>\"'|\\^`{}]+", re.IGNORECASE)


def paragraph(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, with its line breaks and without any other control character."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return cut("\n".join("".join(map(_harmless, line)) for line in lines).strip(), limit)


def line(text: str, limit: int = _LONGEST_TITLE) -> str:
    """`text` on one line of at most `limit` characters, every run of white space as one space."""
    return cut(" ".join("".join(map(_harmless, text)).split()), limit)


def cut(text: str, limit: int) -> str:
    """`text`, its end replaced by "…" where it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _harmless(letter: str) -> str:
    if letter in _TURNS:
        return ""
    category = unicodedata.category(letter)
    if category == "Cs":
        return "\ufffd"
    return " " if category in ("Cc", "Zl", "Zp") else letter


def headline(message: Message) -> str:
    """What it is about and what became of it, on one line: `[critical] Shopify API is down`."""
    title = line(message.title)
    if message.action is Action.REPORT:
        return title
    if message.action is Action.TEST or message.over:
        return f"{mark(message)}{title}"
    by = f" by {line(message.author, _LONGEST_NAME)}" if message.author.strip() else ""
    return {
        Action.TRIGGER: f"[{message.severity}] {mark(message)}{title}",
        Action.UPDATE: f"Now {message.severity}: {title}",
        Action.ACKNOWLEDGE: f"Acknowledged{by}: {title}",
    }.get(message.action, f"Resolved{by}{_after(message)}: {title}")


def mark(message: Message) -> str:
    """What a title must not be read without: a test, over already, not for the first time; usually ""."""
    if message.action is Action.TEST:
        return "TEST of "
    if message.over:
        return "Over already: "
    again = message.action is Action.TRIGGER and message.relapses > 0
    return f"Again ({_ordinal(message.relapses + 1)} time): " if again else ""


def _ordinal(number: int) -> str:
    last = 0 if number % 100 in (11, 12, 13) else number % 10
    ending = {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
    return f"{number}{ending}"


def _after(message: Message) -> str:
    return "" if message.ended_at is None else f" after {_whole(message, message.ended_at)}"


def _whole(message: Message, ended_at: datetime) -> str:
    """From the first beginning to the last end; what came back was well in between."""
    lasted = lasting(ended_at - message.began_at)
    return f"{lasted} with pauses" if message.relapses else lasted


def facts(message: Message) -> list[tuple[str, str]]:
    """What is known, as pairs of a label and one line; what is not known is not in it."""
    acted = {Action.ACKNOWLEDGE: "Acknowledged by", Action.RESOLVE: "Resolved by"}
    pairs = [
        ("Service", message.service),
        ("Severity", str(message.severity)),
        ("Reason", message.reason.replace("_", " ") if message.reason != "ok" else ""),
        *_when(message),
        ("Vendor reports", message.vendor),
        ("Also affected", _names(message.affected)),
        (acted.get(message.action, "By"), message.author),
        ("Note", message.note),
    ]
    told = [(label, line(value, _LONGEST_FACT)) for label, value in pairs]
    return [(label, value) for label, value in told if value]


def _when(message: Message) -> list[tuple[str, str]]:
    times = "once" if message.relapses == 1 else f"{message.relapses} times"
    if message.ended_at is not None:
        back = [("Came back", times)] if message.relapses else []
        return [("Lasted", _lasted(message, message.ended_at)), *back]
    began = moment(message.began_at, message.at)
    if not message.relapses:
        return [("Since", began)]
    again = [("Bad again at", moment(message.at, message.at))] if message.action is Action.TRIGGER else []
    return [*again, ("First at", f"{began}, back {times}")]


def _lasted(message: Message, ended_at: datetime) -> str:
    began, ended = moment(message.began_at, ended_at), moment(ended_at, message.at)
    if began.endswith(ended[-4:]) and "," not in began + ended:
        began = began.removesuffix(" UTC")
    return f"{_whole(message, ended_at)}, from {began} to {ended}"


def handles(message: Message) -> list[str]:
    """The incident by its id, and how to take it on while there is something to take on; a line each."""
    known = line(message.incident_id, _LONGEST_NAME)
    if not known:
        return []
    lines = [f"Incident {known}"]
    if message.action in (Action.TRIGGER, Action.UPDATE) and not message.over:
        lines.append(f"Acknowledge: POST /incidents/{known}/acknowledge on the collector (docs/alerts.md)")
    return lines


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(line(name, 100) for name in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def moment(at: datetime, seen_from: datetime) -> str:
    """`10:02 UTC`, with its day where that is not the day of `seen_from`: `24 Nov 2026, 10:02 UTC`."""
    at, seen_from = at.astimezone(UTC), seen_from.astimezone(UTC)
    clock = f"{at:%H:%M} UTC"
    return clock if at.date() == seen_from.date() else f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {clock}"


#: strftime would speak the language of the machine.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def links(message: Message) -> list[tuple[str, str]]:
    """Where to go on, as pairs of a text and an absolute http(s) URL."""
    pairs = (("Runbook", message.runbook), ("Dashboard", message.dashboard))
    return [(text, url) for text, url in pairs if is_absolute(url)]


def is_absolute(url: str) -> bool:
    """Whether `url` is an http(s) URL that means the same everywhere, and safe to put into any format."""
    if len(url) > 2000 or not _URL.fullmatch(url):
        return False
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False
