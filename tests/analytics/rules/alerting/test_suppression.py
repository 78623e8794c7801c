"""Quiet on purpose: maintenance, mutes, what a person closed. Nothing of it keeps anything from ending."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from analytics.alerting import AlertRule, AlertState, Mute
from analytics.model import ServiceKey, Severity
from analytics.rules.alerting import resolve
from tests.analytics.rules.alerting.scene import API, HOOK, START, Scene

MINUTES = timedelta(minutes=1)
MAINTENANCE = {API: "move to the new host until 12:00 UTC"}


def mute(service: ServiceKey | None, rule: AlertRule | None, minutes: float = 30) -> Mute:
    return Mute(UUID(int=7), service, rule, START + minutes * MINUTES, "ann", "known")


def reason(scene: Scene, rule: AlertRule = AlertRule.SERVICE_DOWN) -> str | None:
    alert = scene.alert(rule)
    assert alert is not None
    return alert.suppressed_by


def test_maintenance_opens_nothing_and_tells_nobody_and_its_reason_is_kept() -> None:
    scene = Scene(maintenance=MAINTENANCE)
    for minute in range(30):
        scene.look(minute, openai="down")
    assert (scene.sent, scene.events) == ([], [])
    assert reason(scene) == "maintenance: move to the new host until 12:00 UTC"
    fired = [e for e in scene.alert_events if e.alert.state is AlertState.FIRING]
    assert [e.alert.suppressed_by for e in fired] == ["maintenance: move to the new host until 12:00 UTC"] * 2


def test_what_is_still_bad_after_maintenance_is_told_at_once() -> None:
    scene = Scene(maintenance=MAINTENANCE)
    scene.look(0, openai="down")
    scene.set(maintenance={})
    scene.at(1)
    scene.run([], [])
    assert scene.actions("oncall") == [(1, "trigger")]
    assert [event.message.split("; ")[-1] for event in scene.events] == [
        "held back until now: maintenance: move to the new host until 12:00 UTC"
    ]


def test_an_incident_that_was_held_back_knows_when_it_was_sure() -> None:
    scene = Scene(maintenance=MAINTENANCE)
    for minute, what in enumerate(("failing", "down", "down")):
        scene.look(minute, openai=what)
    scene.set(maintenance={})
    scene.look(30, openai="down")
    (incident,) = scene.open()
    assert (incident.began_at, incident.sure_at) == (START, START + MINUTES)
    assert incident.created_at == START + 30 * MINUTES


def test_what_was_well_while_it_was_held_back_is_not_sure_before_it_began_again() -> None:
    scene = Scene(maintenance=MAINTENANCE)
    for minute, what in enumerate(("down", "ok", "down")):
        scene.look(minute, openai=what)
    scene.set(maintenance={})
    scene.look(3, openai="down")
    (incident,) = scene.open()
    assert incident.began_at == incident.sure_at == START + 2 * MINUTES


def test_what_nobody_knows_of_any_more_is_not_told_after_maintenance() -> None:
    scene = Scene(maintenance=MAINTENANCE)
    scene.look(0, openai="down")
    scene.set(maintenance={})
    scene.look(10, openai="unknown")
    assert scene.sent == []
    scene.look(11, openai="down")
    assert scene.triggers("oncall") == 1


def test_what_was_well_again_before_maintenance_ended_was_nothing() -> None:
    scene = Scene(maintenance=MAINTENANCE)
    for minute, what in enumerate(("down", "down", "ok", "ok")):
        scene.look(minute, openai=what)
    scene.set(maintenance={})
    scene.look(4, openai="ok")
    assert (scene.sent, scene.events) == ([], [])


def test_an_incident_that_was_open_ends_in_maintenance_too_and_does_not_grow() -> None:
    scene = Scene()
    for minute in range(11):
        scene.look(minute, openai="slow")
    scene.set(maintenance=MAINTENANCE)
    scene.look(11, openai="down")
    assert scene.actions("team") == [(10, "trigger")]
    assert scene.triggers("oncall") == 0
    for minute in (12, 13):
        scene.look(minute, openai="ok")
    assert scene.actions("team")[-1] == (13, "resolve")


def test_an_incident_that_got_worse_in_maintenance_is_raised_afterwards() -> None:
    scene = Scene()
    for minute in range(11):
        scene.look(minute, openai="slow")
    scene.set(maintenance=MAINTENANCE)
    scene.look(11, openai="down")
    scene.set(maintenance={})
    scene.look(12, openai="down")
    assert scene.actions("team")[-1] == (12, "update")
    assert scene.actions("oncall") == [(12, "trigger")]


@pytest.mark.parametrize(
    ("muted", "quiet"),
    [
        (mute(None, None), True),
        (mute(API, None), True),
        (mute(None, AlertRule.SERVICE_DOWN), True),
        (mute(API, AlertRule.SERVICE_DOWN), True),
        (mute(HOOK, None), False),
        (mute(API, AlertRule.SLOW_RESPONSE), False),
        (mute(HOOK, AlertRule.SERVICE_DOWN), False),
        (mute(API, None, minutes=0), False),
    ],
)
def test_who_muted_what_does_not_hear_of_it(muted: Mute, quiet: bool) -> None:
    scene = Scene(mutes=(muted,))
    scene.look(0, openai="down")
    assert scene.triggers("oncall") == (0 if quiet else 1)
    assert reason(scene) == ("muted by ann until 10:30 UTC: known" if quiet else None)


def test_when_a_mute_ends_what_is_still_bad_is_told() -> None:
    scene = Scene(mutes=(mute(API, None),))
    for minute in range(31):
        scene.look(minute, openai="down")
    assert scene.actions("oncall") == [(30, "trigger")]


def test_a_mute_of_another_day_says_so() -> None:
    scene = Scene(mutes=(mute(API, None, minutes=24 * 60),))
    scene.look(0, openai="down")
    assert reason(scene) == "muted by ann until 10:00 UTC on 2026-11-24: known"


def closed_while_bad(scene: Scene, minute: float) -> None:
    (incident,) = scene.open()
    scene.at(minute)
    scene.take(
        resolve(scene.state, incident.id, "ann", "known", scene.circumstances, scene.now, scene.new_id)
    )


def test_what_a_person_closed_while_it_was_bad_is_silent_until_it_was_good_once() -> None:
    scene = Scene()
    scene.look(0, openai="down")
    closed_while_bad(scene, 1)
    for minute in range(2, 200):
        scene.look(minute, openai="down")
    assert scene.actions("oncall") == [(0, "trigger"), (1, "resolve")]
    assert reason(scene) == "closed by ann at 10:01 UTC while it was bad"
    assert reason(scene, AlertRule.SERVICE_DEGRADED) == "closed by ann at 10:01 UTC while it was bad"
    scene.look(200, openai="ok")
    scene.look(201, openai="down")
    assert scene.actions("oncall")[-1] == (201, "trigger")
    (incident,) = scene.open()
    assert incident.began_at == START + 201 * MINUTES


def test_maintenance_does_not_make_forget_who_closed_it() -> None:
    scene = Scene()
    scene.look(0, openai="down")
    closed_while_bad(scene, 1)
    scene.set(maintenance=MAINTENANCE)
    scene.look(2, openai="down")
    scene.set(maintenance={})
    scene.look(3, openai="down")
    assert reason(scene) == "closed by ann at 10:01 UTC while it was bad"
    assert scene.triggers("oncall") == 1


def test_what_a_person_closed_and_gets_worse_comes_back() -> None:
    scene = Scene()
    for minute in range(11):
        scene.look(minute, openai="slow")
    closed_while_bad(scene, 11)
    scene.look(12, openai="slow")
    assert scene.open() == []
    scene.look(13, openai="down")
    (incident,) = scene.open()
    assert incident.severity is Severity.CRITICAL
    assert scene.actions("oncall") == [(13, "trigger")]


def test_a_service_without_any_look_is_never_told_of() -> None:
    scene = Scene()
    for minute in range(200):
        scene.look(minute, openai="unknown", shopify="unknown")
    assert (scene.sent, scene.events, scene.alert_events) == ([], [], [])
    assert not scene.state.alerts


def test_signals_of_what_is_not_monitored_are_passed_over() -> None:
    scene = Scene()
    scene.set(monitored=scene.circumstances.monitored - {API})
    scene.look(0, openai="down")
    assert not scene.state.alerts


def test_a_slow_schedule_does_not_make_a_held_alert_stale() -> None:
    scene = Scene(maintenance=MAINTENANCE, longest_gap={API: 25 * MINUTES})
    scene.look(0, openai="down")
    scene.set(maintenance={})
    scene.circumstances = replace(scene.circumstances)
    scene.at(20)
    scene.run([], [])
    assert scene.triggers("oncall") == 1
