"""How a service that is judged by an hour of traffic would be judged by its last minutes alone."""

from datetime import datetime

from analytics.model import Basis, Policy, ServiceKey, Status
from analytics.rules.signals.evidence import PRESENT_SPAN, Evidence
from analytics.rules.status import decide


def present_status(service: ServiceKey, policy: Policy, evidence: Evidence, now: datetime) -> Status | None:
    """The status of the last five minutes alone; None when they were without traffic.

    Also None for a probed service (`Basis.PRESENT`): there every check is about the present.
    """
    if policy.basis is Basis.PRESENT:
        return None
    of = evidence.calls_of if policy.basis is Basis.CALLS else evidence.deliveries_of
    window = of(service, PRESENT_SPAN)
    if window is None:
        return None
    status = decide(window, policy, now).status
    return None if status is Status.UNKNOWN else status
