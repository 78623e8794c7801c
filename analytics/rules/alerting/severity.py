"""The order of severities."""

from analytics.model import Severity

#: From the quietest to the loudest.
RISING = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


def worse(severity: Severity, other: Severity) -> bool:
    """Whether `severity` is louder than `other`."""
    return RISING.index(severity) > RISING.index(other)


def worst(severity: Severity, other: Severity) -> Severity:
    """The louder of the two."""
    return severity if worse(severity, other) else other
