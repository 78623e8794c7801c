"""What a service depends on, all the way down, and whether that is the trouble."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from analytics.alerting import Alert, AlertRule, AlertState
from analytics.model import ServiceKey, Status
from analytics.rules.alerting.state import Draft

#: So long an alert waits at most for a look at what its service depends on.
LONGEST_HOLD = timedelta(seconds=90)


def all_below(
    service: ServiceKey, depends_on: Mapping[ServiceKey, tuple[ServiceKey, ...]]
) -> Iterator[ServiceKey]:
    """What `service` depends on, directly or not, the nearest first, each once, never itself."""
    seen, waiting = {service}, [service]
    while waiting:
        for below in depends_on.get(waiting.pop(0), ()):
            if below not in seen:
                seen.add(below)
                waiting.append(below)
                yield below


def root_cause(alert: Alert, draft: Draft) -> ServiceKey | None:
    """The service at the bottom of a trouble: the deepest dependency that is down."""
    cause = None
    for below in _dependencies(alert, draft):
        if _is_down(below, draft):
            cause = below
    return cause


def just_recovered(alert: Alert, draft: Draft) -> ServiceKey | None:
    """A dependency that recovered after the newest look at this service, which has to be seen again first."""
    for below in _dependencies(alert, draft):
        down = draft.alerts.get((AlertRule.SERVICE_DOWN, below, ""))
        if down is not None and down.state is AlertState.RESOLVED and alert.last_at <= down.since:
            return below
    return None


def not_yet_seen(alert: Alert, draft: Draft) -> ServiceKey | None:
    """A dependency that was not looked at since this trouble began, as long as that is worth waiting for."""
    if draft.now - alert.since > LONGEST_HOLD:
        return None
    for below in _dependencies(alert, draft):
        look = draft.circumstances.health.get(below)
        if below in draft.circumstances.monitored and (look is None or look.at < alert.bad_since):
            return below
    return None


def _dependencies(alert: Alert, draft: Draft) -> Iterator[ServiceKey]:
    if alert.service is not None and alert.service in draft.circumstances.depends_on:
        yield from all_below(alert.service, draft.circumstances.depends_on)


def _is_down(service: ServiceKey, draft: Draft) -> bool:
    """Down, or failing and being confirmed; that only while it is fresh, for it may wait for ever."""
    alert = draft.alerts.get((AlertRule.SERVICE_DOWN, service, ""))
    if alert is not None and alert.state is AlertState.FIRING:
        return True
    if alert is not None and alert.state is AlertState.PENDING:
        return draft.now - alert.last_at <= draft.circumstances.gap(service)
    look = draft.circumstances.health.get(service)
    return alert is None and look is not None and look.status is Status.DOWN and look.well is False
