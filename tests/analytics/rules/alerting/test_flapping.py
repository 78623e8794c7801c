"""A service that comes and goes is one incident, and a few pages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from analytics.alerting import AlertRule, FlappingSettings
from analytics.model import Severity
from tests.analytics.rules.alerting.scene import API, POLICY, START, Scene, play

DAY = 24 * 60


@pytest.mark.parametrize("every", [2, 3, 7, 20, 62, 119])
@pytest.mark.parametrize("lasting", [1, 2])
def test_a_day_of_flapping_makes_at_most_three_pages(every: int, lasting: int) -> None:
    scene = Scene()
    for minute in range(DAY):
        scene.look(minute, openai="down" if minute % every < min(lasting, every - 1) else "ok")
    for channel in ("oncall", "hooks"):
        assert 1 <= scene.triggers(channel) <= 3
    assert len(scene.rows) == 1
    assert scene.triggers("team") == 0


def test_it_must_be_good_for_longer_after_each_relapse() -> None:
    scene = Scene()
    minute, lengths = 0, []
    for _ in range(5):
        scene.look(minute, openai="down")
        begun = minute
        while scene.open():
            minute += 1
            scene.look(minute, openai="ok")
        lengths.append(minute - begun)
        minute += 1
    assert lengths == [2, 6, 16, 61, 61]
    (incident,) = scene.rows.values()
    assert len(incident.relapses) == 4


def test_a_long_pause_between_two_good_looks_is_no_proof_that_it_was_good_meanwhile() -> None:
    scene = Scene()
    end = play(scene, "dggd" + "gg")
    scene.look(end + 10, openai="ok")
    assert scene.open() != []
    play(scene, "ggggg", end + 11)
    assert scene.open() == []


@pytest.mark.parametrize(("pause", "incidents"), [(120, 1), (121, 2)])
def test_what_comes_back_within_two_hours_is_the_same_trouble(pause: int, incidents: int) -> None:
    scene = Scene()
    play(scene, "dgg")
    scene.look(2 + pause, openai="down")
    assert len(scene.rows) == incidents
    assert scene.triggers("oncall") == 2
    assert len({message.dedup_key for _, _, message in scene.sent}) == incidents


@pytest.mark.parametrize(("pause", "incidents"), [(30, 1), (31, 2), (89, 2), (91, 2)])
def test_how_long_a_trouble_stays_the_same_is_a_setting(pause: int, incidents: int) -> None:
    flapping = FlappingSettings(within=timedelta(minutes=30))
    scene = Scene(policy=replace(POLICY, flapping=flapping))
    play(scene, "dgg")
    scene.look(2 + pause, openai="down")
    assert len(scene.rows) == incidents


def test_a_relapse_is_as_severe_as_what_came_back() -> None:
    scene = Scene()
    end = play(scene, "dgg")
    end = play(scene, "s" * 11, end)
    (incident,) = scene.open()
    assert (incident.severity, len(incident.relapses)) == (Severity.WARNING, 1)
    assert scene.triggers("oncall") == 1
    assert scene.actions("team") == [(end - 1, "trigger")]
    end = play(scene, "d", end)
    assert scene.actions("team")[-1] == (end - 1, "update")
    assert scene.actions("oncall")[-1] == (end - 1, "trigger")
    assert scene.kinds() == ["opened", "resolved", "relapsed", "raised"]


def test_what_joins_after_a_relapse_keeps_the_beginning_of_all() -> None:
    scene = Scene()
    end = play(scene, "dgg" + "d")
    scene.say(end, AlertRule.CIRCUIT_OPEN, API, True)
    (incident,) = scene.open()
    assert (incident.began_at, len(incident.relapses)) == (START, 1)


def test_the_third_relapse_is_told_only_when_it_stays_bad_for_ten_minutes() -> None:
    scene = Scene()
    end = play(scene, "dgg" + "d" + "g" * 6 + "d" + "g" * 16)
    assert scene.triggers("oncall") == 3
    assert scene.open() == []
    play(scene, "d" * 10, end)
    assert scene.triggers("oncall") == 3
    alert = scene.alert(AlertRule.SERVICE_DOWN)
    assert alert is not None
    assert alert.suppressed_by == "flapping: back for the 3rd time, told when it stays bad for 10 min"
    scene.look(end + 10, openai="down")
    assert scene.actions("oncall")[-1] == (end + 10, "trigger")
    assert scene.kinds()[-3:] == ["resolved", "relapsed", "suppressed"]


def test_a_quiet_relapse_that_is_over_is_told_to_nobody() -> None:
    scene = Scene()
    play(scene, "dgg" + "d" + "g" * 6 + "d" + "g" * 16 + "d" + "g" * 62)
    assert scene.open() == []
    assert scene.actions("oncall") == [
        (0, "trigger"),
        (2, "resolve"),
        (3, "trigger"),
        (9, "resolve"),
        (10, "trigger"),
        (26, "resolve"),
    ]


def test_swings_before_it_is_over_are_counted_and_told_once() -> None:
    scene = Scene()
    end = play(scene, "dg" * 20)
    (incident,) = scene.open()
    assert incident.swings == 19
    assert [event.message for event in scene.events if event.kind == "seen"] == [
        "flapping: bad again 3 times before it was over; one incident"
    ]
    play(scene, "gg", end)
    assert scene.events[-1].message.endswith("; it was bad again 19 times meanwhile")
