"""Which channels are told of a severity."""

from collections.abc import Sequence

from analytics.alerting import Route
from analytics.model import Severity

#: When nobody takes a severity, those who take the next lower one are told, so that nothing is lost. Only
#: what is for information never goes to those who want to hear of worse alone: it must not wake them.
_INSTEAD = {
    Severity.CRITICAL: (Severity.CRITICAL, Severity.WARNING, Severity.INFO),
    Severity.WARNING: (Severity.WARNING, Severity.INFO),
    Severity.INFO: (Severity.INFO,),
}


def channels_for(severity: Severity, routes: Sequence[Route]) -> tuple[str, ...]:
    """The names of the channels that are told of `severity`, in the order of `routes`.

    Those that take it; when there is none, those that take the next lower severity; at last all there are,
    but not of what is for information.
    """
    for taken in _INSTEAD[severity]:
        channels = tuple(route.channel for route in routes if taken in route.severities)
        if channels:
            return channels
    return () if severity is Severity.INFO else tuple(route.channel for route in routes)


def channels_but(failing: str, severity: Severity, routes: Sequence[Route]) -> tuple[str, ...]:
    """Who is told that a channel fails: those that take such a severity, as if it were not there."""
    return channels_for(severity, [route for route in routes if route.channel != failing])
