"""How calls of APIs went in the last 24 hours: tiles of rates, and the chart of how long they took."""

from html import escape
from itertools import chain

import streamlit as st

from analytics.model import ServiceKey, ServiceType
from pages._ui import changes, latency_charts, notices, panels, words
from pages._ui.daybars import exact_percent
from pages._ui.overview.last_day import LastDay, Rate
from pages._ui.shell import Visit
from pages._ui.tiles import Tile, moved, tiles
from pages._ui.view import ROOT, View

_NOTE = "vs the 24 h before"


def chosen_api(visit: Visit) -> ServiceKey | None:
    """The API whose calls are looked at; None is all of them, and what is not monitored is not asked for."""
    name = visit.view.get("api")
    return next((key for key in apis(visit) if name and key.service_name == name), None)


def rates(day: LastDay, api: ServiceKey | None) -> str:
    """The tiles. Good shares are cut and bad ones rounded up, so that 100 % and 0 % mean just that."""
    calls = f"{day.calls:,}"
    whose = words.service_name(api.service_name) if api else "all APIs"
    drawn = tiles(
        [
            _share(
                "Success rate", day.success, exact_percent(day.success.percent if day.success else None), 1
            ),
            _share("Error rate", day.error, _bad(day.error), -1),
            _share(
                "Retry rate",
                day.retry,
                _bad(day.retry),
                -1,
                "Retries per 100 calls",
            ),
            Tile("Calls", calls, changes.percent(day.calls_change), None, _note(day.calls_change)),
        ],
        "Calls of APIs",
    )
    return (
        f'<h2 class="section">Calls of APIs<span>{escape(whose)}, last 24 hours</span></h2>'
        f'<div class="tight">{drawn}</div>'
    )


def chart(day: LastDay | None, visit: Visit, api: ServiceKey | None) -> None:
    """The card of the chart; an empty state of the same height while there is nothing to draw."""
    name = words.service_name(api.service_name) if api else "all APIs together"
    filters = {"service": str(api)} if api else {"type": ServiceType.API.value}
    aside = _choice(visit, api) + panels.download("latency_steps", period="24h", **filters)
    with panels.panel("response-times", "API response time", f"{name}, last 24 hours", aside):
        if day is None or not day.chart.times["p95_ms"].notna().any():
            st.html(f'<div class="no-chart">{notices.empty(*_nothing(day))}</div>')
            return
        says = (
            "Lines of the P50, P95 and P99 of API calls in the last 24 hours; their figures follow in words."
        )
        latency_charts.draw_percentiles(day.chart, visit.theme, "response-times", says)
        st.html(_below(day))


def _nothing(day: LastDay | None) -> tuple[str, str]:
    if day is None:
        return "The database gives no answer just now", "Trying again every few seconds."
    return (
        "No call of an API in the last 24 hours",
        "Programs report their calls to the collector; see About.",
    )


def _below(day: LastDay) -> str:
    """What the chart does not draw, and what it draws for those who cannot see it."""
    times = day.chart.times
    newest = times[times["p95_ms"].notna()].iloc[-1]
    worst = times["p95_ms"].max()
    spoken = (
        f"Newest: P50 {words.milliseconds(newest.p50_ms)}, P95 {words.milliseconds(newest.p95_ms)}, "
        f"P99 {words.milliseconds(newest.p99_ms)}. Highest P95: {words.milliseconds(worst)}."
    )
    parts = []
    if len(day.chart.spans):
        parts.append('<span><i class="shade"></i>incident</span>')
    if len(day.chart.markers):
        parts.append('<span><i class="dash"></i>collector, rules or tools changed</span>')
    beyond = latency_charts.out_of_reach(day.chart)
    if beyond:
        parts.append(f"<span>Not drawn, far above: {escape(beyond)}</span>")
    return f'<p class="chart-legend"><span class="unseen">{escape(spoken)}</span>{"".join(parts)}</p>'


def _choice(visit: Visit, api: ServiceKey | None) -> str:
    """The choice of one API; empty where there is nothing to choose."""
    known = apis(visit)
    if len(known) < 2:
        return ""
    options = chain(
        [("", "All APIs", api is None)],
        ((key.service_name, words.service_name(key.service_name), key == api) for key in known),
    )
    inner = "".join(
        f'<option value="{escape(value)}"{" selected" if chosen else ""}>{escape(label)}</option>'
        for value, label, chosen in options
    )
    return (
        f'<form class="choice" data-in-app data-at-once="yes" action="{escape(View().href(ROOT))}">'
        '<label><span class="unseen">API</span>'
        f'<select class="control" name="api" data-keep="api">{inner}</select></label></form>'
    )


def apis(visit: Visit) -> list[ServiceKey]:
    """The APIs that are monitored, by name."""
    found = (seen.key for seen in visit.situation.groups.get(ServiceType.API, ()))
    return sorted(found, key=lambda key: key.service_name)


def _share(label: str, rate: Rate | None, value: str, better: int, tip: str = "") -> Tile:
    said = changes.points(rate.points if rate else None)
    return moved(label, value, said, better > 0, _NOTE, tip)


def _bad(rate: Rate | None) -> str:
    return words.bad_share(rate.percent if rate else None)


def _note(value: float | None) -> str:
    return "" if value is None else _NOTE
