"""Remembers that a report was made, and puts the letters about it into the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from analytics.alerting import Action, Message, Outgoing
from analytics.db import Location, transact
from analytics.model import Severity
from collector.reports.periods import Period
from collector.reports.wording import title
from collector.store_reports import insert_report


@dataclass(frozen=True, slots=True)
class MadeReport:
    """A report in files: `base` is their path without `.md`, `.html` and `.png`, `headline` its sentence."""

    period: Period
    base: Path
    headline: str


def record(location: Location, made: MadeReport, channels: Sequence[str], now: datetime) -> None:
    """Write in one transaction that `made` exists and that each of `channels` is to be sent it.

    Raises `analytics.db.DatabaseError`; then nothing is written and the report is made again.
    """
    message = report_message(made, now)
    outgoing = [Outgoing(channel, message) for channel in channels]
    period = made.period
    transact(
        location,
        lambda connection: insert_report(
            connection, period.kind.value, (period.start, period.end), message.path, outgoing, now
        ),
    )


def report_message(made: MadeReport, now: datetime) -> Message:
    """What a channel is asked to send: the subject, the headline, and where the files are."""
    return Message(
        action=Action.REPORT,
        dedup_key=f"report/{made.period.label}",
        service="collector",
        severity=Severity.INFO,
        title=title(made.period),
        text=made.headline,
        at=now,
        began_at=made.period.start,
        ended_at=made.period.end,
        path=str(made.base.resolve()),
    )
