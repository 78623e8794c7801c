"""The health score: one figure for the whole page."""

from collections.abc import Iterable

from analytics.model import Status

_WORTH = {Status.HEALTHY: 1.0, Status.DEGRADED: 0.5, Status.DOWN: 0.0}


def health_score(statuses: Iterable[Status]) -> float | None:
    """Mean over the known services of healthy 1, degraded ½, down 0, in percent; None if none is known."""
    worth = [_WORTH[status] for status in statuses if status in _WORTH]
    return 100.0 * sum(worth) / len(worth) if worth else None
