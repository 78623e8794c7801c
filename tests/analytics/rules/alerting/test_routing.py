"""Who is told of which severity."""

import pytest

from analytics.alerting import Route
from analytics.model import Severity
from analytics.rules.alerting import channels_for
from tests.analytics.rules.alerting.scene import HOOKS, MAIL, ONCALL, TEAM

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO


@pytest.mark.parametrize(
    ("routes", "severity", "expected"),
    [
        ((ONCALL, TEAM, MAIL), CRITICAL, ("oncall",)),
        ((ONCALL, TEAM, MAIL), WARNING, ("team",)),
        ((ONCALL, TEAM, MAIL), INFO, ("mail",)),
        ((ONCALL, TEAM, MAIL, HOOKS), CRITICAL, ("oncall", "hooks")),
        ((TEAM, MAIL), CRITICAL, ("team",)),
        ((MAIL,), CRITICAL, ("mail",)),
        ((ONCALL, MAIL), WARNING, ("mail",)),
        ((ONCALL,), WARNING, ("oncall",)),
        ((ONCALL,), INFO, ()),
        ((ONCALL, TEAM), INFO, ()),
        ((Route("off", frozenset()),), CRITICAL, ("off",)),
        ((), CRITICAL, ()),
    ],
)
def test_a_severity_reaches_those_who_take_it_or_the_next_best(
    routes: tuple[Route, ...], severity: Severity, expected: tuple[str, ...]
) -> None:
    assert channels_for(severity, routes) == expected
