"""The four charts over time: uptime, latency, errors and retries, and whose their lines are."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

import streamlit as st

from analytics.model import ServiceKey
from pages._ui import notices, panels, times, words
from pages._ui.latency_charts import draw_percentiles
from pages._ui.shell import Visit
from pages._ui.trends import wording
from pages._ui.trends.courses import Course
from pages._ui.trends.drawing import COLOURS, draw_course
from pages._ui.trends.question import Trends
from pages._ui.trends.selection import Asked


def against(found: Trends) -> str:
    """What changes are measured by; empty when none is shown."""
    total = found.total
    known = total.uptime.before is not None or total.requests.before is not None
    return wording.before(found.period) if known else ""


def wanted_of(visit: Visit, asked: Asked) -> dict[str, str]:
    """What a download of the shown data is asked for by."""
    return {
        "period": asked.text,
        "service": str(visit.view.service or ""),
        "type": str(visit.view.service_type or ""),
    }


def charts(visit: Visit, asked: Asked, found: Trends) -> None:
    """Availability, latency, errors and retries over time."""
    st.html(_legend(visit, found))
    wanted = wanted_of(visit, asked)
    for row in ((_uptime, _latency), (_errors, _retries)):
        for column, draw in zip(st.columns(2), row, strict=True):
            with column:
                draw(visit, found, wanted)


def _legend(visit: Visit, found: Trends) -> str:
    colours = COLOURS[visit.theme]
    names = [_called(key, found.drawn) for key in found.drawn] or ["This period"]
    lines = [
        f'<span><i style="background:{colour}"></i>{escape(name)}</span>'
        for name, colour in zip(names, colours, strict=False)
    ]
    if against(found):
        before = wording.length(found.period.length)
        lines.append(f'<span><i class="tr-before"></i>The {before} before</span>')
    elif found.since is None:
        lines.append("<span>Nothing is recorded yet</span>")
    else:
        since = times.moment(found.since, visit.zone, visit.now)
        lines.append(f"<span>No change shown: data since {since}</span>")
    return f'<p class="tr-legend tr-lines">{"".join(lines)}</p>'


def _called(key: ServiceKey, among: Sequence[ServiceKey]) -> str:
    name = words.service_name(key.service_name)
    twice = sum(words.service_name(one.service_name) == name for one in among) > 1
    return words.label(key) if twice else name


def _uptime(visit: Visit, found: Trends, wanted: Mapping[str, str]) -> None:
    course = found.courses["uptime"]
    aside = spoken(course, wording.uptime) + panels.download("status_hours", **wanted)
    with panels.panel("tr-uptime", "Uptime", "share of good checks", aside):
        if course.least is None:
            st.html(notices.empty("No check in this period"))
        else:
            draw_course(course, visit.theme, "percent", 100.0, "tr-uptime", "Uptime over time")


def _latency(visit: Visit, found: Trends, wanted: Mapping[str, str]) -> None:
    course = found.courses["p95"]
    about = "P95 of each" if found.drawn else "percentiles"
    aside = spoken(course, wording.latency) + panels.download("latency_steps", **wanted)
    with panels.panel("tr-latency", "Latency", about, aside):
        if course.least is None:
            st.html(notices.empty("No request in this period"))
        elif found.percentiles is None:
            draw_course(course, visit.theme, "ms", None, "tr-latency", "P95 over time, a line a service")
        else:
            says = "P50, P95 and P99 over time"
            draw_percentiles(found.percentiles, visit.theme, "tr-percentiles", says, height=200)


def _errors(visit: Visit, found: Trends, wanted: Mapping[str, str]) -> None:
    _rate(visit, found, wanted, "errors", "Error rate", "failed requests of all")


def _retries(visit: Visit, found: Trends, wanted: Mapping[str, str]) -> None:
    _rate(visit, found, wanted, "retries", "Retry rate", "retries per 100 requests")


def _rate(visit: Visit, found: Trends, wanted: Mapping[str, str], name: str, title: str, about: str) -> None:
    course = found.courses[name]
    aside = spoken(course, words.bad_share) + panels.download("rates_steps", **wanted)
    with panels.panel(f"tr-{name}", title, about, aside):
        if course.most is None:
            st.html(notices.empty("No request in this period"))
        else:
            draw_course(course, visit.theme, "percent", None, f"tr-{name}", f"{title} over time")


def spoken(course: Course, say: Callable[[float | None], str]) -> str:
    """What a chart shows, for those who cannot see it: beside the chart, which a changed text draws anew."""
    if course.least is None or course.most is None:
        return ""
    return f'<span class="unseen">from {escape(say(course.least))} to {escape(say(course.most))}</span>'
