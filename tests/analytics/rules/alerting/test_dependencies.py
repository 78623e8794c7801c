"""One dead dependency is one page, in whatever order its dependents are seen to fail."""

from dataclasses import replace
from itertools import permutations

import pytest

from analytics.alerting import AlertPolicy, AlertRule
from analytics.model import ServiceKey
from analytics.rules.alerting.dependencies import all_below
from tests.analytics.rules.alerting.scene import API, CONTEXT7, HOOK, MEMORY, RULES, SUPABASE, Scene

DEPENDENTS = (API, CONTEXT7, MEMORY)
DEPENDS_ON = dict.fromkeys(DEPENDENTS, (SUPABASE,))
HALF = 0.5


def scene_of(depends_on: dict[ServiceKey, tuple[ServiceKey, ...]] = DEPENDS_ON) -> Scene:
    scene = Scene(depends_on=depends_on)
    everything = dict.fromkeys((SUPABASE, *DEPENDENTS), "ok")
    scene.feed(-1, everything)
    return scene


def suppressed(scene: Scene, service: ServiceKey) -> str | None:
    alert = scene.alert(AlertRule.SERVICE_DOWN, service)
    assert alert is not None
    return alert.suppressed_by


@pytest.mark.parametrize("order", list(permutations((SUPABASE, *DEPENDENTS))))
@pytest.mark.parametrize("apart", [0.0, 0.4])
def test_one_dead_supabase_is_one_page(order: tuple[ServiceKey, ...], apart: float) -> None:
    scene = scene_of()
    for cycle in range(13):
        for position, service in enumerate(order):
            scene.feed(cycle + apart * position / 2, {service: "down"})
    assert scene.triggers("oncall") == scene.triggers("hooks") == 1
    assert scene.triggers("team") == 0
    (incident,) = scene.open()
    assert incident.service == SUPABASE
    assert set(incident.affected) == {str(service) for service in DEPENDENTS}
    for service in DEPENDENTS:
        assert suppressed(scene, service) == "depends on infrastructure/supabase, which is down"
    for minute in (13, 14, 15):
        scene.feed(minute, dict.fromkeys((SUPABASE, *DEPENDENTS), "ok"))
    assert scene.open() == []
    assert [action for _, action in scene.actions("oncall")] == ["trigger", "resolve"]
    assert [event.kind for event in scene.events] == ["opened", "seen", "seen", "seen", "resolved"]


def test_a_dependent_that_fails_half_a_minute_earlier_waits_for_a_look_at_what_it_depends_on() -> None:
    scene = scene_of()
    scene.feed(0, {API: "down"})
    assert suppressed(scene, API) == "waits for a look at infrastructure/supabase, which it depends on"
    scene.feed(HALF, {SUPABASE: "failing"})
    assert suppressed(scene, API) == "depends on infrastructure/supabase, which is down"
    scene.feed(HALF + 0.2, {SUPABASE: "down"})
    assert [message.service for _, channel, message in scene.sent if channel == "oncall"] == [str(SUPABASE)]
    assert scene.sent[0][2].affected == (str(API),)


def test_a_dependent_that_fails_alone_is_told_with_the_look_at_what_it_depends_on() -> None:
    scene = scene_of()
    scene.feed(0, {API: "down"})
    assert scene.sent == []
    scene.feed(HALF, {SUPABASE: "ok"})
    assert scene.actions("oncall") == [(HALF, "trigger")]
    assert scene.events[0].message.endswith(
        "; held back until now: waits for a look at infrastructure/supabase, which it depends on"
    )


def test_nobody_waits_longer_than_ninety_seconds() -> None:
    scene = scene_of()
    scene.feed(0, {API: "down"})
    for minute, sent in ((1, 0), (1.5, 0), (1.6, 1)):
        scene.at(minute)
        scene.run([], [])
        assert scene.triggers("oncall") == sent


