"""What is monitored, and by which limits, as a table. HTML."""

from collections.abc import Mapping, Sequence
from html import escape

from analytics.model import Basis, Policy, ServiceKey, Status
from pages._ui import filters, marks, notices, panels, words
from pages._ui.about import runbooks
from pages._ui.about.question import Monitored
from pages._ui.about.targets import probe_words, shown_target
from pages._ui.shell import Visit
from pages._ui.tables import Column, Row, table
from pages._ui.view import View

#: Services of a page of the table.
_A_PAGE = 50

_COLUMNS = (
    Column("Service"),
    Column("Asked by"),
    Column("Every", number=True, wide_only=True),
    Column("Judged by"),
    Column("Promise", number=True, wide_only=True, title="The share of good checks it promises"),
    Column("Runbook", wide_only=True),
)


def watched(services: Sequence[Monitored], visit: Visit) -> str:
    """The services the filters leave, a page of them."""
    chosen = [one for one in services if _is_chosen(one, visit.view)]
    pages = max(1, -(-len(chosen) // _A_PAGE))
    first = (min(visit.view.page, pages) - 1) * _A_PAGE
    statuses = {seen.key: seen.status for seen in visit.situation.services}
    bar = filters.bar(filters.types(visit.view, "about"), filters.search("about"))
    if chosen:
        rows = [_row(one, statuses, visit.view) for one in chosen[first : first + _A_PAGE]]
        body = table("What is monitored", _COLUMNS, rows) + filters.pager(visit.view, "about", pages)
    elif services:
        body = notices.empty("No service is left", "Choose another type, or search for something else.")
    else:
        body = notices.empty(
            "Nothing is monitored yet", "Name your services in services.toml, and start the collector."
        )
    every = f"{len(services):,} service{'' if len(services) == 1 else 's'}"
    counted = f"{len(chosen):,} of {every}" if len(chosen) < len(services) else every
    aside = panels.download("services", type=visit.view.service_type or "")
    return panels.card("What is monitored", bar + body, counted, aside, "about-watched about-stacked")


def _is_chosen(one: Monitored, view: View) -> bool:
    said = (str(one.key), words.service_name(one.key.service_name), one.probe, shown_target(one.target))
    text = " ".join(said).casefold()
    return view.service_type in (None, one.key.service_type) and all(
        word in text for word in view.search.casefold().split()
    )


def _row(one: Monitored, statuses: Mapping[ServiceKey, Status], view: View) -> Row:
    name = escape(words.service_name(one.key.service_name))
    if one.enabled:
        href = escape(view.href("service", service=one.key))
        shape = marks.mark(statuses.get(one.key, Status.UNKNOWN))
        named = f'<a class="about-service" data-in-app href="{href}">{shape}<b>{name}</b></a>'
    else:
        named = f'<span class="about-service off"><b>{name}</b> switched off</span>'
    target = shown_target(one.target)
    where = f"<small><code>{escape(target)}</code></small>" if target and one.probe != "webhook" else ""
    needs = f"<small>needs {escape(', '.join(one.depends_on))}</small>" if one.depends_on else ""
    return Row(
        [
            f"{named}<small>{escape(str(one.key))}</small>{needs}",
            f"{escape(probe_words(one.probe))}{where}",
            words.span(one.interval),
            "".join(f"<span>{escape(line)}</span>" for line in limits(one.policy)),
            f"{one.objective:g} %" if one.objective is not None else "–",
            runbooks.own_link(one.runbook) or '<span class="about-soft">by reason</span>',
        ],
        link=one.enabled,
    )


def limits(policy: Policy | None) -> list[str]:
    """What a service is judged by, a line each. Plain text."""
    if policy is None:
        return ["–"]
    slow, late = words.milliseconds(policy.healthy_ms), words.milliseconds(policy.down_ms)
    above, below = f"{policy.healthy_above_percent:g} %", f"{policy.down_below_percent:g} %"
    if policy.basis is Basis.PRESENT:
        return [f"Slow from {slow}", f"Down after {policy.sure_after} failures in a row"]
    if policy.basis is Basis.CALLS:
        return [f"P95 under {slow}, down over {late}", f"Success over {above}, down under {below}"]
    return [
        f"Genuine over {above}, down under {below}",
        f"Unknown after {words.span(policy.stale_after)} of silence",
    ]
