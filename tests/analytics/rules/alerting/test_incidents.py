"""Incidents by sequences: what opens, raises, reopens and ends them, and what is said on the way."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from analytics.alerting import INCIDENT_RULES, Action, AlertRule, FlappingSettings
from analytics.model import IncidentState, Severity
from analytics.rules.alerting import AlertingState
from analytics.rules.alerting.state import Draft
from tests.analytics.rules.alerting.scene import API, HOOK, POLICY, RULES, START, Scene, play

MINUTES = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("sequence", "oncall", "kinds"),
    [
        ("ggg", [], []),
        ("gfgfg", [], []),
        ("?????", [], []),
        ("d", [(0, "trigger")], ["opened"]),
        ("ffd", [(2, "trigger")], ["opened"]),
        ("dg", [(0, "trigger")], ["opened"]),
        ("dgg", [(0, "trigger"), (2, "resolve")], ["opened", "resolved"]),
        ("dg?g", [(0, "trigger"), (3, "resolve")], ["opened", "resolved"]),
        ("d????????", [(0, "trigger")], ["opened"]),
        ("dgdgdgg", [(0, "trigger"), (6, "resolve")], ["opened", "resolved"]),
        ("dssgg", [(0, "trigger"), (4, "resolve")], ["opened", "resolved"]),
        ("dggd", [(0, "trigger"), (2, "resolve"), (3, "trigger")], ["opened", "resolved", "relapsed"]),
        (
            "dggdgggggg",
            [(0, "trigger"), (2, "resolve"), (3, "trigger"), (9, "resolve")],
            ["opened", "resolved", "relapsed", "resolved"],
        ),
        (
            "dggdggg?gg.g",
            [(0, "trigger"), (2, "resolve"), (3, "trigger"), (9, "resolve")],
            ["opened", "resolved", "relapsed", "resolved"],
        ),
    ],
)
def test_what_a_critical_channel_hears(
    sequence: str, oncall: list[tuple[float, str]], kinds: list[str]
) -> None:
    scene = Scene()
    play(scene, sequence)
    assert scene.actions("oncall") == oncall
    assert scene.kinds() == kinds


def test_a_degraded_service_is_told_after_ten_minutes_and_not_before() -> None:
    scene = Scene()
    play(scene, "s" * 10)
    assert scene.sent == []
    scene.look(10, openai="slow")
    assert scene.actions("team") == [(10, "trigger")]
    assert scene.actions("oncall") == []


def test_one_good_look_begins_the_ten_minutes_anew() -> None:
    scene = Scene()
    play(scene, "s" * 9 + "g" + "s" * 10)
    assert scene.sent == []


def test_what_gets_worse_is_raised_and_those_who_know_are_told_so() -> None:
    scene = Scene()
    end = play(scene, "s" * 11 + "d")
    (incident,) = scene.open()
    assert incident.severity is Severity.CRITICAL
    assert incident.rule is AlertRule.SERVICE_DOWN
    assert scene.actions("team") == [(10, "trigger"), (11, "update")]
    assert scene.actions("oncall") == [(11, "trigger")]
    play(scene, "gg", end)
    assert scene.actions("team")[-1] == (13, "resolve")
    assert scene.actions("oncall")[-1] == (13, "resolve")
    assert scene.kinds() == ["opened", "raised", "resolved"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_incident_of_a_service_is_the_open_one_or_the_last(order: tuple[int, ...]) -> None:
    scene = Scene(policy=replace(POLICY, flapping=FlappingSettings(within=MINUTES)))
    for minute in (0, 10, 20):
        play(scene, "dgg", minute)
    assert len(scene.rows) == 3
    rows = list(scene.rows.values())
    for last in (rows[2], replace(rows[2], resolved_at=None, state=IncidentState.OPEN)):
        one = [rows[0], rows[1], last]
        state = AlertingState({}, tuple(one[place] for place in order))
        draft = Draft(state, scene.circumstances, scene.now, scene.new_id)
        assert draft.incident_of(API) is last


def test_what_gets_better_does_not_lower_the_severity() -> None:
    scene = Scene()
    play(scene, "d" + "s" * 20)
    (incident,) = scene.open()
    assert incident.severity is Severity.CRITICAL
    assert scene.kinds() == ["opened"]
    assert scene.actions("oncall") == [(0, "trigger")]


def test_the_timeline_says_what_was_seen_and_why_it_was_decided() -> None:
    scene = Scene()
    play(scene, "ffdgg")
    opened, resolved = scene.events
    assert opened.message == (
        "seen so; bad in 3 checks in a row since 10:00:00 UTC; rule service_down: 3 checks in a row"
    )
    assert resolved.message == (
        "2 good checks in a row, 4 min after it began; by the calls of the last minutes, its status counts "
        "longer"
    )
    (incident,) = scene.rows.values()
    assert (incident.began_at, incident.created_at) == (START, START + 2 * MINUTES)
    assert incident.resolved_at == START + 4 * MINUTES


def test_six_where_three_were_asked_for_says_what_is_counted() -> None:
    scene = Scene()
    scene.say(0, AlertRule.SERVICE_DOWN, API, True, in_row=6)
    (opened,) = scene.events
    assert opened.message == (
        "seen so; bad in 6 checks in a row since 10:00:00 UTC; rule service_down: 3 checks in a row; "
        "every attempt or call that failed counts as a check"
    )


@pytest.mark.parametrize("rule", sorted(INCIDENT_RULES))
def test_every_rule_of_a_service_in_trouble_opens_and_ends_an_incident(rule: AlertRule) -> None:
    scene, minute = Scene(), 0
    lasting = int(RULES[rule].lasting / MINUTES)
    for minute in range(lasting + RULES[rule].checks):
        scene.say(minute, rule, HOOK, True)
    (incident,) = scene.open()
    assert (incident.rule, incident.severity) == (rule, RULES[rule].severity)
    assert incident.created_at == START + (lasting or RULES[rule].checks - 1) * MINUTES
    for good in (minute + 1, minute + 2):
        scene.say(good, rule, HOOK, False)
        assert scene.open() != []
    play(scene, "gg", minute + 3, name="shopify")
    assert scene.open() == []
    assert {action for _, action in scene.actions("hooks")} == {"trigger", "resolve"}


def test_several_rules_of_one_service_share_its_incident() -> None:
    scene = Scene()
    scene.say(0, AlertRule.CIRCUIT_OPEN, API, True)
    scene.look(1, openai="down")
    for minute in range(2, 9):
        scene.say(minute, AlertRule.HIGH_ERROR_RATE, API, True)
    assert len(scene.rows) == 1
    assert scene.triggers("oncall") == 1
    scene.look(9, openai="ok")
    scene.look(10, openai="ok")
    assert scene.open() != [], "the circuit is open still"
    for minute in (11, 12):
        scene.say(minute, AlertRule.CIRCUIT_OPEN, API, False)
        scene.say(minute, AlertRule.HIGH_ERROR_RATE, API, False)
    assert scene.open() == []


def test_without_a_channel_the_incident_says_that_nobody_was_told_and_a_channel_added_later_is() -> None:
    scene = Scene(routes=())
    play(scene, "d")
    assert scene.kinds() == ["opened", "not_sent"]
    alert = scene.alert(AlertRule.SERVICE_DOWN)
    assert alert is not None
    assert alert.suppressed_by == "no channel is configured"
    scene.set(routes=Scene().circumstances.routes)
    scene.look(1, openai="down")
    assert scene.actions("oncall") == [(1, "trigger")]


def test_a_rule_that_is_switched_off_ends_what_it_alone_opened() -> None:
    scene = Scene()
    play(scene, "d")
    off = dict(RULES) | {
        AlertRule.SERVICE_DOWN: RULES[AlertRule.SERVICE_DOWN].__class__(Severity.CRITICAL, False)
    }
    scene.set(policy=type(POLICY)(off))
    scene.at(1)
    scene.run([], [])
    assert scene.open() == []
    assert scene.last[("oncall", scene.sent[0][2].dedup_key)] is Action.RESOLVE
    assert scene.events[-1].message == "the rule service_down was switched off"


def test_where_degraded_is_nobodys_business_a_degraded_service_is_well_enough_to_end() -> None:
    own = {
        (API, AlertRule.SERVICE_DEGRADED): RULES[AlertRule.SERVICE_DEGRADED].__class__(
            Severity.WARNING, False
        )
    }
    scene = Scene(policy=type(POLICY)(RULES, own))
    play(scene, "dss")
    assert scene.open() == []


def test_the_message_carries_what_people_need() -> None:
    scene = Scene(
        vendor={API: "OpenAI reports: elevated errors since 08:41 UTC"}, dashboard="https://health.example"
    )
    play(scene, "fd")
    message = scene.sent[0][2]
    (incident,) = scene.open()
    assert message.incident_id == str(incident.id)
    assert message.dedup_key == f"incident/{incident.id}"
    assert (message.service, message.severity, message.rule) == ("api/openai", "critical", "service_down")
    assert message.runbook == "https://runbooks.example/connect"
    assert message.vendor == "OpenAI reports: elevated errors since 08:41 UTC"
    assert (message.began_at, message.at) == (START, START + MINUTES)
    assert incident.state is IncidentState.OPEN


def test_hostile_titles_are_one_line_and_cut() -> None:
    scene = Scene()
    scene.say(0, AlertRule.CIRCUIT_OPEN, API, True, title="a\r\nb" + "x" * 500)
    title = scene.sent[0][2].title
    assert title.startswith("a bx")
    assert len(title) == 200
