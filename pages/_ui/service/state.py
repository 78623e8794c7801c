"""How the service is now and why, who is on it, and what to do: the first thing one sees."""

from html import escape
from urllib.parse import urlsplit

from analytics.model import Reason, ServiceKey, ServiceType, Status
from analytics.rules.vendors import READ_WITHIN
from pages._ui import marks, times, words
from pages._ui.marks import mark
from pages._ui.runbooks import served_page
from pages._ui.service.around import Report, Surroundings, whose_fault
from pages._ui.shell import Visit
from pages._ui.situation import Seen

_JUDGED_BY_TRAFFIC = (ServiceType.API, ServiceType.WEBHOOK)


def card(seen: Seen, found: Surroundings | None, visit: Visit, more: str = "") -> str:
    """The state of the service and the facts around it; `more` are further facts as HTML."""
    facts = _check(seen, visit) + _incident(seen, visit) + _runbook(seen)
    if found is not None:
        facts += _vendors(found, visit) + _relatives(found, visit) + _quiet(found, visit)
    return (
        f'<section class="card service-state is-{seen.status}" aria-label="State">'
        f'<div class="service-why">{_why(seen, found, visit)}</div>'
        f'<dl class="facts">{facts}{more}</dl></section>'
    )


def _why(seen: Seen, found: Surroundings | None, visit: Visit) -> str:
    reason = "" if seen.reason in ("", Reason.OK) else words.reason(seen.reason)
    since = f'<span class="service-since">{times.lasting(seen.since)}</span>' if seen.since else ""
    said = f"<p>{escape(seen.message)}</p>" if seen.message else ""
    fault = whose_fault(found, seen.status, visit.situation) if found else ""
    hint = f'<p class="service-fault">{escape(fault)}</p>' if fault else ""
    title = f"{words.STATUSES[seen.status]}{f' · {escape(reason)}' if reason else ''}"
    return f"<h2>{mark(seen.status)}<span>{title}</span>{since}</h2>{said}{hint}"


def _fact(name: str, value: str, look: str = "") -> str:
    wide = f' class="{look}"' if look else ""
    return f"<div{wide}><dt>{escape(name)}</dt><dd>{value}</dd></div>"


def _check(seen: Seen, visit: Visit) -> str:
    service, newest = seen.service, seen.service.newest
    if newest is None:
        return _fact("Last check", "none yet")
    time = words.milliseconds(newest.response_time_ms)
    # Of traffic it is that of the last hour.
    took = f", {'P95' if service.service_type in _JUDGED_BY_TRAFFIC else 'took'} {time}" if time else ""
    following = newest.at + service.interval
    due = ""
    if service.interval.total_seconds() >= 120 and following > visit.now:
        due = f", next due {times.moment(following, visit.zone, visit.now)}"
    return _fact("Last check", f"{times.ago(newest.at)}{took}") + _fact(
        "Checked", f"every {words.span(service.interval)}{due}"
    )


def _incident(seen: Seen, visit: Visit) -> str:
    one = seen.service.incident
    if one is None:
        return _fact("Incident", "none open")
    href = escape(visit.view.href("incidents", incident=one.id))
    on_it = (
        f"{escape(one.acknowledged_by)} is on it"
        if one.acknowledged_by
        else '<b class="going">nobody is on it yet</b>'
    )
    return _fact(
        "Incident",
        f"{marks.severity_pill(one.severity)} "
        f'<a class="link" data-in-app data-keep="open-incident" href="{href}">'
        f"{escape(one.title)}</a>, {times.lasting(one.began_at)} · {on_it}",
        "wide",
    )


def _runbook(seen: Seen) -> str:
    own = seen.service.runbook
    if own:
        return _fact("Runbook", link(own, own))
    if seen.status is Status.HEALTHY:
        return ""
    page = str(seen.reason) or "README"
    if page not in list(Reason) or page == Reason.OK:
        return ""
    served, name = served_page(page), escape(words.reason(page))
    return _fact(
        "Runbook",
        f'<a class="link" href="{served}">{name}</a>' if served else f"<code>docs/runbooks/{page}.md</code>",
    )


def link(address: str, text: str) -> str:
    """A link that leads away; what is no http address stays text."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return f"<code>{escape(text)}</code>"
    return f'<a class="link" href="{escape(address)}" rel="noopener noreferrer">{escape(text)}</a>'


def _vendors(found: Surroundings, visit: Visit) -> str:
    lines = [_report(one) for one in found.reports if one.resolved_at is None]
    for feed in found.feeds:
        if any(one.resolved_at is None and one.vendor == feed.vendor for one in found.reports):
            continue
        if feed.read_at is None or visit.now - feed.read_at > READ_WITHIN:
            when = f" since {times.moment(feed.read_at, visit.zone, visit.now)}" if feed.read_at else ""
            lines.append(f"{escape(feed.vendor)}: its status page could not be read{when}")
        else:
            said = escape(feed.description) or "no trouble"
            lines.append(
                f'{escape(feed.vendor)}: {said} <span class="soft">· read {times.ago(feed.read_at)}</span>'
            )
    over = next((one for one in found.reports if one.resolved_at is not None), None)
    if over is not None and over.resolved_at is not None:
        ended = times.moment(over.resolved_at, visit.zone, visit.now)
        lines.append(f'<span class="soft">before: {escape(over.name)}, over since {ended}</span>')
    return _fact("Vendor", "<br>".join(lines), "wide") if lines else ""


def _report(one: Report) -> str:
    title = link(one.url, one.name) if one.url else escape(one.name)
    word = escape(one.impact or one.state)
    since = times.lasting(one.started_at)
    return f'<b class="going">{escape(one.vendor)} reports:</b> {title} ({word}), {since}'


def _relatives(found: Surroundings, visit: Visit) -> str:
    needed = _links(found.needed, visit)
    needing = _links(found.needing, visit)
    return (_fact("Needs", needed, "wide") if needed else "") + (
        _fact("Needed by", needing, "wide") if needing else ""
    )


def _links(keys: tuple[ServiceKey, ...], visit: Visit) -> str:
    known = {one.key: one for one in visit.situation.services}
    links = "".join(service_link(known[key], visit) for key in keys if key in known)
    return f'<span class="service-links">{links}</span>' if links else ""


def service_link(one: Seen, visit: Visit) -> str:
    """A link to the page of a service, with the shape of its status."""
    href = escape(visit.view.href("service", service=one.key))
    kind = words.KINDS[one.key.service_type]
    return (
        f'<a class="service-link" data-in-app data-keep="service-{escape(str(one.key))}" href="{href}">'
        f"{mark(one.status)}"
        f'<span>{escape(words.service_name(one.key.service_name))}<span class="soft"> {kind}</span></span>'
        f'<span class="unseen"> {words.STATUSES[one.status]}</span></a>'
    )


def _quiet(found: Surroundings, visit: Visit) -> str:
    facts = ""
    for one in found.work:
        if one.starts_at <= visit.now < one.ends_at:
            until = times.moment(one.ends_at, visit.zone, visit.now)
            facts += _fact("Maintenance", f"<b>{escape(one.name)}</b> until {until}", "wide")
    for mute in found.mutes:
        until = times.moment(mute.until, visit.zone, visit.now)
        what = escape(mute.rule.replace("_", " ")) or "all alerts"
        note = f": {escape(mute.note)}" if mute.note else ""
        facts += _fact("Muted", f"{what} until {until} by {escape(mute.author) or 'somebody'}{note}", "wide")
    return facts
