"""What the service was when: its statuses as a band, incidents and announced work as thin lines below it."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from analytics import status_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import Reason, ServiceKey
from analytics.periods import Period
from pages._ui import bands, panels, times, words
from pages._ui.bands import Band, Stretch
from pages._ui.service.around import Work
from pages._ui.service.incidents import Incident
from pages._ui.service.incidents import stretches as incident_stretches
from pages._ui.shell import Visit
from pages._ui.snapshot import known_status


def read(
    connection: Connection, since: datetime, until: datetime, service: ServiceKey, now: datetime
) -> tuple[Stretch, ...]:
    """The stretches of one status and reason, from old to new; one that reaches `now` goes on."""
    found = status_queries.status_timeline(connection, since, until, [service])
    return tuple(
        Stretch(
            known_status(row["status"]).value,
            row["begun"],
            None if row["ended"] >= until >= now else row["ended"],
            "" if row["reason"] in (None, Reason.OK) else words.reason(row["reason"]),
        )
        for row in records(found)
    )


def panel(
    found: Sequence[Stretch],
    incidents: Sequence[Incident],
    work: Sequence[Work],
    period: Period,
    visit: Visit,
) -> None:
    """Draw the band."""
    service = visit.view.service
    announced = tuple(Stretch("maintenance", one.starts_at, one.ends_at, one.name) for one in reversed(work))
    below = tuple(sorted((*announced, *incident_stretches(incidents, visit)), key=lambda one: one.begun))
    band = Band(words.service_name(service.service_name) if service else "", found, below)
    kinds = ["healthy", "degraded", "down", "unknown", *(["maintenance"] if announced else [])]
    st.html(
        panels.card(
            "Status over time",
            bands.bands([band], period.since, period.until, visit.zone, visit.now, "Status over time")
            + bands.legend(*kinds, incidents=bool(incidents)),
            about=f"by {times.zone_name(visit.zone, visit.now)}",
            aside=panels.download("status_timeline", period=visit.view.range or "24h", service=str(service)),
            classes="service-timeline",
        )
    )
