"""What the page of an incident says is to be done."""

from datetime import UTC, datetime

import pytest

from analytics.model import Status
from pages._ui.incidents import one
from pages._ui.incidents.rows import Incident


@pytest.mark.parametrize(
    ("state", "now", "said"),
    [
        ("open", Status.DOWN, "Nobody is on it yet"),
        ("open", Status.HEALTHY, "healthy again"),
        ("investigating", Status.DOWN, "Ada is on it"),
        ("investigating", Status.HEALTHY, "Ada is on it. The service is healthy again"),
        ("investigating", None, "Ada is on it"),
        ("resolved", Status.HEALTHY, "It is over"),
        ("resolved", None, "It is over"),
        ("resolved", Status.DOWN, "Closed, but the service is down"),
    ],
)
def test_what_to_do_goes_by_how_the_service_is_now(state: str, now: Status | None, said: str) -> None:
    at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    incident = Incident(
        "1",
        "mcp",
        "fly",
        "critical",
        state,
        "Down",
        "",
        "service_down",
        "connect",
        at,
        at,
        None,
        at,
        "Ada",
        None,
        0,
    )

    assert said in one.what_to_do(incident, now)
