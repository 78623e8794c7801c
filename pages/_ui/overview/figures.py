"""The figures at the top: the score, and how many services are in each status, which filters by it. HTML."""

from html import escape

from analytics.model import Status
from pages._ui import words
from pages._ui.marks import LETTERS, mark
from pages._ui.situation import Situation
from pages._ui.view import ROOT, View

#: Up to so many services each have a segment of their own beside the score.
_SEGMENTS = 60


def figures(now: Situation, view: View) -> str:
    """The health score with what it is made of, and the counts."""
    known = sum(now.counts.values()) - now.counts[Status.UNKNOWN]
    score = (
        '<div class="tile score"><div><span class="label">Health score</span>'
        f"<strong>{words.percent(now.score)}</strong>"
        f'<span class="note" data-tip="{_HOW}">of {known} known</span></div>{_fleet(now)}</div>'
    )
    counts = "".join(_count(status, now, view) for status in _COUNTED)
    return f'<section class="figures" aria-label="Summary">{score}{counts}</section>'


_COUNTED = (Status.HEALTHY, Status.DEGRADED, Status.DOWN, Status.UNKNOWN)
_HOW = "A healthy service counts 1, a degraded one ½,&#10;one that is down 0. Unknown ones do not count."


def _count(status: Status, now: Situation, view: View) -> str:
    """How many services are in `status`; choosing it shows these alone, and choosing it again shows all."""
    chosen = view.status is status
    there = view.href(ROOT, status=None if chosen else status, search=view.search)
    none = "" if now.counts[status] else " none"
    current = ' aria-current="true"' if chosen else ""
    return (
        f'<a class="tile count{none}" data-in-app data-keep="count-{status}" href="{escape(there)}"{current}>'
        f'{mark(status)}<span class="label">{words.STATUSES[status]}</span>'
        f"<strong>{now.counts[status]}</strong></a>"
    )


def _fleet(now: Situation) -> str:
    """A segment for every service, or, of very many, one for every status, as wide as it is common."""
    best_first = [Status.HEALTHY, Status.UNKNOWN, Status.DEGRADED, Status.DOWN]
    if len(now.services) > _SEGMENTS:
        drawn = "".join(
            f'<i class="{LETTERS[status]}" style="flex-grow:{now.counts[status]};max-width:none" '
            f'data-tip="{now.counts[status]} {words.STATUSES[status].lower()}"></i>'
            for status in best_first
            if now.counts[status]
        )
    else:
        ranked = sorted(now.services, key=lambda seen: best_first.index(seen.status))
        drawn = "".join(
            f'<i class="{LETTERS[seen.status]}" '
            f'data-tip="{escape(words.label(seen.key))}: {words.STATUSES[seen.status].lower()}"></i>'
            for seen in ranked
        )
    counted = ", ".join(
        f"{now.counts[one]} {words.STATUSES[one].lower()}" for one in best_first if now.counts[one]
    )
    return (
        f'<div class="fleet" data-strip tabindex="0" role="img" data-keep="fleet" aria-label="{counted}">'
        f"{drawn}</div>"
    )
