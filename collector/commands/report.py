"""`python -m collector report daily|weekly`: makes one report, as Markdown, HTML and PNG."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from analytics.db import DatabaseError, pending
from collector.commands import ExitCode, UsageError
from collector.config import channels_off
from collector.config.alert_notes import mailed_by
from collector.reports.making import make
from collector.reports.periods import Period, ReportKind, newest_period, period_ending
from collector.reports.recording import record
from collector.reports.settings import ReportSettings
from collector.wiring import Setting, utc_now

#: Checks go before drawing.
_NICER = 10


class ReportImpossible(UsageError):
    """The report cannot be made as asked for; the text is one clear line."""


def report(
    setting: Setting, kind: str, at: str | None = None, out: str | None = None, send: bool = False
) -> ExitCode:
    """Make the report of the newest period, or of the one that ends `at`, and print its sentence and files.

    `out` is the folder, by default the configured one. `send` puts it into the outbox of the e-mail channels
    too; the running collector sends it. Raises `ReportImpossible` and `DatabaseError`.
    """
    settings = setting.config.reports or ReportSettings()
    period = _period(ReportKind(kind), settings, at, utc_now())
    channels = mailed_by(setting.config, channels_off(setting.config, setting.environment)) if send else []
    if send and not channels:
        raise ReportImpossible("--send: no channel that is on mails reports (kind email, severity info)")
    if pending(setting.location):
        raise DatabaseError(f"{setting.location}: it is of an older version: start the collector once")
    folder = Path(out) if out else settings.folder
    try:
        made = make(setting.location, period, folder, _NICER)
    except OSError as error:
        raise ReportImpossible(f"{folder}: cannot be written: {error.strerror or error}") from None
    print(made.headline)
    for ending in (".md", ".html", ".png"):
        path = made.base.with_name(made.base.name + ending)
        if path.exists():
            print(path)
    if send:
        record(setting.location, made, channels, utc_now())
        print(f"handed to {', '.join(channels)}: the running collector sends it")
    return ExitCode.DONE


def _period(kind: ReportKind, settings: ReportSettings, at: str | None, now: datetime) -> Period:
    if at is None:
        configured = newest_period(kind, settings, now)
        return configured or period_ending(kind, now.replace(second=0, microsecond=0), settings.timezone)
    try:
        end = datetime.fromisoformat(at)
    except ValueError:
        raise ReportImpossible(f'--at: "{at}" is no time; write one like 2026-11-24T08:00') from None
    if end.tzinfo is None:
        end = end.replace(tzinfo=ZoneInfo(settings.timezone))
    if end > now:
        raise ReportImpossible(f"--at: {at} lies in the future; write when the period ended")
    return period_ending(kind, end.astimezone(UTC), settings.timezone)
