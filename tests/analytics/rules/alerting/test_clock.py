"""A clock that was ahead for a while makes no rule deaf and keeps no incident from its end."""

from datetime import timedelta

import pytest

from tests.analytics.rules.alerting.scene import API, START, SUPABASE, Scene, play

MINUTES = timedelta(minutes=1)
DAY = 24 * 60


def corrected(ahead: str, then: str) -> Scene:
    """A look a minute with the clock a day ahead, and then a look a minute by the right time."""
    scene = Scene()
    end = play(scene, ahead, DAY)
    play(scene, then, end - DAY)
    return scene


@pytest.mark.parametrize(
    ("ahead", "then", "oncall"),
    [
        ("f", "d", [(1, "trigger")]),
        ("d", "gg", [(DAY, "trigger"), (2, "resolve")]),
        ("dg", "gg", [(DAY, "trigger"), (2, "resolve")]),
        ("dgg", "ggd", [(DAY, "trigger"), (DAY + 2, "resolve"), (5, "trigger")]),
        ("dggd", "g" * 6, [(DAY, "trigger"), (DAY + 2, "resolve"), (DAY + 3, "trigger"), (9, "resolve")]),
    ],
)
def test_what_comes_after_the_clock_was_set_right_is_seen(
    ahead: str, then: str, oncall: list[tuple[float, str]]
) -> None:
    assert corrected(ahead, then).actions("oncall") == oncall


def test_no_moment_that_is_to_come_stays() -> None:
    scene = corrected("ssdgg", "d")
    for alert in scene.state.alerts.values():
        for moment in (alert.since, alert.bad_since, alert.last_at, alert.streak_since or START):
            assert moment <= scene.now
    (incident,) = scene.open()
    assert incident.good_at is None
    play(scene, "g", 6)
    scene.at(-60)
    scene.run([], [])
    (incident,) = scene.open()
    assert incident.good_at == incident.good_since == scene.now


@pytest.mark.parametrize(("pause", "incidents"), [(120, 1), (121, 2)])
def test_an_end_in_the_future_counts_from_now(pause: int, incidents: int) -> None:
    scene = corrected("dgg", "g")
    scene.look(3 + pause, openai="down")
    assert len(scene.rows) == incidents


def test_the_end_of_a_dependency_in_the_future_holds_nobody_back() -> None:
    scene = Scene(depends_on={API: (SUPABASE,)})
    for minute, what in enumerate(("down", "ok", "ok")):
        scene.feed(DAY + minute, {SUPABASE: what, API: "ok"})
    scene.feed(3, {SUPABASE: "ok"})
    scene.feed(4, {SUPABASE: "ok", API: "down"})
    assert scene.actions("oncall")[-1] == (4, "trigger")
