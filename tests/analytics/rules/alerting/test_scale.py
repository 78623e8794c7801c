"""A step costs as much as there are services, also when all of them are in trouble and nobody can be told."""

from datetime import timedelta
from itertools import count
from time import process_time
from uuid import UUID

import pytest

from analytics.alerting import AlertRule, Health, Mute
from analytics.model import ServiceKey, ServiceType, Severity, Status
from analytics.rules.alerting import AlertingState, Circumstances, step
from tests.analytics.rules.alerting.scene import POLICY, ROUTES, START, signal

MUTE = Mute(UUID(int=1), None, None, START + timedelta(days=1), "ann")


def seconds(services: int, **circumstances: object) -> float:
    """Processor time of a step in which all `services` are down, as they were before: the best of 4."""
    keys = [ServiceKey(ServiceType.MCP, f"s{number}") for number in range(services)]
    ids, state, best = count(1), AlertingState(), float("inf")
    around = Circumstances(policy=POLICY, monitored=frozenset(keys), **circumstances)
    for _ in range(4):
        signals = [
            signal(rule, key, START, True, severity=Severity.CRITICAL, in_row=3)
            for key in keys
            for rule in (AlertRule.SERVICE_DOWN, AlertRule.CIRCUIT_OPEN)
        ]
        looks = [Health(key, START, Status.DOWN, False) for key in keys]
        begun = process_time()
        made = step(state, signals, looks, around, START, lambda: UUID(int=next(ids)))
        best = min(best, process_time() - begun)
        state = made.state
    assert len(state.alerts) == 2 * services
    return best


@pytest.mark.parametrize(
    "circumstances",
    [{}, {"routes": ROUTES}, {"routes": ROUTES, "mutes": (MUTE,)}],
    ids=["no channel", "channels", "muted"],
)
def test_four_times_the_services_cost_about_four_times_as_much(circumstances: dict) -> None:
    few, many = seconds(350, **circumstances), seconds(1400, **circumstances)
    assert many < 8 * few, "twice of what it should be; each service with each other would be sixteen times"
