"""One alert, look by look: every boundary of pending, firing and resolved."""

from datetime import timedelta

import pytest

from analytics.alerting import Alert, AlertRule, RuleSettings, Signal
from analytics.model import Severity
from analytics.rules.alerting import step_alert
from tests.analytics.rules.alerting.scene import API, START, signal

MINUTES = timedelta(minutes=1)
GAP = 5 * MINUTES
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def looks(sequence: str) -> list[tuple[int, bool | None, bool]]:
    """`b` bad, `f` a failure being confirmed, `g` good, `?` nobody knows, `.` no look; a minute each."""
    words = {"b": (True, True), "f": (True, False), "g": (False, True), "?": (None, True)}
    return [(minute, *words[letter]) for minute, letter in enumerate(sequence) if letter != "."]


def run(sequence: str, settings: RuleSettings, in_row: int = 0) -> tuple[str, Alert | None]:
    alert, states = None, ""
    now = dict(enumerate(sequence))
    seen = {minute: (bad, conclusive) for minute, bad, conclusive in looks(sequence)}
    for minute in now:
        if minute in seen:
            bad, conclusive = seen[minute]
            at = START + minute * MINUTES
            look = signal(
                AlertRule.SERVICE_DEGRADED, API, at, bad, conclusive=conclusive, in_row=in_row if bad else 0
            )
            alert = step_alert(alert, look, settings, 2, GAP, at)
        states += "-" if alert is None else alert.state.value[0]
    return states, alert


@pytest.mark.parametrize(
    ("checks", "lasting", "sequence", "expected"),
    [
        (1, 0, "gbbg", "-fff"),
        (3, 0, "bbb", "ppf"),
        (3, 0, "bbgbbb", "pp-ppf"),
        (3, 0, "bb?b", "pppf"),
        (3, 0, "ffb", "ppf"),
        (3, 0, "fffffb", "pppppf"),
        (3, 0, "ff?g", "ppp-"),
        (1, 10, "b" * 11, "p" * 10 + "f"),
        (1, 10, "b" * 9 + "g" + "b" * 11, "p" * 9 + "-" + "p" * 10 + "f"),
        (1, 5, "b....b", "pppppf"),
        (1, 6, "b.....b.....b", "p" * 13),
        (1, 5, "b.....b....b", "p" * 11 + "f"),
        (1, 5, "b??b?b", "pppppf"),
        (1, 5, "b?????b", "ppppppp"),
        (1, 0, "bgg", "ffr"),
        (1, 0, "bgbgg", "ffffr"),
        (1, 0, "bg?g", "fffr"),
        (1, 0, "b?" * 20, "ff" * 20),
        (1, 0, "bgggg", "ffrrr"),
        (1, 0, "bggb", "ffrf"),
        (3, 0, "bbbggb", "ppffrp"),
        (1, 0, "?????", "-----"),
        (1, 0, "ggggg", "-----"),
    ],
)
def test_the_states_of_an_alert(checks: int, lasting: int, sequence: str, expected: str) -> None:
    states, _ = run(sequence, RuleSettings(WARNING, checks=checks, lasting=lasting * MINUTES))
    assert states == expected


def test_failures_in_a_row_that_the_look_knows_of_count() -> None:
    assert run("b", RuleSettings(CRITICAL, checks=3), in_row=2)[0] == "p"
    assert run("b", RuleSettings(CRITICAL, checks=3), in_row=3)[0] == "f"
    assert run("b", RuleSettings(CRITICAL, checks=3), in_row=9)[0] == "f"


def test_the_first_failure_is_when_it_began() -> None:
    _, alert = run("gffb", RuleSettings(CRITICAL, checks=3))
    assert alert is not None
    assert (alert.bad_since, alert.since, alert.count) == (START + MINUTES, START + 3 * MINUTES, 3)


def test_a_break_begins_the_run_of_bad_looks_anew_and_keeps_the_beginning() -> None:
    _, alert = run("bbgb", RuleSettings(WARNING))
    assert alert is not None
    assert (alert.bad_since, alert.streak_since, alert.count) == (START, START + 3 * MINUTES, 1)


def test_a_gap_restarts_count_and_beginning() -> None:
    _, alert = run("bb" + "." * 5 + "b", RuleSettings(CRITICAL, checks=3))
    assert alert is not None
    assert (alert.state.value, alert.count, alert.bad_since) == ("pending", 1, START + 7 * MINUTES)


def test_a_look_that_knows_nothing_and_one_that_is_late_change_nothing() -> None:
    settings = RuleSettings(WARNING)
    _, alert = run("b", settings)
    assert alert is not None
    for late in (
        signal(AlertRule.SERVICE_DEGRADED, API, START + MINUTES, None),
        signal(AlertRule.SERVICE_DEGRADED, API, START - MINUTES, False),
        signal(AlertRule.SERVICE_DEGRADED, API, START - MINUTES, True),
    ):
        assert step_alert(alert, late, settings, 2, GAP, START + MINUTES) is alert


def test_the_severity_of_what_fires_rises_and_never_falls() -> None:
    settings, alert = RuleSettings(WARNING), None
    seen = []
    for minute, severity in enumerate((WARNING, CRITICAL, WARNING)):
        at = START + minute * MINUTES
        look = Signal(AlertRule.CERTIFICATE_EXPIRY, API, at, True, severity)
        alert = step_alert(alert, look, settings, 2, GAP, at)
        assert alert is not None
        seen.append(alert.severity)
    assert seen == [WARNING, CRITICAL, CRITICAL]


def test_a_rule_that_is_switched_off_ends_its_alerts_at_once() -> None:
    off = RuleSettings(WARNING, enabled=False)
    look = signal(AlertRule.SERVICE_DEGRADED, API, START + MINUTES, True)
    assert step_alert(None, look, off, 2, GAP, START) is None
    _, firing = run("b", RuleSettings(WARNING))
    ended = step_alert(firing, look, off, 2, GAP, START + MINUTES)
    assert ended is not None
    assert ended.state == "resolved"
    _, pending = run("b", RuleSettings(WARNING, checks=2))
    assert step_alert(pending, look, off, 2, GAP, START + MINUTES) is None
