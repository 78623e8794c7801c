"""What a file says about telling people, as the collector reads it, and what it means to say nothing."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from analytics.alerting import AlertRule, FlappingSettings, RuleSettings
from analytics.model import ServiceKey, ServiceType, Severity
from analytics.rules.maintenance import OneOff, Weekly
from collector.config import Config, ConfigError, load
from collector.reports.settings import ReportSettings
from collector.vendors.feed import VendorFeed
from tests.collector.config import writing
from tests.collector.config.writing import REDIS

GOOD = Path(__file__).parents[2] / "configs" / "good-telling.toml"
REDIS_KEY = ServiceKey(ServiceType.INFRASTRUCTURE, "redis")
ORDERS_KEY = ServiceKey(ServiceType.API, "orders")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(scope="module")
def good() -> Config:
    return load(GOOD)


def test_a_file_that_says_nothing_has_every_rule_and_tells_nobody(tmp_path: Path) -> None:
    config = writing.written(tmp_path, REDIS)
    assert set(config.alerts.rules) == set(AlertRule)
    assert config.alerts.overrides == {}
    assert (config.alerts.recovery_checks, config.alerts.flapping) == (2, FlappingSettings())
    assert (config.runbooks, config.dashboard) == ("", "${HEALTH_DASHBOARD_URL}")
    assert (config.channels, config.maintenance, config.vendors) == ((), (), ())
    assert (config.heartbeat, config.reports) == (None, None)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (AlertRule.SERVICE_DOWN, RuleSettings(Severity.CRITICAL, checks=3)),
        (AlertRule.SERVICE_DEGRADED, RuleSettings(Severity.WARNING, lasting=10 * MINUTE)),
        (
            AlertRule.HIGH_ERROR_RATE,
            RuleSettings(Severity.WARNING, lasting=5 * MINUTE, window=5 * MINUTE, limit=10.0, fewest=6),
        ),
        (AlertRule.SLOW_RESPONSE, RuleSettings(Severity.WARNING, lasting=10 * MINUTE, window=10 * MINUTE)),
        (AlertRule.CIRCUIT_OPEN, RuleSettings(Severity.CRITICAL)),
        (
            AlertRule.WEBHOOK_VERIFICATION,
            RuleSettings(Severity.CRITICAL, lasting=HOUR, window=HOUR, limit=90.0, fewest=6),
        ),
        (AlertRule.WEBHOOK_SILENT, RuleSettings(Severity.WARNING)),
        (AlertRule.QUOTA_HEADROOM, RuleSettings(Severity.WARNING, lasting=5 * MINUTE, limit=90.0)),
        (AlertRule.TOOLS_CHANGED, RuleSettings(Severity.INFO)),
        (AlertRule.CERTIFICATE_EXPIRY, RuleSettings(Severity.WARNING, limit=14.0)),
        (AlertRule.SLO_BURN, RuleSettings(Severity.WARNING, fewest=3, objective=99.9)),
        (AlertRule.COLLECTOR_BLIND, RuleSettings(Severity.CRITICAL, checks=2)),
        (AlertRule.DELIVERY_FAILING, RuleSettings(Severity.WARNING, lasting=5 * MINUTE)),
    ],
)
def test_the_defaults_are_those_of_the_document(
    rule: AlertRule, expected: RuleSettings, tmp_path: Path
) -> None:
    assert writing.written(tmp_path, REDIS).alerts.settings(rule, None) == expected


def test_rules_take_what_is_said_and_keep_the_rest(good: Config) -> None:
    policy = good.alerts
    assert policy.recovery_checks == 3
    assert policy.rules[AlertRule.SERVICE_DOWN] == RuleSettings(Severity.CRITICAL, checks=4)
    assert not policy.rules[AlertRule.TOOLS_CHANGED].enabled
    assert policy.rules[AlertRule.SLOW_RESPONSE].lasting == 15 * MINUTE
    assert policy.flapping == FlappingSettings(stable=(MINUTE, 2 * HOUR))


def test_a_service_inherits_what_it_does_not_say(good: Config) -> None:
    policy = good.alerts
    assert policy.settings(AlertRule.SERVICE_DOWN, REDIS_KEY) == RuleSettings(Severity.WARNING, checks=4)
    assert policy.settings(AlertRule.SERVICE_DEGRADED, REDIS_KEY).lasting == HOUR
    assert policy.settings(AlertRule.SERVICE_DOWN, ORDERS_KEY) == policy.rules[AlertRule.SERVICE_DOWN]
    assert len(policy.overrides) == 4


def test_what_a_service_promises_is_the_objective_of_its_burn_rule(good: Config) -> None:
    redis = good.alerts.settings(AlertRule.SLO_BURN, REDIS_KEY)
    orders = good.alerts.settings(AlertRule.SLO_BURN, ORDERS_KEY)
    assert (redis.objective, redis.fewest) == (99.5, 3)
    assert (orders.objective, orders.fewest) == (95.0, 5)


def test_channels_keep_their_order_their_variables_and_no_severity_twice(good: Config) -> None:
    assert [(spec.name, spec.kind, spec.severities) for spec in good.channels] == [
        ("oncall", "pagerduty", (Severity.CRITICAL,)),
        ("team", "slack", (Severity.WARNING, Severity.CRITICAL)),
        ("mail", "email", (Severity.INFO,)),
        ("program", "webhook", (Severity.CRITICAL, Severity.WARNING, Severity.INFO)),
    ]
    assert [spec.variables() for spec in good.channels] == [
        ["PAGERDUTY_ROUTING_KEY"],
        [],
        ["SMTP_HOST", "SECOND_ADDRESS"],
        ["ALERTS_WEBHOOK_SECRET"],
    ]
    assert good.channels[3].options.timeout == timedelta(seconds=3)


def test_no_repr_shows_the_url_of_a_channel(good: Config) -> None:
    assert "hunter2" in GOOD.read_text(encoding="utf-8")
    assert "hunter2" not in repr(good) + repr(good.channels)


def test_maintenance_is_once_or_each_week(good: Config) -> None:
    assert good.maintenance == (
        OneOff(
            "Upgrade",
            frozenset({REDIS_KEY}),
            datetime(2026, 12, 5, 22, 0, tzinfo=UTC),
            datetime(2026, 12, 5, 23, 30, tzinfo=UTC),
        ),
        Weekly("Backups", None, frozenset({6, 2}), time(2, 0), 90 * MINUTE, "Europe/Berlin"),
    )


def test_the_rest_is_as_it_is_written(good: Config) -> None:
    assert (good.runbooks, good.dashboard) == (
        "https://wiki.example.com/runbooks",
        "https://health.example.com",
    )
    assert good.heartbeat is not None
    assert (good.heartbeat.url, good.heartbeat.timeout) == ("${HEARTBEAT_URL}", timedelta(seconds=2))
    assert good.reports == ReportSettings(
        Path("data/reports"), time(7, 30), (4, time(17, 0)), "Europe/Berlin"
    )
    url = "https://status.example.com/api/v2/summary.json"
    assert good.vendors == (VendorFeed("redis-cloud", url, frozenset({REDIS_KEY}), 5 * MINUTE),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('daily = "08:00"', (time(8, 0), None)),
        ('weekly = "Monday 8:05"', (None, (0, time(8, 5)))),
        ("daily = 23:59:00", (time(23, 59), None)),
    ],
)
def test_one_of_both_reports_is_enough(
    text: str, expected: tuple[time | None, object], tmp_path: Path
) -> None:
    reports = writing.written(tmp_path, f"[reports]\n{text}\n{REDIS}").reports
    assert reports is not None
    assert (reports.daily, reports.weekly) == expected


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("https://h.example/{page}/{page}.md", "has {page} more than once"),
        ("https://h.example/{name}.md", "has braces that are no {page}"),
        ("https://h.example/{page}/{name}", "has braces that are no {page}"),
        ("https://h.example/{{page}}", "has braces that are no {page}"),
        ("https://{page}.example/runbooks", "has {page} in its host"),
        ("{page}", "is no http URL"),
    ],
)
def test_the_name_of_a_page_stands_once_in_the_path_of_the_runbooks(
    url: str, wrong: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as raised:
        writing.written(tmp_path, f'[alerts]\nrunbooks = "{url}"\n{REDIS}')
    (fault,) = raised.value.faults
    assert f'alerts.runbooks: "{url}" {wrong}; write it like https://' in fault
