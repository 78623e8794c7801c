"""What holds when services.toml and the changes of people are taken together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alerting import AlertPolicy, AlertRule, RuleSettings
from analytics.model import ServiceKey, ServiceType, Severity
from analytics.rules.rule_changes import RuleChange, change_of, changed, with_changes

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHOP, CHAT = ServiceKey(ServiceType.API, "shopify"), ServiceKey(ServiceType.API, "chatwoot")
DOWN, SLOW = AlertRule.SERVICE_DOWN, AlertRule.SLOW_RESPONSE
COMMON = {
    DOWN: RuleSettings(Severity.CRITICAL, checks=3),
    SLOW: RuleSettings(Severity.WARNING, window=timedelta(minutes=10), lasting=timedelta(minutes=10)),
}
POLICY = AlertPolicy(COMMON, {(SHOP, DOWN): replace(COMMON[DOWN], checks=5)})


def change(rule: AlertRule, settings: dict[str, Any], service: ServiceKey | None = None) -> RuleChange:
    return RuleChange(rule, service, settings, NOW, "ada")


def test_without_changes_the_file_holds() -> None:
    assert with_changes(POLICY, []) is POLICY
    assert with_changes(POLICY, [change(DOWN, {})]) is POLICY


def test_a_change_says_single_settings() -> None:
    policy = with_changes(POLICY, [change(SLOW, {"for": 1200, "severity": "critical"})])
    assert policy.settings(SLOW, CHAT) == replace(
        COMMON[SLOW], lasting=timedelta(minutes=20), severity=Severity.CRITICAL
    )
    assert policy.settings(DOWN, CHAT) == COMMON[DOWN]
    assert (policy.recovery_checks, policy.flapping) == (POLICY.recovery_checks, POLICY.flapping)


@pytest.mark.parametrize(
    ("changes", "shop", "chat"),
    [
        ([], 5, 3),
        ([change(DOWN, {"checks": 7})], 5, 7),
        ([change(DOWN, {"checks": 9}, SHOP)], 9, 3),
        ([change(DOWN, {"checks": 9}, CHAT)], 5, 9),
        ([change(DOWN, {"checks": 7}), change(DOWN, {"checks": 9}, SHOP)], 9, 7),
        ([change(DOWN, {"checks": 7}), change(DOWN, {}, SHOP)], 5, 7),
        ([change(DOWN, {"checks": 7}), change(DOWN, {"checks": 8})], 5, 8),
        ([change(DOWN, {"checks": 7}), change(DOWN, {})], 5, 3),
    ],
)
def test_the_nearer_beats_the_farther(changes: list[RuleChange], shop: int, chat: int) -> None:
    policy = with_changes(POLICY, changes)
    assert (policy.settings(DOWN, SHOP).checks, policy.settings(DOWN, CHAT).checks) == (shop, chat)


def test_a_service_with_its_own_settings_follows_the_rule_in_all_others() -> None:
    policy = with_changes(POLICY, [change(DOWN, {"severity": "warning", "checks": 7})])
    assert policy.settings(DOWN, SHOP) == replace(COMMON[DOWN], severity=Severity.WARNING, checks=5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"checks": "many"},
        {"checks": True},
        {"checks": 2.5},
        {"for": "10m"},
        {"for": float("nan")},
        {"for": 1e300},
        {"above_percent": float("inf")},
        {"severity": "loud"},
        {"enabled": 1},
        {"of_a_later_version": 1},
        {"checks": None},
        {"checks": [1]},
    ],
)
def test_what_cannot_be_understood_changes_nothing(wrong: dict[str, Any]) -> None:
    assert changed(COMMON[SLOW], wrong) == COMMON[SLOW]
    assert changed(COMMON[SLOW], {**wrong, "window": 60}).window == timedelta(minutes=1)


def test_what_was_changed_is_read_back_as_it_was() -> None:
    settings = RuleSettings(
        Severity.INFO, False, 4, timedelta(seconds=90.5), timedelta(hours=1), 12.5, 3, objective=99.5
    )
    words = ["severity", "enabled", "checks", "for", "window", "above_percent", "fewest", "objective"]
    told = change_of(words, settings)
    assert told["for"] == 90.5
    assert told["window"] == 3600
    assert changed(COMMON[SLOW], told) == settings


@given(
    st.lists(
        st.builds(
            change,
            st.sampled_from([DOWN, SLOW]),
            st.fixed_dictionaries({}, optional={"checks": st.integers(1, 9), "for": st.integers(1, 900)}),
            st.sampled_from([None, SHOP, CHAT]),
        )
    )
)
def test_each_setting_comes_from_the_nearest_place_that_says_it(changes: list[RuleChange]) -> None:
    policy = with_changes(POLICY, changes)
    last = {(one.rule, one.service): one.settings for one in changes}
    for rule in (DOWN, SLOW):
        for service in (SHOP, CHAT, None):
            own = {"checks": 5} if (service, rule) == (SHOP, DOWN) else {}
            said = {
                **change_of(["checks", "for"], COMMON[rule]),
                **last.get((rule, None), {}),
                **own,
                **last.get((rule, service), {}),
            }
            assert change_of(["checks", "for"], policy.settings(rule, service)) == said
