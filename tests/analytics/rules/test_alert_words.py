"""The rules in the words of services.toml: words, defaults and bounds are those of the collector."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.alerting import AlertPolicy, AlertRule, FlappingSettings
from analytics.model import ServiceKey, ServiceType, Severity
from analytics.rules.alert_defaults import DEFAULTS, default_policy
from analytics.rules.alert_values import value_of
from analytics.rules.alert_words import FLAPPING_WORDS, WORDS, policy_of_rows, rule_rows, types_of
from analytics.rules.rule_changes import changed
from collector.config.alerting import FlappingTable, rule_misfit
from collector.config.rule_settings import default_settings, rule_settings, table_of

SHOP, CHAT = ServiceKey(ServiceType.API, "shopify"), ServiceKey(ServiceType.API, "chatwoot")
DOWN, SLOW = AlertRule.SERVICE_DOWN, AlertRule.SLOW_RESPONSE
VALUES = [
    *(0, 1, 2.5, 50, 59, 60, 90.5, 99.9, 100, 101, 365, 366, -1, 604_800, 604_801, 1_000_000, 1_000_001),
    *(float("nan"), float("inf"), 10**400, True, False, None, [], {}, [60]),
    *("5m", "30s", "500ms", "7d", "8d", "1 h", "0s", "-1m", "critical", "loud", "", "soon"),
]
SOME_SETTINGS = {
    "enabled": st.booleans(),
    "severity": st.sampled_from([severity.value for severity in Severity]),
    "checks": st.integers(1, 100),
    "for": st.one_of(st.integers(1, 604_800), st.sampled_from([0.5, 90.25])),
    "window": st.integers(60, 604_800),
    "above_percent": st.floats(0, 99),
    "below_percent": st.floats(1, 100),
    "days": st.integers(1, 365),
    "fewest": st.integers(1, 1000),
    "objective": st.floats(51, 99.99),
}


@st.composite
def policies(draw: st.DrawFn) -> AlertPolicy:
    """Policies as services.toml can say them."""

    def said(rule: AlertRule) -> dict[str, Any]:
        return draw(st.fixed_dictionaries({}, optional={word: SOME_SETTINGS[word] for word in WORDS[rule]}))

    rules = {rule: changed(DEFAULTS[rule], said(rule)) for rule in AlertRule}
    places = draw(st.sets(st.tuples(st.sampled_from([SHOP, CHAT]), st.sampled_from(list(AlertRule)))))
    spans = st.integers(1, 604_800).map(lambda seconds: timedelta(seconds=seconds))
    flapping = st.builds(
        FlappingSettings,
        within=spans,
        stable=st.lists(spans, min_size=1, max_size=3).map(tuple),
        quiet_from=st.integers(1, 100),
        told_after=spans,
    )
    return AlertPolicy(
        rules=rules,
        overrides={(service, rule): changed(rules[rule], said(rule)) for service, rule in places},
        recovery_checks=draw(st.integers(1, 100)),
        flapping=draw(flapping),
    )


def test_words_and_defaults_are_those_of_services_toml() -> None:
    fields = {rule: table_of(rule).model_fields for rule in AlertRule}
    assert {
        rule: tuple(field.alias or name for name, field in fields[rule].items()) for rule in AlertRule
    } == (dict(WORDS))
    assert default_settings() == DEFAULTS
    assert tuple(FlappingTable.model_fields) == FLAPPING_WORDS
    table = FlappingTable()
    assert default_policy().flapping == FlappingSettings(
        table.within, tuple(table.stable), table.quiet_from, table.told_after
    )


@pytest.mark.parametrize("rule", list(AlertRule))
def test_a_rule_fits_the_services_it_may_stand_at_in_services_toml(rule: AlertRule) -> None:
    for service_type in ServiceType:
        assert (service_type in types_of(rule)) == (rule_misfit(rule, service_type, None) is None)


@pytest.mark.parametrize("rule", list(AlertRule))
def test_what_a_word_may_be_is_what_services_toml_takes(rule: AlertRule) -> None:
    base = DEFAULTS[rule]
    for word in WORDS[rule]:
        for value in VALUES:
            theirs, faults = rule_settings(rule, {word: value}, base, "")
            try:
                ours = changed(base, {word: value_of(word, value)})
            except ValueError:
                assert faults, f"{word} = {value!r} is refused here alone"
            else:
                assert not faults, f"{word} = {value!r} is taken here alone"
                assert ours == theirs, f"{word} = {value!r}"


@settings(max_examples=30)
@given(policies())
def test_a_policy_comes_back_as_it_was(policy: AlertPolicy) -> None:
    rows = rule_rows(policy)
    read = policy_of_rows({**row, "settings": json.dumps(row["settings"])} for row in rows)
    assert rule_rows(read) == rows
    assert (read.rules, read.recovery_checks, read.flapping) == (
        policy.rules,
        policy.recovery_checks,
        policy.flapping,
    )
    for rule in AlertRule:
        for service in (SHOP, CHAT):
            assert read.settings(rule, service) == policy.settings(rule, service)


def test_rows_say_all_of_a_rule_and_of_a_service_what_differs() -> None:
    own = replace(DEFAULTS[DOWN], checks=5)
    rows = rule_rows(replace(default_policy(), overrides={(SHOP, DOWN): own, (CHAT, SLOW): DEFAULTS[SLOW]}))
    assert [row for row in rows if row["rule"] == "service_down"] == [
        {
            "rule": "service_down",
            "service_type": None,
            "service_name": None,
            "settings": {"enabled": True, "severity": "critical", "checks": 3},
        },
        {
            "rule": "service_down",
            "service_type": "api",
            "service_name": "shopify",
            "settings": {"checks": 5},
        },
    ]
    assert len(rows) == len(AlertRule) + 3
    assert {row["rule"]: row["settings"] for row in rows}["flapping"] == {
        "within": 7200,
        "stable": [300, 900, 3600],
        "quiet_from": 3,
        "told_after": 600,
    }


@pytest.mark.parametrize(
    "row",
    [
        {"rule": "of_a_later_version", "settings": {"checks": 9}},
        {"rule": "service_down", "settings": "no JSON"},
        {"rule": "service_down", "settings": [1]},
        {"rule": "service_down", "settings": {"checks": "many", "for": 60, "loud": 1}},
        {"rule": "service_down", "service_type": "planet", "service_name": "mars", "settings": {"checks": 9}},
        {"rule": "service_down", "service_type": "api", "settings": {"checks": 9}},
        {"rule": "flapping", "settings": {"stable": [], "quiet_from": 0, "within": -5, "told_after": 1e300}},
        {"rule": "flapping", "settings": {"stable": [300, "long"], "quiet_from": True}},
        {"rule": "recovery", "settings": {"checks": 0}},
        {"rule": None, "settings": None},
        {},
    ],
)
def test_a_row_that_cannot_be_understood_changes_nothing(row: dict[str, Any]) -> None:
    said = {"rule": "slow_response", "settings": {"for": 1200}}
    expected = policy_of_rows([said])
    assert policy_of_rows([row, said]) == expected
    assert expected.rules[SLOW].lasting == timedelta(minutes=20)
    assert expected.rules[DOWN] == DEFAULTS[DOWN]
