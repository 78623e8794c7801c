"""What a check notes beside its verdict: tools, certificates, silence. Pure functions."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from analytics.alerting import AlertRule, RuleSettings, Signal
from analytics.model import Reason, ServiceType, Severity, Status
from analytics.rules.signals import titles
from analytics.rules.signals.observation import Observation
from analytics.rules.silence import FEWEST_PAUSES

#: A certificate that ends so soon is nobody's plan any more.
CRITICAL_DAYS = 3

#: Silence is unusual from three times the longest pause on (`analytics.rules.silence`), and never before
#: this. It must also be half as long again as the longest pause of two weeks, which is a night or a weekend;
#: as long as no night is known, half a day.
_TIMES_LONGEST = 3
_TIMES_EXTREME = 1.5
_SHORTEST_SILENCE = timedelta(minutes=5)
_NIGHTS_UNKNOWN = timedelta(hours=12)
#: Where only the median pause is known: of deliveries that come at random, 99 of 100 pauses are shorter than
#: 6.6 medians, and three times that is 20.
_TIMES_USUAL = 20
_TOLD_TOOLS = 20


def webhook_silent(seen: Observation, settings: RuleSettings) -> Signal:
    """A source whose rhythm is known has been silent for longer than it ever is.

    None of one that never spoke. After an hour without deliveries a source is unknown, also one that speaks
    twice a day: that alone is no news.
    """
    bad: bool | None = None
    if seen.status is not Status.UNKNOWN:
        bad = False
    elif seen.reason is Reason.NO_DATA and _silent_for_long(seen):
        bad = True
    return Signal(
        AlertRule.WEBHOOK_SILENT,
        seen.service,
        seen.at,
        bad,
        settings.severity,
        reason=seen.reason,
        title=titles.silent(seen.service, seen.message) if bad else "",
        message=seen.message,
    )


def tools_changed(seen: Observation, settings: RuleSettings) -> Signal | None:
    """An MCP server offers other tools than at the look before. Nothing is said of other services."""
    changed = seen.reason is Reason.SCHEMA_CHANGED
    if not changed and seen.service.service_type is not ServiceType.MCP and "tools_hash" not in seen.details:
        return None
    bad = None if seen.status is Status.UNKNOWN else changed
    told = _changes(seen.details) if bad else ""
    return Signal(
        AlertRule.TOOLS_CHANGED,
        seen.service,
        seen.at,
        bad,
        settings.severity,
        reason=seen.reason,
        title=titles.tools(seen.service, told or seen.message) if bad else "",
        message=told or seen.message,
    )


def certificate_expiry(seen: Observation, settings: RuleSettings) -> Signal | None:
    """The certificate ends in fewer days than `settings.limit`; critical from three days on.

    None when the check saw no certificate.
    """
    left = seen.details.get("tls_days_left")
    if isinstance(left, bool) or not isinstance(left, int | float):
        return None
    bad = left < settings.limit
    severity = Severity.CRITICAL if bad and left <= CRITICAL_DAYS else settings.severity
    ends = seen.details.get("tls_not_after")
    return Signal(
        AlertRule.CERTIFICATE_EXPIRY,
        seen.service,
        seen.at,
        bad,
        severity,
        reason=Reason.TLS if bad else Reason.OK,
        title=titles.certificate(seen.service, int(left)) if bad else "",
        message=f"it is valid until {ends}" if bad and isinstance(ends, str) else "",
    )


def _silent_for_long(seen: Observation) -> bool:
    newest = _time(seen.details.get("newest_genuine") or seen.details.get("newest"))
    unusual = _unusual_silence(seen.details)
    return newest is not None and unusual is not None and seen.at - newest > unusual


def _unusual_silence(details: Mapping[str, Any]) -> timedelta | None:
    """The silence from which on the rhythm noted in `details` is broken; None when it is not known."""
    usual, longest = details.get("usual_pause_seconds"), details.get("longest_pause_seconds")
    pauses = details.get("pauses")
    if isinstance(pauses, int) and pauses < FEWEST_PAUSES:
        return None
    seconds = _TIMES_LONGEST * longest if isinstance(longest, int | float) else None
    if seconds is None and isinstance(usual, int | float):
        seconds = _TIMES_USUAL * usual
    if seconds is None:
        return None
    extreme = details.get("extreme_pause_seconds")
    least = _NIGHTS_UNKNOWN
    if isinstance(extreme, int | float):
        least = timedelta(seconds=_TIMES_EXTREME * extreme)
    return max(_SHORTEST_SILENCE, timedelta(seconds=seconds), least)


def _changes(details: Mapping[str, Any]) -> str:
    parts = []
    for verb in ("missing", "removed", "changed", "added"):
        names = details.get(f"tools_{verb}")
        if isinstance(names, list) and names:
            parts.append(f"{verb} {titles.listed((titles.quoted(name) for name in names), _TOLD_TOOLS)}")
    return "; ".join(parts)


def _time(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
