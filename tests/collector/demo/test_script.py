"""The script of faults is pure: what is wrong with whom, and when."""

import pytest

from analytics.model import ServiceKey, ServiceType
from collector.demo.script import HEALTHY, SCRIPT, Episode, FaultKind, fault_at
from collector.demo.services import APIS, PROBED, SOURCES

FLY = ServiceKey(ServiceType.MCP, "fly")
PROBED_KEYS = [service.key for service in PROBED]


@pytest.mark.parametrize(
    ("elapsed", "kind"),
    [
        (-1.0, FaultKind.NONE),
        (19.9, FaultKind.NONE),
        (20.0, FaultKind.REFUSED),
        (109.9, FaultKind.REFUSED),
        (110.0, FaultKind.NONE),
        (620.0, FaultKind.REFUSED),
        (710.0, FaultKind.NONE),
    ],
)
def test_an_episode_has_a_beginning_an_end_and_comes_again(elapsed: float, kind: FaultKind):
    assert fault_at(FLY, elapsed).kind is kind


def test_a_fault_is_that_of_its_own_service():
    assert fault_at(ServiceKey(ServiceType.INFRASTRUCTURE, "fly"), 60.0) == HEALTHY


def test_before_its_first_time_an_episode_has_not_happened():
    late = (Episode(FLY, FaultKind.SILENT, start=500, length=200, every=600),)
    assert fault_at(FLY, 50.0, late) == HEALTHY
    assert fault_at(FLY, 1101.0, late).kind is FaultKind.SILENT


def test_a_changing_tool_list_changes_again_and_again():
    supabase = ServiceKey(ServiceType.MCP, "supabase")
    variants = {fault_at(supabase, second).variant for second in range(225, 285)}
    assert variants == {0, 1, 2, 3, 4, 5, 6}


def test_every_service_of_the_script_is_one_of_the_demo():
    known = {*PROBED_KEYS}
    known |= {ServiceKey(ServiceType.API, api.name) for api in APIS}
    known |= {ServiceKey(ServiceType.WEBHOOK, source.name) for source in SOURCES}
    assert {episode.service for episode in SCRIPT} <= known


def test_all_kinds_of_trouble_happen():
    assert {episode.kind for episode in SCRIPT} == set(FaultKind) - {FaultKind.NONE}


def test_at_any_time_one_or_two_probed_services_are_in_trouble():
    numbers = [sum(fault_at(key, second) != HEALTHY for key in PROBED_KEYS) for second in range(20, 3600)]
    assert max(numbers) <= 2
    assert sum(number > 0 for number in numbers) / len(numbers) > 0.95


def test_most_services_are_well_most_of_the_time():
    for key in PROBED_KEYS:
        ill = sum(fault_at(key, second) != HEALTHY for second in range(3600))
        assert ill / 3600 <= 0.25, key