def test_what_stays_bad_when_the_dependency_is_well_again_is_told_after_one_more_look() -> None:
    scene = scene_of()
    scene.feed(0, dict.fromkeys((SUPABASE, API), "down"))
    scene.feed(1, {API: "down"})
    scene.feed(2, {SUPABASE: "ok"})
    scene.feed(3, {SUPABASE: "ok"})
    assert [message.service for _, channel, message in scene.sent if channel == "oncall"] == [
        str(SUPABASE)
    ] * 2
    assert suppressed(scene, API) == "depends on infrastructure/supabase, which has just recovered"
    scene.feed(3.1, {API: "down"})
    assert scene.actions("oncall")[-1] == (3.1, "trigger")


def test_a_page_that_went_out_before_the_dependency_failed_is_not_taken_back() -> None:
    scene = scene_of()
    scene.feed(0, {SUPABASE: "ok", API: "down"})
    scene.feed(1, {SUPABASE: "down", API: "down"})
    assert scene.triggers("oncall") == 2
    for minute in (2, 3):
        scene.feed(minute, {SUPABASE: "down", API: "ok"})
    assert scene.actions("oncall")[-1] == (3, "resolve")


def test_the_root_is_named_down_a_chain_of_dependencies() -> None:
    scene = scene_of({API: (CONTEXT7,), CONTEXT7: (MEMORY,), MEMORY: (SUPABASE,)})
    scene.feed(0, dict.fromkeys((API, CONTEXT7, MEMORY, SUPABASE), "down"))
    assert suppressed(scene, API) == "depends on infrastructure/supabase, which is down"
    assert scene.triggers("oncall") == 1


def test_a_dependency_that_nobody_can_see_holds_nothing_back() -> None:
    scene = scene_of()
    scene.feed(0, {SUPABASE: "unknown", API: "down"})
    assert scene.triggers("oncall") == 1


def test_a_dependency_of_which_nobody_wants_to_hear_holds_back_too() -> None:
    off = replace(RULES[AlertRule.SERVICE_DOWN], enabled=False)
    scene = scene_of()
    scene.set(policy=AlertPolicy(RULES, {(SUPABASE, AlertRule.SERVICE_DOWN): off}))
    scene.feed(0, {SUPABASE: "down", API: "down"})
    assert suppressed(scene, API) == "depends on infrastructure/supabase, which is down"
    scene.feed(1, {SUPABASE: "slow", API: "down"})
    assert scene.actions("oncall") == [(1, "trigger")]


@pytest.mark.parametrize("age", [0, 60])
def test_a_resolved_alert_is_kept_for_an_hour(age: int) -> None:
    scene = scene_of()
    for minute, what in enumerate(("down", "ok", "ok")):
        scene.feed(minute, {SUPABASE: what})
    scene.feed(2 + age, {CONTEXT7: "ok"})
    assert scene.alert(AlertRule.SERVICE_DOWN, SUPABASE) is not None
    scene.feed(2 + 61, {CONTEXT7: "ok"})
    assert scene.alert(AlertRule.SERVICE_DOWN, SUPABASE) is None


def test_a_failure_that_was_never_confirmed_does_not_hide_dependents_for_ever() -> None:
    scene = scene_of()
    scene.feed(0, {SUPABASE: "failing", API: "down"})
    for minute in range(1, 9):
        scene.feed(minute, {SUPABASE: "unknown", API: "down"})
    assert scene.actions("oncall") == [(6, "trigger")]


def test_a_dependency_that_is_not_monitored_is_not_waited_for() -> None:
    scene = Scene(depends_on=DEPENDS_ON, monitored=frozenset({API}))
    scene.feed(0, {API: "down"})
    assert scene.triggers("oncall") == 1


def test_dependencies_in_a_circle_end() -> None:
    circle = {API: (HOOK, API), HOOK: (MEMORY,), MEMORY: (API,)}
    assert list(all_below(API, circle)) == [HOOK, MEMORY]
    scene = scene_of(circle)
    scene.feed(0, dict.fromkeys((API, HOOK, MEMORY), "down"))
    assert scene.triggers("oncall") == 0
