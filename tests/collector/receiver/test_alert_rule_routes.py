"""Alert rules over HTTP: what holds and where it comes from, changed, changed back, refused as a whole."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.alert_settings import read_changes
from analytics.alerting import AlertPolicy, AlertRule
from analytics.model import Severity
from analytics.rules.rule_changes import with_changes
from collector.config.rule_settings import default_settings
from tests.collector.receiver.acting import CHAT, SHOP, Acting, acting

DOWN, SLOW = AlertRule.SERVICE_DOWN, AlertRule.SLOW_RESPONSE
DEFAULTS = default_settings()
FILE = AlertPolicy(
    DEFAULTS | {DOWN: replace(DEFAULTS[DOWN], checks=4)},
    {(SHOP, SLOW): replace(DEFAULTS[SLOW], lasting=timedelta(minutes=30))},
)


async def effective(here: Acting) -> AlertPolicy:
    return with_changes(here.policy, await here.read(read_changes))


async def change(here: Acting, **asked: Any) -> Any:
    status, told = await here.send("PUT", "/alert-rules", {"author": "ada", **asked})
    assert status == 200, told
    return told


async def test_every_rule_is_told_with_where_its_settings_come_from(tmp_path: Path) -> None:
    async with acting(tmp_path, FILE) as here:
        status, told = await here.send("GET", "/alert-rules")
        assert status == 200
        assert set(told["rules"]) == set(AlertRule)
        assert told["rules"]["service_down"] == {
            "settings": {"enabled": True, "severity": "critical", "checks": 4},
            "from": {"enabled": "default", "severity": "default", "checks": "file"},
            "changed": None,
        }
        assert told["services"] == {
            "api/shopify": {
                "slow_response": {
                    "settings": {"enabled": True, "severity": "warning", "window": "10m", "for": "30m"},
                    "from": {"enabled": "rule", "severity": "rule", "window": "rule", "for": "file"},
                    "changed": None,
                }
            }
        }


async def test_a_change_holds_at_once_and_names_its_author(tmp_path: Path) -> None:
    async with acting(tmp_path, FILE) as here:
        told = await change(
            here,
            note="flaky uplink",
            rules={"service_down": {"checks": 5}},
            services={
                "api/shopify": {"slow_response": {"window": "20m"}},
                "api/chatwoot": {"service_down": {"checks": 9}},
            },
        )
        changed = {"by": "ada", "at": "2026-11-24T12:00:00.000Z", "note": "flaky uplink"}
        assert told["rules"]["service_down"]["settings"]["checks"] == 5
        assert told["rules"]["service_down"]["from"]["checks"] == "changed"
        assert told["rules"]["service_down"]["changed"] == changed
        shop = told["services"]["api/shopify"]["slow_response"]
        assert shop["settings"] == {"enabled": True, "severity": "warning", "window": "20m", "for": "30m"}
        assert (shop["from"]["window"], shop["from"]["for"]) == ("changed", "file")
        assert (await here.send("GET", "/alert-rules")) == (200, told)

        policy = await effective(here)
        assert policy.settings(DOWN, SHOP).checks == 5
        assert policy.settings(DOWN, CHAT).checks == 9
        assert policy.settings(SLOW, SHOP).window == timedelta(minutes=20)
        assert policy.settings(SLOW, SHOP).lasting == timedelta(minutes=30)
        assert policy.settings(SLOW, CHAT) == DEFAULTS[SLOW]


async def test_a_second_change_adds_to_the_first_and_null_takes_back(tmp_path: Path) -> None:
    async with acting(tmp_path) as here:
        await change(here, rules={"high_error_rate": {"for": "90s", "above_percent": 12.5}})
        await change(here, rules={"high_error_rate": {"fewest": 3, "severity": "critical"}})
        rule = (await effective(here)).rules[AlertRule.HIGH_ERROR_RATE]
        assert (rule.lasting, rule.limit, rule.fewest) == (timedelta(seconds=90), 12.5, 3)
        assert rule.severity is Severity.CRITICAL

        await change(here, rules={"high_error_rate": {"for": None, "fewest": None}})
        rule = (await effective(here)).rules[AlertRule.HIGH_ERROR_RATE]
        assert (rule.lasting, rule.limit, rule.fewest) == (timedelta(minutes=5), 12.5, 6)

        told = await change(here, rules={"high_error_rate": None})
        assert told["rules"]["high_error_rate"]["changed"] is None
        assert await effective(here) == here.policy
        assert here.rows("SELECT count(*), count(settings) FROM alert_rule_changes") == [(4, 3)]


@pytest.mark.parametrize("rule", list(AlertRule))
async def test_every_rule_can_be_written_as_it_is_told(tmp_path: Path, rule: AlertRule) -> None:
    async with acting(tmp_path) as here:
        told = (await here.send("GET", "/alert-rules"))[1]["rules"][rule]["settings"]
        again = await change(here, rules={rule: told})
        assert again["rules"][rule]["settings"] == told
        assert set(again["rules"][rule]["from"].values()) == {"changed"}
        assert (await effective(here)).rules == here.policy.rules
        await change(here, rules={rule: {"enabled": False}})
        assert not (await effective(here)).rules[rule].enabled


async def test_what_holds_already_is_not_written_again(tmp_path: Path) -> None:
    async with acting(tmp_path) as here:
        for _ in range(2):
            await change(here, rules={"service_down": {"checks": 5}, "slow_response": None})
        assert here.rows("SELECT rule, settings->>'checks' FROM alert_rule_changes") == [
            ("service_down", "5")
        ]


@pytest.mark.parametrize(
    ("asked", "faults"),
    [
        ({}, {"rules": 'is missing; write {"service_down": {"checks": 5}}, or services'}),
        (
            {"services": {"api/shopify": None}},
            {"services.api/shopify": "must be an object of rules; null takes one rule back"},
        ),
        ({"rules": 7, "services": [1]}, {"rules": "must be an object", "services": "must be an object"}),
        (
            {"rules": {"service_dwn": {"checks": 5}}},
            {
                "rules.service_dwn": 'is not known; did you mean "service_down"? known are '
                + ", ".join(AlertRule)
            },
        ),
        (
            {"rules": {"service_down": 5}},
            {"rules.service_down": "must be an object of settings, or null to take the change back"},
        ),
        (
            {"services": {"api/shopfy": {"service_down": {"checks": 5}}}},
            {
                "services.api/shopfy": 'is not known; did you mean "api/shopify"? '
                "known are api/shopify, api/chatwoot"
            },
        ),
        (
            {"services": {"api/shopify": {"webhook_verification": {"fewest": 5}}}},
            {
                "services.api/shopify.webhook_verification": 'is a rule for services of type "webhook", '
                'and this one is "api"; take it out'
            },
        ),
        (
            {"rules": {"service_down": {"cheks": None}}},
            {
                "rules.service_down.cheks": 'is not known; did you mean "checks"? '
                "known are enabled, severity, checks"
            },
        ),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_is_changed(
    tmp_path: Path, asked: dict[str, Any], faults: dict[str, str]
) -> None:
    async with acting(tmp_path) as here:
        status, told = await here.send("PUT", "/alert-rules", {"author": "ada", **asked})
        assert (status, told["error"]) == (422, "wrong_body")
        assert {fault["field"]: fault["reason"] for fault in told["errors"]} == faults
        assert here.rows("FROM alert_rule_changes") == []


async def test_every_fault_of_a_change_is_told_and_the_right_part_is_not_done(tmp_path: Path) -> None:
    asked = {
        "notes": "?",
        "rules": {
            "service_down": {"checks": 0},
            "slow_response": {"for": "soon", "windw": "5m"},
            "high_error_rate": {"above_percent": 20},
        },
        "services": {"api/shopify": {"slow_response": {"severity": "loud"}}},
    }
    async with acting(tmp_path) as here:
        status, told = await here.send("PUT", "/alert-rules", asked)
        assert status == 422
        assert {fault["field"] for fault in told["errors"]} == {
            "author",
            "notes",
            "rules.service_down.checks",
            "rules.slow_response.for",
            "rules.slow_response.windw",
            "services.api/shopify.slow_response.severity",
        }
        assert told["message"] == "nothing was changed: 6 faults in the body"
        assert here.rows("FROM alert_rule_changes") == []
        assert await effective(here) == here.policy
