"""Which reports should exist and do not. Pure."""

from collections.abc import Mapping
from datetime import datetime

from collector.reports.periods import Period, ReportKind, newest_period
from collector.reports.settings import ReportSettings


def due(
    settings: ReportSettings,
    made: Mapping[ReportKind, datetime],
    monitored_since: datetime | None,
    now: datetime,
) -> list[Period]:
    """The newest period of each kind that ended by `now` and has no report, the daily one first.

    `made` holds the end of the newest period of each kind that has one. Of several that were missed only the
    newest is made: its reader wants to know how it stands, not to read thirty letters. A period that ended
    before anything was monitored (`monitored_since`, None: never) has nothing to report.
    """
    if monitored_since is None:
        return []
    newest = (newest_period(kind, settings, now) for kind in ReportKind)
    return [
        period
        for period in newest
        if period is not None
        and period.end > monitored_since
        and (period.kind not in made or made[period.kind] < period.end)
    ]
