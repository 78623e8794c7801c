"""The objective of a service, what is left of its error budget, and how fast it is spent."""

from dataclasses import dataclass
from datetime import datetime
from html import escape

from analytics import slo_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey
from pages._ui import budget_words, panels
from pages._ui.daybars import exact_percent
from pages._ui.service.meter import meter
from pages._ui.shell import Visit

#: With less than so much left, in percent, it is time to be careful.
_LITTLE = 25.0


@dataclass(frozen=True, slots=True)
class Budget:
    """How the objective was kept in the last 30 days, in percent; None without a known check.

    `left_percent` is below 0 when more was spent than there was. Burn rates say how many times too fast.
    """

    objective: float
    availability_percent: float | None
    left_percent: float | None
    left_minutes: float | None
    burn_1h: float | None
    burn_6h: float | None
    burn_3d: float | None
    gone_at: datetime | None


def read(connection: Connection, now: datetime, service: ServiceKey) -> Budget | None:
    """The error budget of `service` at `now`; None of one that is not monitored."""
    names = ("objective", "availability_percent", "budget_left_percent", "budget_left_minutes")
    rates = ("burn_1h", "burn_6h", "burn_3d", "gone_at")
    found = next(records(slo_queries.slo(connection, now, [service])), None)
    return None if found is None else Budget(*(found[name] for name in (*names, *rates)))


def card(found: Budget, visit: Visit) -> str:
    """The error budget as a bar, with what it is spent by."""
    left = found.left_percent
    if left is None:
        body = '<p class="service-note">Nothing is known of the last 30 days yet.</p>'
        return panels.card("Error budget", body, about=f"objective {found.objective:g} %")
    said, outage = budget_words.left(left), budget_words.outage(left, found.left_minutes)
    bar = meter(
        left if left > 0 else 100.0,
        "full" if left <= 0 else "nearly" if left < _LITTLE else "room",
        f"Error budget: {said}",
        f"<b>{escape(said)}</b>{f', {outage} of full outage' if outage else ''}",
        f"kept <b>{exact_percent(found.availability_percent)}</b> of {found.objective:g} %",
    )
    gone = budget_words.used_up(left, found.gone_at, visit.zone, visit.now)
    facts = f'<dl class="facts">{_burns(found)}{_fact("Used up", gone)}</dl>'
    about = f"objective {found.objective:g} %, last 30 days"
    return panels.card("Error budget", bar + facts, about=about, classes="service-budget")


def _burns(found: Budget) -> str:
    spans = (("last hour", found.burn_1h), ("last 6 hours", found.burn_6h), ("last 3 days", found.burn_3d))
    return "".join(_fact(f"Spent, {name}", _rate(rate)) for name, rate in spans)


def _rate(rate: float | None) -> str:
    if rate is None:
        return "–"
    if rate > 1:
        return f'{rate:,.1f}× <b class="going">too fast</b>'
    return f"{rate:,.1f}× the pace that lasts"


def _fact(name: str, value: str) -> str:
    return f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>"
