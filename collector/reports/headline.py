"""The one sentence on top of a report. Pure."""

from collections.abc import Sequence

from collector.reports import wording
from collector.reports.figures import Report, ServiceFigures
from collector.reports.periods import ReportKind

_NAMED = 2
#: A shorter time without a look is no gap.
_BLIND_SECONDS = 60


def headline(report: Report) -> str:
    """How it went: `15 of 16 services were healthy all day; Shopify API was down for 14 minutes.`"""
    if not report.has_data:
        return _no_data(report)
    seen = [service for service in report.services if service.shares.known]
    fine = [service for service in seen if not service.shares.degraded and not service.shares.down]
    parts = [
        f"{_fine(len(fine), report)} {_how_long(report)}",
        *_bad(seen),
        _unknown(report),
        _unseen(report),
    ]
    return "; ".join(part for part in parts if part) + "."


def _fine(number: int, report: Report) -> str:
    of = len(report.services)
    if number == of:
        return "The one service was healthy" if of == 1 else f"All {of} services were healthy"
    return f"{number} of {wording.counted(of, 'service')} {'was' if of == 1 else 'were'} healthy"


def _how_long(report: Report) -> str:
    """A service that was not always looked at was not seen to be healthy all the time."""
    if any(service.shares.known and _blind(service) for service in report.services):
        return "whenever somebody looked"
    return "all day" if report.period.kind is ReportKind.DAILY else "all week"


def _blind(service: ServiceFigures) -> bool:
    return service.shares.unseen + service.shares.unknown >= _BLIND_SECONDS


def _unknown(report: Report) -> str:
    number = sum(not service.shares.known for service in report.services)
    return f"nothing is known of {number} of them" if number else ""


def _no_data(report: Report) -> str:
    if report.monitored_since is None:
        return "No data: the collector has never run."
    if report.monitored_since >= report.period.end:
        return (
            "No data: the collector ran for the first time after this period. "
            "For one that ends later write when: report --at."
        )
    if report.stops:
        return "No data: the collector did not run in this period."
    return "No data: nothing is known of any service in this period."


def _bad(seen: Sequence[ServiceFigures]) -> list[str]:
    """Who was down, the longest first; when nobody was, who was degraded."""
    for status, said in (("down", "down"), ("degraded", "degraded")):
        bad = [service for service in seen if getattr(service.shares, status)]
        bad.sort(key=lambda service: -getattr(service.shares, status))
        named = [_one(service, status, said) for service in bad[:_NAMED]]
        more = len(bad) - _NAMED
        if more > 0:
            named.append(f"{more} more {'was' if more == 1 else 'were'} {said}")
        if named:
            return [", ".join(named[:-1]) + (" and " if len(named) > 1 else "") + named[-1]]
    return []


def _one(service: ServiceFigures, status: str, said: str) -> str:
    seconds = float(getattr(service.shares, status))
    planned = seconds - float(getattr(service.unplanned, status))
    who = f"{wording.service(*service.key)} {wording.was(service.key[0])}"
    text = f"{who} {said} for {wording.duration(seconds)}"
    if planned < 1:
        return text
    return f"{text} ({'all' if seconds - planned < 1 else wording.duration(planned)} of it in maintenance)"


def _unseen(report: Report) -> str:
    lost = sum((stop.until - stop.begun).total_seconds() for stop in report.stops)
    time = "day" if report.period.kind is ReportKind.DAILY else "week"
    return f"the collector did not run for {wording.duration(lost)} of the {time}" if lost >= 1 else ""
