"""Notices: alerts that are no incident, each told under its own key and told to be over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from analytics.alerting import INCIDENT_RULES, AlertRule, FlappingSettings
from analytics.model import Severity
from analytics.rules.slo import SLOW
from analytics.windows import SPAN
from tests.analytics.rules.alerting.scene import (
    API,
    ONCALL,
    POLICY,
    RULES,
    START,
    SUPABASE,
    TEAM,
    Scene,
    signal,
)

MINUTES = timedelta(minutes=1)
NOTICES = sorted(set(AlertRule) - INCIDENT_RULES - {AlertRule.TOOLS_CHANGED})
OF_THE_COLLECTOR = {AlertRule.COLLECTOR_BLIND, AlertRule.DELIVERY_FAILING}


@pytest.mark.parametrize("rule", NOTICES)
def test_a_notice_is_told_and_told_to_be_over_and_opens_no_incident(rule: AlertRule) -> None:
    scene, service = Scene(), None if rule in OF_THE_COLLECTOR else API
    last = int(RULES[rule].lasting / MINUTES) or RULES[rule].checks - 1
    for minute in range(last + 1):
        assert scene.sent == []
        scene.say(minute, rule, service, True)
    for minute in (last + 1, last + 2):
        scene.say(minute, rule, service, False)
    assert scene.actions("hooks") == [(last, "trigger"), (last + 2, "resolve")]
    trigger, resolve = (message for _, channel, message in scene.sent if channel == "hooks")
    assert trigger.dedup_key == resolve.dedup_key
    assert trigger.dedup_key.startswith(f"alert/{rule}/{service or 'collector'}/")
    assert trigger.service == str(service or "collector")
    assert trigger.severity is RULES[rule].severity
    assert resolve.text == f"seen well again, {last + 2} min after it began"
    assert scene.rows == {}


def test_each_trouble_has_a_key_of_its_own() -> None:
    scene = Scene()
    for minute, bad in enumerate((True, False, False, True)):
        scene.say(minute, AlertRule.CERTIFICATE_EXPIRY, API, bad)
    assert len({message.dedup_key for _, _, message in scene.sent}) == 2


def test_notices_about_two_things_are_two() -> None:
    scene = Scene()
    for minute in range(6):
        scene.say(minute, AlertRule.QUOTA_HEADROOM, API, True, about="tokens")
        scene.say(minute, AlertRule.QUOTA_HEADROOM, API, True, about="requests")
    keys = [message.dedup_key.split("/")[4] for _, channel, message in scene.sent if channel == "team"]
    assert keys == ["tokens", "requests"]


def test_a_change_of_tools_is_told_once_and_never_told_to_be_over() -> None:
    scene = Scene()
    scene.say(0, AlertRule.TOOLS_CHANGED, API, True, message="search is gone.")
    scene.say(1, AlertRule.TOOLS_CHANGED, API, False)
    assert scene.actions("mail") == [(0, "trigger")]
    message = scene.sent[0][2]
    assert message.text == "search is gone. This is told once; there will be no message that it is over."


def test_another_change_of_tools_is_told_again_also_at_the_next_look() -> None:
    scene = Scene()
    for minute, said in enumerate(("search is gone", "search is gone", "fetch is new")):
        scene.say(minute, AlertRule.TOOLS_CHANGED, API, True, message=said)
    assert scene.actions("mail") == [(0, "trigger"), (2, "trigger")]
    assert len({message.dedup_key for _, channel, message in scene.sent if channel == "mail"}) == 2


def test_a_certificate_that_comes_near_its_end_is_raised() -> None:
    scene = Scene()
    scene.say(0, AlertRule.CERTIFICATE_EXPIRY, API, True)
    scene.say(1, AlertRule.CERTIFICATE_EXPIRY, API, True, severity=Severity.CRITICAL)
    assert scene.actions("team") == [(0, "trigger"), (1, "update")]
    assert scene.actions("oncall") == [(1, "trigger")]
    for minute in (2, 3):
        scene.say(minute, AlertRule.CERTIFICATE_EXPIRY, API, False)
    assert scene.actions("team")[-1] == scene.actions("oncall")[-1] == (3, "resolve")


def test_a_channel_that_fails_is_told_of_on_those_that_would_be_told_without_it() -> None:
    scene = Scene()
    scene.say(0, AlertRule.DELIVERY_FAILING, None, True, about="team")
    assert sorted(channel for _, channel, _ in scene.sent) == ["hooks"]
    scene = Scene(routes=(TEAM, ONCALL))
    scene.say(0, AlertRule.DELIVERY_FAILING, None, True, about="team")
    assert [channel for _, channel, _ in scene.sent] == ["oncall"]


def test_a_list_of_tools_that_changes_all_the_time_is_told_three_times_an_hour() -> None:
    scene = Scene()
    for minute in range(150):
        scene.say(minute, AlertRule.TOOLS_CHANGED, API, True, title=f"version {minute}")
    assert [minute for minute, _ in scene.actions("mail")] == [0, 1, 2, 60, 61, 62, 120, 121, 122]
    alert = scene.alert(AlertRule.TOOLS_CHANGED, API)
    assert alert is not None
    assert (alert.suppressed_by or "").startswith("flapping: told 3 times since")


def test_a_network_that_comes_and_goes_is_told_three_times_an_hour_unless_it_stays_away() -> None:
    scene = Scene()
    for minute in range(0, 50, 5):
        for step, bad in enumerate((True, True, False, False)):
            scene.say(minute + step, AlertRule.COLLECTOR_BLIND, None, bad)
    assert len([one for one in scene.actions("oncall") if one[1] == "trigger"]) == 3
    for minute in range(50, 65):
        scene.say(minute, AlertRule.COLLECTOR_BLIND, None, True)
    assert [one for one in scene.actions("oncall") if one[1] == "trigger"][-1][0] in range(58, 63)


def test_the_only_channel_that_fails_can_tell_nobody_and_the_alert_says_so() -> None:
    scene = Scene(routes=(TEAM,))
    scene.say(0, AlertRule.DELIVERY_FAILING, None, True, about="team")
    assert scene.sent == []
    alert = scene.alert(AlertRule.DELIVERY_FAILING, None, "team")
    assert alert is not None
    assert alert.suppressed_by == "no channel is configured that could be told"
    scene.set(routes=(TEAM, ONCALL))
    scene.say(1, AlertRule.DELIVERY_FAILING, None, True, about="team")
    assert scene.actions("oncall") == [(1, "trigger")]


def test_a_notice_waits_for_the_end_of_maintenance() -> None:
    scene = Scene(maintenance={API: "works"})
    scene.say(0, AlertRule.CERTIFICATE_EXPIRY, API, True)
    assert scene.sent == []
    scene.set(maintenance={})
    scene.say(1, AlertRule.CERTIFICATE_EXPIRY, API, True)
    assert scene.triggers("team") == 1


def test_a_notice_that_got_worse_in_maintenance_is_raised_afterwards() -> None:
    scene = Scene()
    scene.say(0, AlertRule.CERTIFICATE_EXPIRY, API, True)
    scene.set(maintenance={API: "works"})
    for minute in (1, 2):
        scene.say(minute, AlertRule.CERTIFICATE_EXPIRY, API, True, severity=Severity.CRITICAL)
    alert = scene.alert(AlertRule.CERTIFICATE_EXPIRY)
    assert alert is not None
    assert alert.suppressed_by == "maintenance: works"
    scene.set(maintenance={})
    scene.say(3, AlertRule.CERTIFICATE_EXPIRY, API, True, severity=Severity.CRITICAL)
    assert scene.actions("team") == [(0, "trigger"), (3, "update")]
    assert scene.actions("oncall") == [(3, "trigger")]


def test_a_burning_budget_is_no_news_while_and_after_an_incident_tells_of_it() -> None:
    scene = Scene()
    scene.look(0, openai="down")
    scene.say(1, AlertRule.SLO_BURN, API, True)
    for minute in (2, 3):
        scene.look(minute, openai="ok")
    scene.say(4, AlertRule.SLO_BURN, API, True)
    assert scene.triggers("team") == 0
    alert = scene.alert(AlertRule.SLO_BURN)
    assert alert is not None
    assert alert.suppressed_by == 'explained by the incident "service_down of api/openai"'
    for minute in (123, 124):
        scene.say(minute, AlertRule.SLO_BURN, API, True)
    assert scene.actions("team") == [(124, "trigger")]


def test_an_incident_explains_a_budget_until_what_it_burnt_has_washed_out() -> None:
    scene = Scene(policy=replace(POLICY, flapping=FlappingSettings(within=MINUTES)))
    scene.look(0, openai="down")
    for minute in (1, 2):
        scene.look(minute, openai="ok")
    for minute in range(3, 2 + int((SPAN + SLOW.short + 15 * MINUTES) / MINUTES)):
        scene.say(minute, AlertRule.SLO_BURN, API, True)
    assert scene.triggers("team") == 0


def test_a_budget_that_a_dependency_burnt_is_no_news_either() -> None:
    scene = Scene(depends_on={API: (SUPABASE,)})
    scene.look(0, supabase="down", openai="down")
    for minute in (1, 2):
        scene.look(minute, supabase="ok", openai="ok")
    scene.say(3, AlertRule.SLO_BURN, API, True)
    assert scene.triggers("team") == 0


def test_a_service_that_is_dead_from_its_first_minute_is_told_of_once() -> None:
    scene = Scene()
    scene.say(0, AlertRule.SLO_BURN, API, None)
    scene.look(0, openai="down")
    for minute in range(1, 200):
        down = [signal(AlertRule.SLO_BURN, API, START + minute * MINUTES, True)]
        scene.feed(minute, {API: "down"}, down if minute > 1 else [])
    assert (scene.triggers("oncall"), scene.triggers("team")) == (1, 0)


def test_a_budget_that_burns_without_an_incident_is_told() -> None:
    scene = Scene()
    scene.say(0, AlertRule.SLO_BURN, API, True)
    assert scene.actions("team") == [(0, "trigger")]


@pytest.mark.parametrize(
    ("rule", "reason", "page"),
    [
        (AlertRule.CERTIFICATE_EXPIRY, "tls", "certificate_expiry"),
        (AlertRule.SLO_BURN, "ok", "slo_burn"),
        (AlertRule.DELIVERY_FAILING, "ok", "delivery_failing"),
        (AlertRule.QUOTA_HEADROOM, "ok", "quota_exhausted"),
        (AlertRule.QUOTA_HEADROOM, "rate_limited", "quota_exhausted"),
        (AlertRule.COLLECTOR_BLIND, "ok", "collector_offline"),
        (AlertRule.TOOLS_CHANGED, "ok", "schema_changed"),
        (AlertRule.WEBHOOK_SILENT, "no_data", "no_data"),
        (AlertRule.CIRCUIT_OPEN, "ok", "circuit_open"),
    ],
)
def test_the_runbook_is_the_page_of_what_is_wrong(rule: AlertRule, reason: str, page: str) -> None:
    scene = Scene()
    for minute in range(7):
        scene.say(minute, rule, API, True, reason=reason)
    assert scene.sent[0][2].runbook == f"https://runbooks.example/{page}"


@pytest.mark.parametrize(
    ("base", "link"),
    [
        ("https://h.example/r", "https://h.example/r/slo_burn"),
        (
            "https://github.com/you/repo/blob/main/r/{page}.md",
            "https://github.com/you/repo/blob/main/r/slo_burn.md",
        ),
        ("https://h.example/{page}/", "https://h.example/slo_burn/"),
    ],
)
def test_the_name_of_the_page_stands_where_the_runbooks_want_it(base: str, link: str) -> None:
    scene = Scene(runbook_base=base)
    scene.say(0, AlertRule.SLO_BURN, API, True)
    assert scene.sent[0][2].runbook == link


def test_a_runbook_of_the_service_comes_first() -> None:
    scene = Scene(runbooks={API: "https://wiki.example/openai"})
    scene.say(0, AlertRule.CERTIFICATE_EXPIRY, API, True)
    assert scene.sent[0][2].runbook == "https://wiki.example/openai"
