"""How long the service took over time, with both limits it is judged by."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics import latency_queries
from analytics.db import Connection
from analytics.grouping import possible_step
from analytics.model import ServiceKey, ServiceType
from analytics.periods import Period
from pages._ui import latency_charts, notices, panels, words
from pages._ui.latency_charts import Percentiles
from pages._ui.service.incidents import Incident
from pages._ui.shell import Visit
from pages._ui.snapshot import Service

#: What the time of a request is, by type of service.
_WHAT = {
    ServiceType.API: "calls of all programs, failed ones left out",
    ServiceType.WEBHOOK: "from a delivery's last byte to our answer",
    ServiceType.MCP: "checks that did not fail",
    ServiceType.INFRASTRUCTURE: "checks that did not fail",
}


def read(
    connection: Connection, period: Period, service: ServiceKey, incidents: Sequence[Incident]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of the chart: its times and the incidents behind them."""
    spans = pd.DataFrame(
        [
            {
                "begun": max(one.began_at, period.since),
                "ended": min(one.resolved_at or period.until, period.until),
                "severity": one.severity,
                "said": one.title,
            }
            for one in incidents
        ],
        columns=["begun", "ended", "severity", "said"],
    )
    found = latency_queries.latency_steps(
        connection, period.since, period.until, period.step, services=[service]
    )
    step = possible_step(connection, period.since, period.step)
    return latency_charts.on_grid(found, period.since, period.until, step, spans), spans


def panel(times: pd.DataFrame, spans: pd.DataFrame, service: Service, visit: Visit) -> None:
    """Draw the chart."""
    shown = Percentiles(times=times, spans=spans, limits=latency_charts.limits(*_limits(service)))
    aside = panels.download("latency_steps", period=visit.view.range or "24h", service=str(service.key))
    with panels.panel("service-latency", "Latency", _WHAT[service.service_type], aside):
        if not times["p95_ms"].notna().any():
            st.html(
                notices.empty("No times measured", "Nothing that did not fail was measured in this time.")
            )
            return
        above = latency_charts.out_of_reach(shown)
        if above:
            st.html(f'<p class="service-note">Limits far above what is drawn: {above}.</p>')
        latency_charts.draw_percentiles(shown, visit.theme, "service-latency-chart", says(times))


def says(times: pd.DataFrame) -> str:
    """The chart in one sentence."""
    known = times["p95_ms"].dropna()
    return (
        f"P50, P95 and P99 over time. P95 is {words.milliseconds(known.iloc[-1])} at the end, "
        f"and was {words.milliseconds(known.max())} at its highest."
    )


def _limits(service: Service) -> tuple[float | None, float | None]:
    """What it is slow and what it is down by: of deliveries neither, and what is probed is only slow."""
    if service.service_type is ServiceType.WEBHOOK:
        return None, None
    return service.healthy_ms, service.down_ms if service.service_type is ServiceType.API else None
