"""The objective of a service, what is left of its error budget, and how fast it is spent."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from analytics import slo_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey
from pages._ui import panels, times, words
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
    share = 0.0 if math.isinf(left) else max(0.0, left)
    said = "used up" if share <= 0 else f"{words.percent(share)} left"
    over = f", {-left:,.0f} % more than there was" if left < 0 and not math.isinf(left) else ""
    minutes = (
        f", {words.spelt(60 * found.left_minutes)} of full outage" if share > 0 and found.left_minutes else ""
    )
    bar = meter(
        share,
        "full" if share <= 0 else "nearly" if share < _LITTLE else "room",
        f"Error budget: {said}",
        f"<b>{said}</b>{over}{minutes}",
        f"kept <b>{exact_percent(found.availability_percent)}</b> of {found.objective:g} %",
    )
    facts = f'<dl class="facts">{_burns(found)}{_fact("Used up", _gone(found, visit))}</dl>'
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


def _gone(found: Budget, visit: Visit) -> str:
    if found.gone_at is None:
        return "not within 30 days at this pace"
    if found.gone_at <= visit.now + timedelta(minutes=1):
        return '<b class="going">already</b>'
    return f"{times.moment(found.gone_at, visit.zone, visit.now)} at the pace of 3 days"


def _fact(name: str, value: str) -> str:
    return f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>"
