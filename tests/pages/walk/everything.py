"""A database in which every page has something to show, and the addresses of the pages."""

from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from analytics.db import FileLocation
from tests.pages import incident_samples, overview_samples, service_samples
from tests.pages.overview_samples import OPEN

MINUTE = timedelta(minutes=1)

#: Where each page is, by the name it goes by in pictures; a heading that stands far down on it.
PAGES = MappingProxyType(
    {
        "overview": ("", "Recent incidents"),
        "service": ("service?service=api/shopify", "Alert rules"),
        "trends": ("trends", "Objectives and error budgets"),
        "incidents": ("incidents", "Over"),
        "incident": (f"incidents?incident={OPEN}", "Who was told"),
        "alerts": ("alerts", "Channels"),
        "rule": ("alerts?rule=service_down", ""),
        "export": ("export", "Do the same from a script"),
        "about": ("about", "What is kept"),
    }
)


def write(path: Path, now: datetime, said: str = "") -> FileLocation:
    """All of it up to `now`; `said` is put into every text that people or others wrote."""
    location = service_samples.write(path, now, said)
    began = now - 12 * MINUTE
    opened = incident_samples.event(
        OPEN, began + 10 * timedelta(seconds=1), "opened", f"cannot be reached{said}"
    )
    delivered = incident_samples.message(OPEN, began + MINUTE, answer=f"202 accepted{said}")
    waiting = incident_samples.message(OPEN, began + 2 * MINUTE, channel="mail", state="pending")
    fly = incident_samples.incident(began, title=f"Fly.io cannot be reached{said}")
    incident_samples.insert(
        location,
        integration_incidents=[
            {**fly, "id": OPEN, "description": f"connection refused{said}"},
            *(incident_samples.resolved(now - days * timedelta(days=1), 40 * days) for days in range(1, 5)),
        ],
        incident_events=[opened],
        notifications=[delivered, {**waiting, "delivered_at": None, "answer": None}],
        alert_rule_changes=[overview_samples.rule_change(now, said)],
    )
    return location
