"""Whether what a window of traffic shows is over by its newest part. Pure functions.

A window remembers a burst for as long as it is; people must not be called for what has ended. Yet a few good
ones say little: the newest part must be so full that it would have shown the trouble, were it still there.
"""

from analytics.model import Window

#: So many bad ones must have been expected: with three, chance alone shows none once in twenty times (e^-3).
_EXPECTED = 3
#: The share of slow calls from which on the P95 is slow.
_SLOW_SHARE = 0.05


def failures_over(window: Window, newest: Window | None, allowed_percent: float) -> bool | None:
    """Whether fewer fail now than `allowed_percent`, clearly: at most half of that.

    None when it looks like that, but so few of the newest say neither. Without any it is not over: silence
    is no recovery.
    """
    if newest is None or not newest.total or 100 * newest.failed > allowed_percent / 2 * newest.total:
        return False
    return True if newest.total * window.failed >= _EXPECTED * window.total else None


def slowness_over(newest: Window | None, limit_ms: float) -> bool | None:
    """Whether the P95 is under `limit_ms` now; None when it is, of few calls; False without any."""
    if newest is None or newest.p95_ms is None or newest.p95_ms >= limit_ms:
        return False
    return True if (newest.total - newest.failed) * _SLOW_SHARE >= _EXPECTED else None


def still_bad(over: bool | None) -> bool | None:
    """What a bad window says, when its newest part says that it is `over` or not."""
    return None if over is None else not over
