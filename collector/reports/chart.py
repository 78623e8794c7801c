"""The pictures of the reports, as PNG: drawn by Altair and vl-convert, without a browser or a network.

The same palette as the dashboard's on white. Colour is never the only sign: the worse a status, the taller
its band, and each field of the heat map says its figure.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

import altair as alt
import vl_convert

from analytics.model import Status
from analytics.report_queries import StatusSpan
from collector.reports import wording
from collector.reports.chart_axes import Rows, clock_axis, inline, minutes, service_axis
from collector.reports.figures import Report, ServiceFigures
from collector.reports.periods import Period, ReportKind, days
from collector.reports.png import packed

#: The width of the plot alone, and the pixels a point is drawn with.
_WIDTH, _SCALE = 700, 2.0
_ROW, _LINES = 22, 150
_INK, _QUIET, _HAIR = "#10172a", "#596275", "#e2e5ec"
_COLOURS = MappingProxyType(
    {
        Status.HEALTHY.value: "#12a17b",
        Status.DEGRADED.value: "#e08e0b",
        Status.DOWN.value: "#d4372c",
        Status.UNKNOWN.value: "#c3c9d5",
    }
)
_HEIGHTS = MappingProxyType({"healthy": 8, "unknown": 8, "degraded": 13, "down": 18})
#: Lines that are told apart by their dashes too.
_LINE_COLOURS = ["#3b5bdb", "#c2570c", "#0b8a68", "#8a3ffc", "#596275", "#b3266e"]
_DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 1, 1, 1]]
#: From this availability on, in percent: the fill, and the ink on it.
_FILLS = ((100.0, "#c9ebe0", _INK), (99.9, "#e3f0d2", _INK), (99.0, "#fbe3b0", _INK), (95.0, "#f3b562", _INK))
_WORST, _NOT_KNOWN = ("#d4372c", "#ffffff"), ("#eef0f4", _QUIET)


def picture(report: Report) -> bytes:
    """The chart of `report`, which has data, as PNG."""
    names = _names(report.services)
    if report.period.kind is ReportKind.DAILY:
        parts = [_timeline(report, names)]
    else:
        parts = [_heat_map(report, names)]
    if report.latency:
        parts.append(_lines(report))
    chart = (
        alt.vconcat(*parts, spacing=26)
        .resolve_scale(color="independent", strokeDash="independent", x="independent")
        .configure(font="Liberation Sans", background="#ffffff", padding=16)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=_INK,
            labelFontSize=12,
            titleColor=_QUIET,
            titleFontSize=12,
            titleFontWeight="normal",
            gridColor=_HAIR,
            domain=False,
            ticks=False,
        )
        .configure_title(
            anchor="start", frame="group", fontSize=14, color=_INK, subtitleColor=_QUIET, offset=10
        )
        .configure_legend(labelFontSize=12, labelColor=_INK, symbolStrokeWidth=2)
    )
    return packed(vl_convert.vegalite_to_png(chart.to_dict(), scale=_SCALE))


def _names(services: Sequence[ServiceFigures]) -> dict[tuple[str, str], str]:
    """What each row is called; two of the same name are told apart by their type."""
    labels = {service.key: wording.service(*service.key) for service in services}
    found: dict[tuple[str, str], str] = {}
    for key, label in labels.items():
        twice = sum(other == label for other in labels.values()) > 1
        found[key] = f"{label} ({'/'.join(key)})" if twice else label
    return found


def _timeline(report: Report, names: Mapping[tuple[str, str], str]) -> alt.LayerChart | alt.FacetChart:
    """One band a service; where nobody looked there is none."""
    period, order = report.period, list(names.values())
    rows: Rows = [
        {
            "service": names[service.key],
            "status": span.status,
            "from": minutes(span.begun, period),
            "to": _drawn_until(span, period),
        }
        for service in report.services
        for span in service.spans
    ]
    x, y = clock_axis(period), service_axis(order)
    colour = alt.Color(
        "status:N",
        scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())),
        legend=alt.Legend(orient="top", title=None, symbolType="square", offset=4),
    )
    bands = [
        alt.Chart(inline([row for row in rows if row["status"] == status]))
        .mark_bar(height=_HEIGHTS[status])
        .encode(x=x, x2="to:Q", y=y, color=colour)
        for status in ("healthy", "unknown", "degraded", "down")
    ]
    whole = minutes(period.end, period)
    texts: Rows = [
        {"service": names[service.key], "from": whole, "p95": wording.milliseconds(service.calls.p95_ms)}
        for service in report.services
        if service.calls and service.calls.p95_ms is not None
    ]
    beside = (
        alt.Chart(inline(texts))
        .mark_text(align="left", dx=8, fontSize=12, color=_QUIET)
        .encode(x=x, y=y, text="p95:N")
    )
    title = alt.TitleParams(
        "Status over the day", subtitle="blank where nobody looked; on the right the P95 of the day"
    )
    return alt.layer(*bands, beside).properties(width=_WIDTH, height=_ROW * len(order), title=title)


def _drawn_until(span: StatusSpan, period: Period) -> float:
    """A trouble of seconds must still be seen in a picture of a day: it is drawn as one of four minutes."""
    until = minutes(span.until, period)
    if span.status in ("degraded", "down"):
        until = max(until, min(minutes(span.begun, period) + 4, minutes(period.end, period)))
    return until


def _heat_map(report: Report, names: Mapping[tuple[str, str], str]) -> alt.LayerChart | alt.FacetChart:
    """Availability on each day; every field says its figure."""
    zone = ZoneInfo(report.period.timezone)
    columns = [f"{day.start.astimezone(zone):%a %d %b}" for day in days(report.period)]
    rows: Rows = []
    for service in report.services:
        for uptime, label in zip(service.uptime_by_day, columns, strict=True):
            fill, ink = _fill(uptime)
            rows.append(
                {
                    "service": names[service.key],
                    "day": label,
                    "fill": fill,
                    "ink": ink,
                    "text": wording.percent(uptime),
                }
            )
    x = alt.X(
        "day:N",
        sort=columns,
        axis=alt.Axis(orient="top", title=None, labelAngle=0, labelPadding=6),
    )
    y = service_axis(list(names.values()))
    base = alt.Chart(inline(rows)).encode(x=x, y=y)
    fields = base.mark_rect(stroke="#ffffff", strokeWidth=2).encode(
        color=alt.Color("fill:N", scale=None, legend=None)
    )
    figures = base.mark_text(fontSize=12).encode(
        text="text:N", color=alt.Color("ink:N", scale=None, legend=None)
    )
    title = alt.TitleParams(
        "Availability by day",
        subtitle="each day from report time on; – where nothing is known",
    )
    return alt.layer(fields, figures).properties(width=_WIDTH, height=(_ROW + 2) * len(names), title=title)


def _fill(uptime: float | None) -> tuple[str, str]:
    if uptime is None:
        return _NOT_KNOWN
    return next(((fill, ink) for least, fill, ink in _FILLS if uptime >= least), _WORST)


def _lines(report: Report) -> alt.LayerChart | alt.FacetChart:
    """P95 of each API; a step without calls leaves a hole in its line."""
    period, step = report.period, report.latency_step
    known = {(one.service_name, one.at): one.p95_ms for one in report.latency}
    apis = _slowest({name for name, _ in known}, known)
    rows: Rows = []
    for name in apis:
        at = period.start
        while at < period.end:
            middle = minutes(at + step / 2, period)
            rows.append({"api": wording.service("api", name), "from": middle, "p95": known.get((name, at))})
            at += step
    labels = list(dict.fromkeys(wording.service("api", name) for name in apis))
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolSize=300, columns=4, offset=4)
    base = alt.Chart(inline(rows)).encode(
        x=clock_axis(period),
        y=alt.Y(
            "p95:Q",
            title="P95 in ms",
            axis=alt.Axis(tickCount=5, format=",d", titlePadding=10, labelPadding=6),
        ),
        color=alt.Color(
            "api:N", scale=alt.Scale(domain=labels, range=_LINE_COLOURS[: len(labels)]), legend=legend
        ),
    )
    lines = base.mark_line(strokeWidth=2).encode(
        strokeDash=alt.StrokeDash(
            "api:N", scale=alt.Scale(domain=labels, range=_DASHES[: len(labels)]), legend=legend
        )
    )
    points = base.mark_point(filled=True, size=14, opacity=1)
    title = "P95 of the APIs" if len(apis) < len(_LINE_COLOURS) else "P95 of the slowest APIs"
    return alt.layer(lines, points).properties(width=_WIDTH, height=_LINES, title=title)


def _slowest(apis: set[str], known: Mapping[tuple[str, datetime], float]) -> list[str]:
    """As many as lines can be told apart, in the order of their names."""
    worst = {name: max(p95 for (api, _), p95 in known.items() if api == name) for name in apis}
    return sorted(sorted(apis, key=lambda name: (-worst[name], name))[: len(_LINE_COLOURS)])
