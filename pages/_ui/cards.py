"""The four groups as cards and the row of figures above them, as one piece of HTML.

Everything that comes from the database goes through `html.escape`; nothing of it is read as HTML or Markdown.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from analytics.model import Reason, ServiceType, Status
from pages._ui import bars, words
from pages._ui.situation import ORDER, Seen, Situation

#: Rows shown of one group; of what is left only healthy services are summed up in a line.
ROWS = 60

#: A check this much older than the newest one is shown with its age.
_OLDER = timedelta(seconds=90)


def mark(status: Status) -> str:
    """The shape of a status: never the only sign, the word always stands beside it."""
    return f'<span class="mark is-{status}" aria-hidden="true"></span>'


def ago(moment: datetime) -> str:
    """A time that the ticker turns into `12 s ago` and keeps counting; until then the time itself."""
    milliseconds = int(moment.timestamp() * 1000)
    return (
        f'<time data-at="{milliseconds}" title="{words.day_and_clock(moment)}">'
        f"at {words.clock(moment)}</time>"
    )


def lasting(since: datetime) -> str:
    """A time that the ticker turns into `for 12 min` and keeps counting; until then the time itself."""
    milliseconds = int(since.timestamp() * 1000)
    return (
        f'<time data-at="{milliseconds}" data-lasting="yes" title="since {words.day_and_clock(since)}">'
        f"since {words.clock(since)}</time>"
    )


def figures(now: Situation) -> str:
    """The health score with one segment a service, and the number of services in each status."""
    ranked = sorted(now.services, key=lambda seen: ORDER.index(seen.status), reverse=True)
    segments = "".join(
        f'<i class="{_bar_class(seen.status)}" title="{_label(seen)}: {words.STATUSES[seen.status]}"></i>'
        for seen in ranked[:ROWS]
    )
    known = sum(now.counts.values()) - now.counts[Status.UNKNOWN]
    score = (
        '<div class="tile score"><div><span class="label">Health score</span>'
        f'<strong>{words.percent(now.score)}</strong><span class="note">of {known} known</span></div>'
        f'<div class="fleet" aria-hidden="true">{segments}</div></div>'
    )
    counts = "".join(
        f'<div class="tile count{"" if now.counts[status] else " none"}">'
        f'{mark(status)}<span class="label">{words.STATUSES[status]}</span>'
        f"<strong>{now.counts[status]}</strong></div>"
        for status in (Status.HEALTHY, Status.DEGRADED, Status.DOWN, Status.UNKNOWN)
    )
    return f'<section class="figures" aria-label="Summary">{score}{counts}</section>'


def groups(now: Situation) -> str:
    """All groups, each with its services, worst first."""
    cards = "".join(_group(kind, members, now) for kind, members in now.groups.items())
    return f'<div class="groups">{cards}</div>{_LEGEND}'


_LEGEND = (
    '<p class="legend"><span>One bar is one check, the newest on the right:</span>'
    '<span><i class="h"></i>healthy</span><span><i class="g"></i>degraded</span>'
    '<span><i class="d"></i>down</span><span><i class="u"></i>unknown or not checked</span></p>'
)


def _group(kind: ServiceType, members: Sequence[Seen], now: Situation) -> str:
    healthy = sum(seen.status is Status.HEALTHY for seen in members)
    rows = "".join(_row(seen, now) for seen in members[:ROWS])
    rest = members[ROWS:]
    more = f'<li class="more">{_rest(rest)}</li>' if rest else ""
    return (
        f'<section class="card group-{kind}"><h2><span>{words.GROUPS[kind]}</span>'
        f'<span class="tally">{mark(members[0].status)}{healthy}/{len(members)} healthy</span></h2>'
        f"<ul>{rows}{more}</ul></section>"
    )


def _rest(rest: Sequence[Seen]) -> str:
    troubled = sum(seen.status is not Status.HEALTHY for seen in rest)
    return f"and {len(rest)} more, " + (f"{troubled} of them not healthy" if troubled else "all healthy")


def _row(seen: Seen, now: Situation) -> str:
    service = seen.service
    line = bars.slots(service.checks, service.interval, now.now)
    answered = seen.status in (Status.HEALTHY, Status.DEGRADED)
    latency = words.milliseconds(service.newest.response_time_ms) if service.newest and answered else ""
    return (
        f'<li class="row is-{seen.status}" data-service="{escape(service.key)}">{mark(seen.status)}'
        f'<span class="name" title="{escape(service.key)}">{_label(seen)}</span>'
        f'<span class="word">{words.STATUSES[seen.status]}{_lasting(seen)}</span>'
        f'<span class="why" title="{escape(_full(seen))}">{_why(seen)}{_age(seen, now)}</span>'
        f'<span class="track">{_bar(line)}<span class="latency">{latency}</span></span></li>'
    )


def _label(seen: Seen) -> str:
    return escape(words.service_name(seen.service.name))


def _reason(seen: Seen) -> str:
    return "" if seen.reason in ("", Reason.OK) else words.reason(seen.reason)


def _full(seen: Seen) -> str:
    return " · ".join(part for part in (_reason(seen), seen.message.strip()) if part)


def _why(seen: Seen) -> str:
    """The reason in words and the message; what the message begins with anyway is not said twice."""
    reason, message = _reason(seen), seen.message.strip()
    if not reason:
        return escape(message)
    if not message:
        return f"<b>{escape(reason)}</b>"
    if message.lower().startswith(reason.lower()):
        return f"<b>{escape(reason)}</b>{escape(message[len(reason) :])}"
    return f"<b>{escape(reason)}</b> · {escape(message)}"


def _lasting(seen: Seen) -> str:
    """How long a trouble has lasted, where the checks at hand go back to its beginning."""
    if seen.status not in (Status.DOWN, Status.DEGRADED):
        return ""
    began = bars.began(seen.service.checks, seen.status)
    return f" {lasting(began)}" if began else ""


def _age(seen: Seen, now: Situation) -> str:
    """When the service was checked, where that is not the time of the newest check of all."""
    newest = seen.service.newest
    if newest is None or now.last_checked is None or now.last_checked - newest.at <= _OLDER:
        return ""
    return f'<span class="age"> · checked {ago(newest.at)}</span>'


def _bar(line: Sequence[bars.Slot]) -> str:
    missing = '<i class="n"></i>' * (bars.SLOTS - len(line))
    drawn = "".join(
        f'<i class="{_bar_class(slot.status) if slot else "u"}" title="{escape(bars.tooltip(slot))}"></i>'
        for slot in line
    )
    return f'<span class="bar" role="img" aria-label="{escape(bars.summary(line))}">{missing}{drawn}</span>'


def _bar_class(status: Status) -> str:
    return {Status.HEALTHY: "h", Status.DEGRADED: "g", Status.DOWN: "d", Status.UNKNOWN: "u"}[status]
