"""What a report says of incidents, alerts, and the monitor itself: one function a section. Pure."""

from collections.abc import Sequence

from analytics.report_queries import AlertFigure
from collector.reports import wording
from collector.reports.document import Cell, Column, Section, Table
from collector.reports.figures import Report
from collector.reports.shares import Interval, length, merged

_TONES = {"critical": "down", "warning": "degraded"}
#: Of more than so many incidents or suppressed alerts the rest is counted.
_LONGEST_TABLE = 30
_MEASURES = ("detection", "alert", "acknowledge", "resolve")


def incidents(report: Report) -> Section:
    """Every incident that was open in the period, with how long it lasted."""
    number, before = len(report.incidents), report.incidents_before
    lead = wording.counted(number, "incident") if number else "No incidents"
    lead += "." if before is None else f", {before} the period before."
    if not number:
        return Section("Incidents", lead)
    columns = [Column("Service"), Column("What"), Column("Severity"), Column("Began"), Column("Lasted")]
    rows = []
    for one in report.incidents[:_LONGEST_TABLE]:
        lasted = wording.duration((one.resolved_at or report.period.end) - one.began_at)
        if one.resolved_at is None:
            lasted += ", still open"
        if one.relapses:
            lasted += f", came back {wording.times(one.relapses)}"
        rows.append(
            [
                Cell(wording.service(one.service_type, one.service_name), "strong"),
                Cell(one.title),
                Cell(one.severity, _TONES.get(one.severity, "")),
                Cell(wording.moment(one.began_at, report.period)),
                Cell(lasted),
            ]
        )
    return Section("Incidents", lead + _rest(number), Table(columns, rows))


def suppressed(report: Report) -> Section:
    """Alerts that nobody was told of, with the reason."""
    if not report.suppressed and not report.ran:
        return Section("Suppressed alerts", "None: the collector did not run, and no alert could fire.")
    if not report.suppressed:
        return Section("Suppressed alerts", "None: every alert that fired was told.")
    rows = [
        [
            Cell(wording.service(one.service_type, one.service_name), "strong"),
            Cell(one.title or wording.words(one.rule)),
            Cell(one.suppressed_by),
            Cell(wording.count(max(1, one.times))),
        ]
        for one in report.suppressed[:_LONGEST_TABLE]
    ]
    columns = [Column("Service"), Column("What"), Column("Why nobody was told"), Column("Times", True)]
    return Section("Suppressed alerts", _rest(len(report.suppressed)).strip(), Table(columns, rows))


def alerting(report: Report) -> Section:
    """How fast people knew, with the targets beside."""
    targets = {figure.measure: figure.target_seconds for figure in report.alert_figures}
    by_severity: dict[str, dict[str, AlertFigure]] = {}
    for figure in report.alert_figures:
        if figure.incidents:
            by_severity.setdefault(figure.severity, {})[figure.measure] = figure
    if not by_severity:
        return Section("How fast people knew", "No incident was opened in this period.")
    heads = ("Detection", "MTTA", "MTTACK", "MTTR")
    columns = [Column("Severity"), Column("Opened", True)]
    columns += [
        Column(f"{head} (target {_target(targets.get(measure, 0))})", True)
        for head, measure in zip(heads, _MEASURES, strict=True)
    ]
    rows = []
    for severity, figures in by_severity.items():
        opened = max(figure.incidents for figure in figures.values())
        rows.append(
            [
                Cell(severity, _TONES.get(severity, "strong")),
                Cell(wording.count(opened)),
                *(_figure(figures.get(measure)) for measure in _MEASURES),
            ]
        )
    lead = "Means of the incidents opened in this period: from the first sign until it was sure (detection) "
    lead += "and until somebody was told (MTTA), from then until it was acknowledged (MTTACK), and from the "
    lead += "first sign to the confirmed end (MTTR)."
    return Section("How fast people knew", lead, Table(columns, rows))


def undelivered(report: Report) -> Section:
    """Messages that nobody got."""
    if not report.undelivered and not report.ran:
        return Section("Messages", "None: the collector did not run.")
    if not report.undelivered:
        return Section("Messages", "Every message was delivered, or folded into a newer one.")
    said = {"refused": "refused for good", "expired": "given up after a day", "pending": "not delivered yet"}
    rows = [
        [
            Cell(one.channel, "strong"),
            Cell(said.get(one.state, one.state), "down"),
            Cell(wording.count(one.messages)),
            Cell(one.last_error or ""),
        ]
        for one in report.undelivered
    ]
    columns = [
        Column("Channel"),
        Column("What became of them"),
        Column("Messages", True),
        Column("Last answer"),
    ]
    return Section("Messages", "Not everything could be delivered.", Table(columns, rows))


def monitoring(report: Report) -> Section:
    """When nobody looked, and what maintenance there was."""
    period = report.period
    rows = [
        [
            Cell("The collector did not run", "unknown"),
            Cell("all services"),
            Cell(wording.moment(stop.begun, period)),
            Cell(wording.duration(stop.until - stop.begun)),
        ]
        for stop in report.stops
    ]
    grouped: dict[tuple[str, Interval], list[str]] = {}
    for time in report.maintenance:
        for cut in merged([(time.starts_at, time.ends_at)], period.start, period.end):
            name = wording.service(time.service_type, time.service_name)
            grouped.setdefault((time.name, cut), []).append(name)
    for (name, cut), services in grouped.items():
        who = ", ".join(services[:4]) + (f" and {len(services) - 4} more" if len(services) > 4 else "")
        rows.append(
            [
                Cell(f"Maintenance: {name}"),
                Cell(who),
                Cell(wording.moment(cut[0], period)),
                Cell(wording.duration(length([cut]))),
            ]
        )
    lead = _monitored(report)
    if not rows:
        return Section("Gaps and maintenance", lead)
    columns = [Column("What"), Column("Services"), Column("From"), Column("For")]
    return Section("Gaps and maintenance", lead, Table(columns, rows))


def _monitored(report: Report) -> str:
    since = report.monitored_since
    if since is None or since >= report.period.end:
        return "Nothing was monitored in this period."
    if since > report.period.start:
        began = wording.moment(since, report.period)
        return f"Monitoring began on {began}; nothing is known of the time before."
    return (
        "The collector ran all the time."
        if not report.stops
        else "What lies in a gap is neither up nor down."
    )


def _target(seconds: float) -> str:
    return f"< {seconds / 3600:g} h" if seconds >= 3600 else f"< {seconds / 60:g} min"


def _figure(figure: AlertFigure | None) -> Cell:
    if figure is None or (not figure.reached and not figure.overdue):
        return Cell(wording.NONE)
    missed = figure.met_percent is not None and figure.met_percent < 100
    text = wording.NONE if figure.mean_seconds is None else wording.duration(figure.mean_seconds)
    if missed:
        text += f" ({wording.percent(figure.met_percent)} in time)"
    return Cell(text, "degraded" if missed else "")


def _rest(number: int) -> str:
    return f" The first {_LONGEST_TABLE} of {number} are shown." if number > _LONGEST_TABLE else ""


def sections(report: Report) -> Sequence[Section]:
    """All of them, in order."""
    return [incidents(report), suppressed(report), alerting(report), undelivered(report), monitoring(report)]
