"""A notice of what is there no more ends, though no look says that it is over."""

from datetime import timedelta

import pytest

from analytics.alerting import AlertRule
from tests.analytics.rules.alerting.scene import API, START, SUPABASE, Scene, signal

MINUTES = timedelta(minutes=1)
DAY = 24 * 60


def seen_for_a_day(scene: Scene, what: str, step_minutes: int = 30) -> None:
    for minute in range(step_minutes, DAY + step_minutes + 1, step_minutes):
        scene.feed(minute, {API: what})


@pytest.mark.parametrize(
    ("rule", "about"), [(AlertRule.QUOTA_HEADROOM, "tokens"), (AlertRule.CERTIFICATE_EXPIRY, "")]
)
def test_a_notice_of_what_is_there_no_more_ends_after_a_day(rule: AlertRule, about: str) -> None:
    scene = Scene(longest_gap={API: 60 * MINUTES})
    for minute in (-5, 0):
        scene.say(minute, rule, API, True, about=about)
    seen_for_a_day(scene, "ok")
    assert scene.actions("team")[-1] == (DAY + 30, "resolve")
    assert [message.text for _, _, message in scene.sent][-1].startswith("not seen any more, ")
    assert scene.alert(rule, API, about) is None


@pytest.mark.parametrize("what", ["unknown", "down"])
def test_a_notice_of_a_service_that_cannot_be_seen_well_waits(what: str) -> None:
    scene = Scene(longest_gap={API: 60 * MINUTES})
    scene.say(0, AlertRule.CERTIFICATE_EXPIRY, API, True)
    seen_for_a_day(scene, what)
    assert scene.alert(AlertRule.CERTIFICATE_EXPIRY) is not None
    assert scene.actions("team")[0] == (0, "trigger")
    assert (DAY + 30, "resolve") not in scene.actions("team")


def test_a_notice_outlives_days_in_which_nobody_looked() -> None:
    scene = Scene()
    scene.say(0, AlertRule.CERTIFICATE_EXPIRY, API, True)
    look = signal(AlertRule.CERTIFICATE_EXPIRY, API, START + 3 * DAY * MINUTES, True)
    scene.feed(3 * DAY, {API: "ok"}, [look])
    assert scene.actions("team") == [(0, "trigger")]


def test_a_service_that_is_looked_at_once_a_day_keeps_its_notices() -> None:
    scene = Scene(longest_gap={API: 60 * 60 * MINUTES})
    scene.say(0, AlertRule.CERTIFICATE_EXPIRY, API, True)
    for day in range(1, 8):
        scene.feed(day * DAY, {API: "ok"})
    assert scene.alert(AlertRule.CERTIFICATE_EXPIRY) is not None


def test_time_in_which_nobody_looked_at_the_service_itself_does_not_count() -> None:
    scene = Scene()
    scene.say(0, AlertRule.CERTIFICATE_EXPIRY, API, True)
    scene.look(1, openai="ok")
    scene.feed(3 * DAY, {SUPABASE: "ok"})
    assert scene.actions("team") == [(0, "trigger")]
