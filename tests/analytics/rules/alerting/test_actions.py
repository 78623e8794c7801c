"""What people do: acknowledge, close, note; and what ends because it is not looked at any more."""

from collections.abc import Callable
from uuid import UUID

import pytest

from analytics.alerting import AlertRule
from analytics.model import IncidentState
from analytics.rules.alerting import ActionRefused, Step, acknowledge, add_note, resolve
from tests.analytics.rules.alerting.scene import API, HOOK, ROUTES, START, SUPABASE, Scene

Act = Callable[..., Step]


def act(scene: Scene, what: Act, author: str = "ann", note: str = "on it", which: UUID | None = None) -> Step:
    incident = which or next(iter(scene.rows))
    return scene.take(what(scene.state, incident, author, note, scene.circumstances, scene.now, scene.new_id))


def broken() -> Scene:
    scene = Scene()
    scene.look(0, openai="down")
    return scene


def test_who_acknowledges_is_recorded_and_the_channels_hear_of_it() -> None:
    scene = broken()
    scene.at(2)
    act(scene, acknowledge)
    (incident,) = scene.open()
    assert incident.state is IncidentState.INVESTIGATING
    assert (incident.acknowledged_by, incident.acknowledged_at) == ("ann", scene.now)
    assert scene.actions("oncall") == [(0, "trigger"), (2, "acknowledge")]
    assert (scene.sent[-1][2].author, scene.sent[-1][2].note) == ("ann", "on it")
    assert (scene.events[-1].kind, scene.events[-1].author) == ("acknowledged", "ann")


def test_once_more_by_the_same_person_changes_nothing_and_by_another_is_refused() -> None:
    scene = broken()
    act(scene, acknowledge)
    again = act(scene, acknowledge)
    assert (again.changed_incidents, again.events, again.outgoing) == ([], [], [])
    with pytest.raises(ActionRefused, match="was acknowledged by ann already") as refused:
        act(scene, acknowledge, author="bob")
    assert not refused.value.unknown


def test_an_acknowledged_incident_ends_by_itself() -> None:
    scene = broken()
    act(scene, acknowledge)
    for minute in (1, 2):
        scene.look(minute, openai="ok")
    assert scene.actions("oncall")[-1] == (2, "resolve")


def test_what_comes_back_is_open_again_and_nobody_looks_at_it() -> None:
    scene = broken()
    act(scene, acknowledge)
    for minute, what in enumerate(("ok", "ok", "down"), 1):
        scene.look(minute, openai=what)
    (incident,) = scene.open()
    assert (incident.state, incident.acknowledged_by, incident.acknowledged_at) == (
        IncidentState.OPEN,
        None,
        None,
    )
    assert scene.kinds() == ["opened", "acknowledged", "resolved", "relapsed", "unacknowledged"]
    assert scene.events[-1].message == "ann was on it before it came back; nobody is on it now"


def test_what_nobody_was_on_comes_back_without_a_word_about_it() -> None:
    scene = broken()
    for minute, what in enumerate(("ok", "ok", "down"), 1):
        scene.look(minute, openai=what)
    assert scene.kinds() == ["opened", "resolved", "relapsed"]


def test_who_resolves_is_recorded_with_the_note() -> None:
    scene = broken()
    scene.at(1)
    act(scene, resolve, note="restarted it")
    assert scene.open() == []
    message = scene.sent[-1][2]
    assert (message.action, message.author, message.note, message.ended_at) == (
        "resolve",
        "ann",
        "restarted it",
        scene.now,
    )
    assert (scene.events[-1].kind, scene.events[-1].author, scene.events[-1].message) == (
        "resolved",
        "ann",
        "restarted it",
    )


@pytest.mark.parametrize("what", [acknowledge, resolve])
def test_what_is_over_cannot_be_acted_on(what: Act) -> None:
    scene = broken()
    act(scene, resolve)
    with pytest.raises(ActionRefused, match="has been resolved at 10:00 UTC already"):
        act(scene, what)


@pytest.mark.parametrize("what", [acknowledge, resolve, add_note])
def test_an_unknown_incident_is_named(what: Act) -> None:
    scene = broken()
    with pytest.raises(ActionRefused, match="there is no open or recent incident") as refused:
        act(scene, what, which=UUID(int=404))
    assert refused.value.unknown


def test_a_note_is_an_entry_and_no_message() -> None:
    scene = broken()
    sent = len(scene.sent)
    act(scene, add_note, note="the vendor is on it")
    assert len(scene.sent) == sent
    assert (scene.events[-1].kind, scene.events[-1].message) == ("note", "the vendor is on it")
    act(scene, resolve)
    act(scene, add_note, note="post mortem")
    assert scene.kinds()[-1] == "note"


def test_what_is_no_longer_monitored_ends_and_everybody_who_knew_is_told() -> None:
    scene = broken()
    scene.look(0, supabase="down")
    scene.say(0, AlertRule.CERTIFICATE_EXPIRY, API, True)
    scene.at(5)
    scene.set(monitored=scene.circumstances.monitored - {API})
    scene.retire()
    assert [incident.service for incident in scene.open()] == [SUPABASE]
    assert [alert.service for alert in scene.state.alerts.values()] == [SUPABASE, SUPABASE]
    assert scene.actions("oncall")[-1] == scene.actions("team")[-1] == (5, "resolve")
    assert scene.events[-1].message == "no longer monitored"


def test_a_start_with_everything_still_monitored_changes_nothing() -> None:
    scene = broken()
    done = scene.retire()
    assert (done.changed_incidents, done.removed_alerts, done.events, done.outgoing) == ([], [], [], [])


def test_what_does_not_apply_to_a_service_any_more_ends_and_the_rest_goes_on() -> None:
    scene = Scene()
    scene.say(0, AlertRule.CIRCUIT_OPEN, API, True)
    scene.say(0, AlertRule.CERTIFICATE_EXPIRY, API, True)
    scene.say(0, AlertRule.CIRCUIT_OPEN, HOOK, True)
    scene.look(0, shopify="down")
    scene.set(fits={API: frozenset({AlertRule.SERVICE_DOWN}), HOOK: frozenset({AlertRule.SERVICE_DOWN})})
    scene.at(5)
    scene.retire()
    assert [incident.service for incident in scene.open()] == [HOOK], "it is down still"
    assert [(alert.rule, alert.service) for alert in scene.state.alerts.values()] == [
        (AlertRule.SERVICE_DOWN, HOOK)
    ]
    assert scene.events[-1].message == "the rule circuit_open does not apply any more"
    assert scene.actions("team") == [(0, "trigger"), (5, "resolve")]
    scene.look(6, shopify="ok")
    scene.look(7, shopify="ok")
    assert scene.open() == []


def test_what_was_over_before_the_service_was_taken_out_is_not_told_again() -> None:
    scene = Scene()
    scene.say(0, AlertRule.CERTIFICATE_EXPIRY, API, True)
    for minute in (1, 2):
        scene.say(minute, AlertRule.CERTIFICATE_EXPIRY, API, False)
    scene.set(monitored=scene.circumstances.monitored - {API})
    scene.retire()
    assert scene.actions("team") == [(0, "trigger"), (2, "resolve")]


def test_a_channel_that_is_gone_fails_no_more() -> None:
    scene = Scene()
    scene.say(0, AlertRule.DELIVERY_FAILING, None, True, about="team")
    scene.say(0, AlertRule.DELIVERY_FAILING, None, True, about="mail")
    scene.set(routes=tuple(route for route in ROUTES if route.channel != "team"))
    scene.retire()
    assert [about for _, _, about in scene.state.alerts] == ["mail"]
    assert scene.now == START
