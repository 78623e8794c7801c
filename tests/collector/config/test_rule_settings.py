"""The tables of rules: every bound, and that a table says what its settings say, both ways."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alerting import AlertRule, RuleSettings
from analytics.model import Severity
from collector.config import default_settings, rule_settings, rule_table

DEFAULTS = default_settings()
RULES = pytest.mark.parametrize("rule", AlertRule)

durations = st.integers(1, 7 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
settings_of_any_rule = st.builds(
    RuleSettings,
    severity=st.sampled_from(Severity),
    enabled=st.booleans(),
    checks=st.integers(1, 100),
    lasting=durations,
    window=durations,
    limit=st.integers(1, 99).map(float),
    fewest=st.integers(1, 1_000_000),
    objective=st.floats(50.001, 99.999),
)


def read(rule: AlertRule, **table: Any) -> tuple[RuleSettings, list[str]]:
    return rule_settings(rule, table, DEFAULTS[rule], f"rules.{rule}")


@RULES
@given(settings=settings_of_any_rule)
def test_a_table_says_what_its_settings_say(rule: AlertRule, settings: RuleSettings) -> None:
    table = rule_table(rule, settings)
    again, faults = rule_settings(rule, table, DEFAULTS[rule], "")
    assert faults == []
    assert rule_table(rule, again) == table


@RULES
def test_an_empty_table_changes_nothing(rule: AlertRule) -> None:
    assert read(rule) == (DEFAULTS[rule], [])


@RULES
def test_a_table_changes_what_it_says_alone(rule: AlertRule) -> None:
    expected = replace(DEFAULTS[rule], severity=Severity.INFO, enabled=False)
    assert read(rule, severity="info", enabled=False) == (expected, [])


@pytest.mark.parametrize(
    ("rule", "key", "allowed", "refused"),
    [
        ("service_down", "checks", [1, 100], [0, 101, -1, 2.5, "3", True]),
        ("service_degraded", "for", ["1s", "7d", 600, "168h"], ["0s", "8d", "169h", -1, "soon", True]),
        ("high_error_rate", "above_percent", [0, 10.5, 99.9], [100, -1, float("nan"), "10"]),
        ("high_error_rate", "window", ["1m", "7d"], ["59s", "8d"]),
        ("high_error_rate", "fewest", [1, 1_000_000], [0, 1_000_001]),
        ("webhook_verification", "below_percent", [0.1, 100], [0, 100.1]),
        ("certificate_expiry", "days", [1, 365], [0, 366, 14.5]),
        ("slo_burn", "objective", [50.1, 99.999], [50, 100, float("inf")]),
        ("tools_changed", "severity", ["critical", "warning", "info"], ["fatal", "", None, 1, "INFO"]),
        ("tools_changed", "enabled", [True, False], [1, "true", None]),
    ],
)
def test_every_bound(rule: str, key: str, allowed: list[Any], refused: list[Any]) -> None:
    for value in allowed:
        assert read(AlertRule(rule), **{key: value})[1] == [], value
    for value in refused:
        settings, faults = read(AlertRule(rule), **{key: value})
        assert settings == DEFAULTS[AlertRule(rule)]
        assert len(faults) == 1, value
        assert faults[0].startswith(f"rules.{rule}.{key}: ")
        assert "; " in faults[0], "what would be right is told"


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        ("service_down", "for"),
        ("service_degraded", "checks"),
        ("slow_response", "above_percent"),
        ("circuit_open", "limit"),
        ("service_degraded", "lasting"),
        ("tools_changed", "days"),
    ],
)
def test_a_key_of_another_rule_is_unknown(rule: str, key: str) -> None:
    faults = read(AlertRule(rule), **{key: 5})[1]
    assert len(faults) == 1
    assert "unknown key; " in faults[0]
    assert "known are " in faults[0]


def test_every_fault_is_told_at_once_and_what_is_right_is_taken() -> None:
    settings, faults = read(
        AlertRule.HIGH_ERROR_RATE, above_percent=20, window="soon", severity="bad", fwest=1
    )
    assert settings == replace(DEFAULTS[AlertRule.HIGH_ERROR_RATE], limit=20.0)
    assert [fault.split(": ")[0] for fault in faults] == [
        "rules.high_error_rate.severity",
        "rules.high_error_rate.window",
        "rules.high_error_rate.fwest",
    ]


@pytest.mark.parametrize("table", [None, 5, "checks", [1], True])
def test_what_is_no_table_is_told(table: Any) -> None:
    rule = AlertRule.SERVICE_DOWN
    assert rule_settings(rule, table, DEFAULTS[rule], "rules.service_down") == (
        DEFAULTS[rule],
        ["rules.service_down: is no table"],
    )


def test_null_is_called_so() -> None:
    assert read(AlertRule.SERVICE_DOWN, checks=None)[1] == [
        "rules.service_down.checks: null is no whole number; write it without quotes and fraction"
    ]


def test_durations_are_written_as_people_write_them() -> None:
    assert rule_table(AlertRule.HIGH_ERROR_RATE, DEFAULTS[AlertRule.HIGH_ERROR_RATE]) == {
        "enabled": True,
        "severity": "warning",
        "above_percent": 10,
        "window": "5m",
        "for": "5m",
        "fewest": 6,
    }
