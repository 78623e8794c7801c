"""The database says by itself what is monitored, what it is judged by, and who is told."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.db import FileLocation, read_only, transact
from analytics.rules.alert_words import policy_of_rows
from collector.config import Config
from collector.describing import describe
from collector.secrets import Redactor
from tests.collector.config import writing
from tests.empty_database import empty_database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CONFIGURED = """
[channels.hook]
kind = "webhook"
url = "${HOOK_URL}"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
severities = ["critical"]

[channels.mail]
kind = "email"
host = "${SMTP_HOST}"
from = "${SMTP_FROM}"
to = ["oncall@example.com"]

[alerts]
recovery_checks = 4
service_down = { checks = 5 }
flapping = { quiet_from = 7 }

[[services]]
type = "api"
name = "shop"
probe = "traffic"
api_name = "shopify"
healthy_ms = 700
slo = 99.5
alerts = { service_down = { checks = 9 } }

[[services]]
type = "mcp"
name = "context7"
probe = "mcp"
url = "https://mcp.context7.example/mcp"
"""


def described(location: FileLocation, config: Config, now: datetime, **environment: str) -> None:
    transact(location, lambda connection: describe(connection, config, environment, Redactor(), now))


def fetch(location: FileLocation, sql: str) -> list[tuple[Any, ...]]:
    with read_only(location) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return writing.written(tmp_path, CONFIGURED)


def test_what_a_service_is_judged_by(tmp_path: Path, config: Config) -> None:
    location = empty_database(tmp_path)
    described(location, config, NOW)
    stored = fetch(
        location,
        """SELECT service_name, basis, sure_after, healthy_above_percent, down_below_percent, traffic_name,
            objective, healthy_ms FROM services ORDER BY position""",
    )
    called, probed = (spec.policy for spec in config.services)
    assert stored == [
        ("shop", "calls", called.sure_after, 95.0, 90.0, "shopify", 99.5, 700.0),
        ("context7", "present", probed.sure_after, 95.0, 90.0, None, 99.9, probed.healthy_ms),
    ]


def test_the_alert_rules_can_be_read_back(tmp_path: Path, config: Config) -> None:
    location = empty_database(tmp_path)
    described(location, config, NOW)
    columns = ("rule", "service_type", "service_name", "settings")
    stored = fetch(location, f"SELECT {', '.join(columns)} FROM alert_rules")
    policy = policy_of_rows([dict(zip(columns, row, strict=True)) for row in stored])
    assert policy == config.alerts
    assert policy.recovery_checks == 4


def test_the_channels_that_can_send_and_no_address(tmp_path: Path, config: Config) -> None:
    location = empty_database(tmp_path)
    described(location, config, NOW, HOOK_URL="https://hooks.example/secret")
    stored = fetch(location, "SELECT channel, position, kind, severities FROM alert_channels")
    assert [(*row[:3], json.loads(row[3])) for row in stored] == [("hook", 0, "webhook", ["critical"])]


def test_an_unchanged_configuration_writes_nothing(tmp_path: Path, config: Config) -> None:
    location = empty_database(tmp_path)
    for hour in range(2):
        described(location, config, NOW + timedelta(hours=hour), HOOK_URL="https://hooks.example/")
    times = """SELECT DISTINCT updated_at FROM services
        UNION SELECT updated_at FROM alert_rules UNION SELECT updated_at FROM alert_channels"""
    assert fetch(location, times) == [(NOW,)]
    changed = writing.written(tmp_path, CONFIGURED.replace("checks = 9", "checks = 8"))
    described(location, changed, NOW + timedelta(hours=2), HOOK_URL="https://hooks.example/")
    assert fetch(location, "SELECT DISTINCT updated_at FROM alert_rules") == [(NOW + timedelta(hours=2),)]
    assert fetch(location, "SELECT DISTINCT updated_at FROM alert_channels") == [(NOW,)]
