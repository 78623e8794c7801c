"""How a service that is judged by an hour of traffic would be judged by its last minutes alone."""

from datetime import datetime

from analytics.model import Basis, Policy, Reason, ServiceKey, Status, Window
from analytics.rules.signals.evidence import PRESENT_SPAN, Evidence
from analytics.rules.status import decide

#: With fewer bad ones among good ones a few minutes say neither: one stray failure is no relapse.
FEWEST_BAD = 3


def present_status(service: ServiceKey, policy: Policy, evidence: Evidence, now: datetime) -> Status | None:
    """The status of the last five minutes alone; None when they were without traffic.

    Also None when a few went badly among others that went well, and for a probed service (`Basis.PRESENT`):
    there every check is about the present.
    """
    if policy.basis is Basis.PRESENT:
        return None
    of = evidence.calls_of if policy.basis is Basis.CALLS else evidence.deliveries_of
    window = of(service, PRESENT_SPAN)
    if window is None:
        return None
    verdict = decide(window, policy, now)
    if verdict.status is Status.UNKNOWN:
        return None
    by_few = verdict.status is not Status.HEALTHY and verdict.reason is not Reason.SLOW and _few_bad(window)
    return None if by_few else verdict.status


def _few_bad(window: Window) -> bool:
    bad = window.failed + window.unprocessed
    return bad < min(FEWEST_BAD, window.total)
