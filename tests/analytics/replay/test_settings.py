"""Settings as people write them for a replay: what they change and say, and what is wrong with them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.alerting import AlertRule
from analytics.model import Basis, Policy, ServiceKey, ServiceType, Severity
from analytics.replay.rules_file import read_rules
from analytics.replay.setting_differences import differences
from analytics.replay.settings import Changed, WrongSettings, changed_settings
from analytics.rules.alert_defaults import DEFAULTS, default_policy

SHOP, DOTTED = ServiceKey(ServiceType.API, "shopify"), ServiceKey(ServiceType.API, "shopify.eu")
CONTEXT = ServiceKey(ServiceType.MCP, "context7")
DOWN = AlertRule.SERVICE_DOWN
LIMITS = {
    SHOP: Policy(Basis.CALLS, 1000, 3000, 6, timedelta(minutes=5)),
    DOTTED: Policy(Basis.CALLS, 1000, 3000, 6, timedelta(minutes=5)),
    CONTEXT: Policy(Basis.PRESENT, 1000, 3000, 3, timedelta(minutes=5)),
}
OWN = replace(default_policy(), overrides={(SHOP, DOWN): replace(DEFAULTS[DOWN], checks=9)})


def change(*words: str) -> Changed:
    return changed_settings(OWN, LIMITS, words)


def fault(settings: Any) -> str:
    with pytest.raises(WrongSettings) as caught:
        changed_settings(OWN, LIMITS, settings)
    assert len(caught.value.faults) == 1
    assert "\n" not in caught.value.faults[0]
    return caught.value.faults[0]


def test_nothing_said_changes_nothing() -> None:
    assert change() == Changed(OWN, LIMITS, ())
    assert change("alerts.service_down.checks=3", "services.api/shopify.healthy_ms=1000").said == ()


def test_a_rule_is_changed_for_all_that_have_nothing_of_their_own() -> None:
    changed = change("alerts.service_down.checks=5", "alerts.service_down.severity=warning")
    found = {service: changed.policy.settings(DOWN, service) for service in (SHOP, CONTEXT)}
    assert (found[SHOP].checks, found[CONTEXT].checks) == (9, 5)
    assert {settings.severity for settings in found.values()} == {Severity.WARNING}
    assert changed.said == (
        "alerts.service_down.severity=warning (was critical)",
        "alerts.service_down.checks=5 (was 3)",
    )


def test_a_service_has_its_own() -> None:
    changed = change(
        "services.api/shopify.alerts.service_down.checks=3",
        "services.api/shopify.eu.alerts.service_degraded.for=20m",
        "services.api/shopify.eu.slo=99.5",
        "services.mcp/context7.sure_after=5",
        "services.api/shopify.healthy_ms=4000",
    )
    policy, limits = changed.policy, changed.limits
    assert policy.settings(DOWN, SHOP).checks == 3
    assert policy.settings(AlertRule.SERVICE_DEGRADED, DOTTED).lasting == timedelta(minutes=20)
    assert policy.settings(AlertRule.SERVICE_DEGRADED, SHOP).lasting == timedelta(minutes=10)
    assert policy.settings(AlertRule.SLO_BURN, DOTTED).objective == 99.5
    assert limits == {
        **LIMITS,
        CONTEXT: replace(LIMITS[CONTEXT], sure_after=5),
        SHOP: replace(LIMITS[SHOP], healthy_ms=4000, down_ms=4000),
    }
    assert set(changed.said) == {
        "services.api/shopify.alerts.service_down.checks=3 (was 9)",
        "services.api/shopify.eu.alerts.service_degraded.for=20m (was 10m)",
        "services.api/shopify.eu.alerts.slo_burn.objective=99.5 (was 99.9)",
        "services.mcp/context7.sure_after=5 (was 3)",
        "services.api/shopify.healthy_ms=4000 (was 1000)",
        "services.api/shopify.down_ms=4000 (was 3000)",
    }


def test_flapping_recovery_and_the_later_word() -> None:
    changed = change(
        "alerts.recovery_checks=3",
        "alerts.recovery_checks=4",
        "alerts.flapping.stable=90s, 1d",
        "alerts.flapping.quiet_from = 2",
        "alerts.service_down.enabled=false",
    )
    flapping = replace(OWN.flapping, stable=(timedelta(seconds=90), timedelta(days=1)), quiet_from=2)
    assert (changed.policy.recovery_checks, changed.policy.flapping) == (4, flapping)
    assert not changed.policy.settings(DOWN, SHOP).enabled
    assert "alerts.flapping.stable=90s,1d (was 5m,15m,1h)" in changed.said
    assert "alerts.service_down.enabled=false (was true)" in changed.said


def test_a_mapping_says_the_same_nested_or_not() -> None:
    words = change("alerts.service_down.checks=5", "services.api/shopify.eu.alerts.slow_response.window=15m")
    flat = {"alerts.service_down.checks": 5, "services.api/shopify.eu.alerts.slow_response.window": 900}
    nested = {
        "alerts": {"service_down": {"checks": 5}},
        "services": {"api/shopify.eu": {"alerts": {"slow_response": {"window": "15m"}}}},
    }
    assert changed_settings(OWN, LIMITS, flat) == words
    assert changed_settings(OWN, LIMITS, nested) == words


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("alerts.service_down.checks", ["has no value", "alerts.service_down.checks=5"]),
        ("alert.service_down.checks=5", ['did you mean "alerts"?', "services.TYPE/NAME.LIMIT=value"]),
        ("alerts.servce_down.checks=5", ['"servce_down" is no alert rule', 'did you mean "service_down"?']),
        ("alerts.service_down.cheks=5", ['"cheks"', 'did you mean "checks"?', "enabled, severity or checks"]),
        ("alerts.service_down=5", ["names no setting of service_down"]),
        ("alerts.service_down.for=5m", ['"for" is no setting of service_down']),
        ("alerts.service_down.checks=many", ["checks=many: is no number", "whole number from 1 to 100"]),
        ("alerts.service_down.checks=0", ["out of bounds", "from 1 to 100"]),
        ("alerts.service_down.severity=critcal", ['did you mean "critical"?', "critical, warning or info"]),
        ("alerts.service_degraded.for=8d", ["up to 7 days"]),
        ("alerts.slow_response.window=5s", ["shorter than 1 minute"]),
        ("alerts.flapping.stabel=5m", ['did you mean "stable"?', "within, stable, quiet_from or told_after"]),
        ("alerts.flapping.stable=5m,,1h", ["is no duration"]),
        ("services.api/shopfy.healthy_ms=1", ['did you mean "api/shopify"?', "mcp/context7"]),
        ("services.api/shopify.healty_ms=1", ['did you mean "healthy_ms"?', "sure_after"]),
        ("services.api/shopify=1", ["names no limit of a service"]),
        (
            "services.api/shopify.down_ms=10",
            ["10 is less than healthy_ms, which is 1000", "set healthy_ms too"],
        ),
        ("services.api/shopify.healthy_above_percent=80", ["80 is less than down_below_percent", "set both"]),
        ("services.api/shopify.alerts.collector_blind.checks=3", ["about the collector itself"]),
        ("services.mcp/context7.alerts.circuit_open.enabled=no", ['no rule for services of type "mcp"']),
        ("services.api/shopify.alerts.flapping.within=1h", ['"flapping" is no alert rule']),
    ],
)
def test_what_is_wrong_is_said_in_one_line(word: str, parts: list[str]) -> None:
    said = fault([word])
    assert said.lstrip('"').startswith(word.partition("=")[0])
    for part in parts:
        assert part in said


def test_every_fault_is_told_and_long_ones_are_cut() -> None:
    with pytest.raises(WrongSettings) as caught:
        change("alerts.service_down.checks=0", "alerts.recovery_checks=2", "alerts.x.y=1")
    assert len(caught.value.faults) == 2
    assert str(caught.value) == "\n".join(caught.value.faults)
    assert len(fault({"alerts.service_down.checks": "9\n" * 200})) < 200


FILE = """
[alerts]
recovery_checks = 3
runbooks = "https://wiki.example.com"
service_down = { checks = 4 }
flapping = { stable = ["5m", "1h"] }
[[services]]
type = "api"
name = "shopify"
probe = "shopify"
healthy_ms = 700
slo = 99.5
alerts = { service_down = { checks = 6 } }
[[services]]
type = "api"
name = "elsewhere"
healthy_ms = 1
"""


def test_the_rules_of_a_file_beside_the_one_in_force(tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    path.write_text(FILE)
    policy, limits = read_rules(path, LIMITS)
    assert (policy.recovery_checks, policy.settings(DOWN, CONTEXT).checks) == (3, 4)
    assert policy.settings(DOWN, SHOP).checks == 6
    assert policy.flapping.stable == (timedelta(minutes=5), timedelta(hours=1))
    assert limits == {**LIMITS, SHOP: replace(LIMITS[SHOP], healthy_ms=700)}
    said = set(differences(OWN, policy, LIMITS, limits))
    assert "services.api/shopify.alerts.service_down.checks=6 (was 9)" in said
    assert "services.api/shopify.alerts.slo_burn.objective=99.5 (was 99.9)" in said


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[alerts", "cannot be read"),
        ("alerts = 1", "alerts is no table; write it as [alerts]"),
        ("[alerts]\nservice_down = { checks = 0 }", "alerts.service_down.checks=0: is out of bounds"),
        (None, "No such file"),
        ("a = " + "9" * 5000, "a number in it has too many digits; write it like services.toml"),
        ("a = " + "[" * 20000, "its values are nested too deeply; write it like services.toml"),
        ("services = 3", "services is no list of tables; write each as [[services]]"),
        ("services = [3]", "services is no list of tables; write each as [[services]]"),
        ("#" * 1_000_001, "it is larger than 1 MB"),
    ],
)
def test_a_file_that_cannot_be_gone_by(tmp_path: Path, text: str | None, part: str) -> None:
    path = tmp_path / "other.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(WrongSettings, match=r"other\.toml") as caught:
        read_rules(path, LIMITS)
    assert part in caught.value.faults[0]
