"""What the page of an incident says is to be done."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analytics.model import ServiceKey, ServiceType, Status
from pages._ui.incidents import one
from pages._ui.incidents.rows import Incident, how_bad, still_bad
from pages._ui.situation import Seen
from pages._ui.snapshot import OpenIncident, Service

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FLY = Service(ServiceKey(ServiceType.MCP, "fly"), timedelta(seconds=10))


OPEN = OpenIncident("2", "critical", "Down", AT, None, "")


def incident(state: str, closed_by: str = "") -> Incident:
    words = ("mcp", "fly", "critical", state, "Down", "", "service_down", "connect")
    return Incident("1", *words, AT, AT, None, AT, "Ada", None, 0, closed_by)


def seen(status: Status | None, service: Service = FLY) -> Seen | None:
    return None if status is None else Seen(service, status, "", "")


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
    assert said in one.what_to_do(incident(state), seen(now))


@pytest.mark.parametrize("now", [Status.DOWN, Status.DEGRADED])
def test_what_a_person_closed_is_not_over_while_its_service_is_bad(now: Status) -> None:
    closed = incident("resolved", "Ben")
    assert still_bad(closed, seen(now))
    assert f"Ben closed it, and the service is still {now}" in one.what_to_do(closed, seen(now))


def test_it_is_over_once_the_service_was_good_or_has_another_incident() -> None:
    closed = incident("resolved", "Ben")
    assert not still_bad(closed, seen(Status.HEALTHY))
    assert not still_bad(closed, seen(None))
    assert not still_bad(closed, seen(Status.DOWN, replace(FLY, incident=OPEN)))
    assert not still_bad(incident("resolved"), seen(Status.DOWN)), "it ended by itself"
    assert not still_bad(incident("open"), seen(Status.DOWN))


def test_what_was_good_since_it_was_closed_is_bad_again() -> None:
    closed = replace(incident("resolved", "Ben"), resolved_at=AT)
    before, after = (Seen(FLY, Status.DOWN, "", "", AT + timedelta(minutes=n)) for n in (-1, 1))
    assert (how_bad(closed, before), how_bad(closed, after)) == ("still down", "down again")
    assert "Ben closed it" in one.what_to_do(closed, before)
    assert "Closed, but the service is down" in one.what_to_do(closed, after)
