"""The circuit breakers of an API's clients. Pure functions."""

from datetime import datetime

from analytics.alerting import AlertRule, RuleSettings, Signal
from analytics.model import Reason, ServiceKey
from analytics.rules.signals import titles
from analytics.rules.signals.evidence import REACH, Circuit, Evidence

#: A breaker that lets single calls through to try has not found the API to be well yet.
_OPEN = frozenset({"open", "half_open"})


def circuit_open(service: ServiceKey, evidence: Evidence, settings: RuleSettings, now: datetime) -> Signal:
    """The breaker of at least one client is open or half open.

    A breaker in use changes its state each time it tries, so an open one without news for an hour belongs to
    a client that is gone or calls no more: it counts as closed.
    """
    open_now = sorted(
        (circuit for circuit in evidence.circuits if _is_open(circuit, evidence.name(service), now)),
        key=lambda circuit: circuit.origin,
    )
    newest = max(open_now, key=lambda circuit: circuit.changed_at, default=None)
    return Signal(
        AlertRule.CIRCUIT_OPEN,
        service,
        now,
        newest is not None,
        settings.severity,
        reason=Reason.CIRCUIT_OPEN if newest is not None else Reason.OK,
        title=titles.open_circuits(service, [circuit.origin for circuit in open_now]) if open_now else "",
        message=newest.message if newest is not None else "",
    )


def _is_open(circuit: Circuit, api_name: str, now: datetime) -> bool:
    return circuit.api_name == api_name and circuit.state in _OPEN and now - circuit.changed_at < REACH
