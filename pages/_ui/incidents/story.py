"""What happened, from the first sign on: a vertical line with who did what when. HTML."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pages._ui.incidents.one_question import Event, Whole
from pages._ui.rule_words import with_rule_names
from pages._ui.times import exact, told
from pages._ui.words import span

#: What kinds of entries are called; a kind this version does not know is spelt out.
_KINDS = MappingProxyType(
    {
        "opened": "Opened",
        "raised": "Severity raised",
        "relapsed": "Came back",
        "acknowledged": "Acknowledged",
        "unacknowledged": "No longer acknowledged",
        "note": "Note",
        "resolved": "Resolved",
        "sent": "Told",
        "not_sent": "Not told",
        "suppressed": "Held back",
        "vendor": "Vendor",
        "seen": "Seen",
    }
)

#: Who writes what nobody did.
_COLLECTOR = "collector"


def story(found: Whole, zone: ZoneInfo, now: datetime) -> str:
    """The first sign, every entry, and that it goes on while it does."""
    incident = found.incident
    first = _entry("began", "First sign", incident.began_at, "", "the first check that was bad", zone)
    entries = "".join(_group(group, zone) for group in _grouped(found.events))
    last = "" if incident.is_over else f'<li class="story-now"><b>Going on for {_so_far(found, now)}</b></li>'
    return f'<ol class="story">{first}{entries}{last}</ol>'


def _so_far(found: Whole, now: datetime) -> str:
    return span(found.incident.lasted(now))


def _grouped(events: Sequence[Event]) -> list[list[Event]]:
    """`events` in order, with neighbours together that only say who was told."""
    groups: list[list[Event]] = []
    for event in events:
        if event.kind == "sent" and groups and groups[-1][0].kind == "sent":
            groups[-1].append(event)
        else:
            groups.append([event])
    return groups


def _group(group: Sequence[Event], zone: ZoneInfo) -> str:
    first = group[0]
    said = "\n".join(_said(one) for one in group)
    return _entry(first.kind, _word(first.kind), first.at, first.author, said, zone)


def _said(event: Event) -> str:
    """What an entry says; the answer of who was told stands in the table of messages."""
    if event.kind == "sent":
        return event.message.partition(": ")[0]
    return with_rule_names(event.message) if event.author in ("", _COLLECTOR) else event.message


def _entry(kind: str, word: str, at: datetime, author: str, said: str, zone: ZoneInfo) -> str:
    who = "" if author in ("", _COLLECTOR) else f'<span class="story-who">{escape(author)}</span>'
    known = kind if kind in _KINDS or kind == "began" else "other"
    if kind == "resolved" and who:
        # A person closed it: that is no sign of health.
        known = "closed"
    return (
        f'<li class="story-{known}"><div class="story-head"><b>{escape(word)}</b>{who}{exact(at, zone)}</div>'
        f'<div class="story-said">{told(said, zone, at)}</div></li>'
    )


def _word(kind: str) -> str:
    return _KINDS.get(kind) or kind.replace("_", " ").capitalize()
