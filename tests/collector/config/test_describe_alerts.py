"""What --check-config prints of alerts and channels, and what it notes, to the letter."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.config import ConfigError, describe, load
from tests.collector.config import writing
from tests.collector.config.test_alert_environment import RIGHT
from tests.collector.config.test_describe import NOBODY
from tests.collector.config.writing import REDIS

GOOD = Path(__file__).parents[2] / "configs" / "good-telling.toml"
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
CHANNELS = {
    "oncall": '[channels.oncall]\nkind = "pagerduty"\nrouting_key = "${PAGERDUTY_ROUTING_KEY}"\n',
    "team": '[channels.team]\nkind = "slack"\nurl = "${SLACK_WEBHOOK_URL}"\n',
    "mail": '[channels.mail]\nkind = "email"\nhost = "smtp.example.com"\nfrom = "a@example.com"\n'
    'to = ["b@example.com"]\n',
}
RUNBOOKS = '[alerts]\nrunbooks = "https://wiki.example.com"\n'
REPORTS = '[reports]\ndaily = "08:00"\n'


def notes(printed: str) -> list[str]:
    lines = printed.splitlines()
    return [line.removeprefix("note: ") for line in lines if line.startswith("note: ")]


def test_rules_exceptions_channels_and_the_rest_stand_in_columns() -> None:
    printed = describe(load(GOOD), {**RIGHT, "ALERTS_WEBHOOK_SECRET": "whsec_" + "h" * 40}, NOW).splitlines()
    start = next(index for index, line in enumerate(printed) if line.startswith("ALERT "))
    assert printed[start : start + 31] == [
        "ALERT                   SEVERITY  SETTINGS",
        "service_down            critical  checks 4",
        "  infrastructure/redis  warning   as all",
        "service_degraded        warning   for 10m",
        "  infrastructure/redis            for 1h",
        "high_error_rate         warning   above_percent 10, window 5m, for 5m, fewest 6",
        "slow_response           warning   window 10m, for 15m",
        "circuit_open            critical  -",
        "webhook_verification    critical  below_percent 90, window 1h, for 1h, fewest 6",
        "webhook_silent          warning   -",
        "quota_headroom          warning   above_percent 90, for 5m",
        "tools_changed           off       -",
        "certificate_expiry      warning   days 14",
        "slo_burn                warning   objective 99.9, fewest 3",
        "  infrastructure/redis            objective 99.5",
        "  api/orders                      objective 95, fewest 5",
        "collector_blind         critical  checks 2",
        "delivery_failing        warning   for 5m",
        "",
        "CHANNEL     KIND       TELLS OF                 VARIABLES",
        "oncall      pagerduty  critical                 PAGERDUTY_ROUTING_KEY (set)",
        "team        slack      warning, critical        none needed",
        "mail (off)  email      info                     SMTP_HOST (set), SECOND_ADDRESS (not set)",
        "program     webhook    critical, warning, info  ALERTS_WEBHOOK_SECRET (set)",
        "",
        'maintenance: 2 windows; next "Backups", 2026-12-02 01:00Z to 2026-12-02 02:30Z, all services',
        "heartbeat: HEARTBEAT_URL (set), timeout 2s",
        "reports: daily at 07:30, weekly on fri at 17:00 (Europe/Berlin), kept in data/reports, mailed by "
        "nobody",
        "vendors: 1 feed: redis-cloud",
        "",
        "note: channel mail is off: SECOND_ADDRESS is not set",
    ]


def test_it_shows_no_secret() -> None:
    printed = describe(load(GOOD), {**RIGHT, "SECOND_ADDRESS": "hunter2@example.com"}, NOW)
    assert "hunter2" not in printed


def test_a_wrong_value_of_a_channel_is_told_instead(tmp_path: Path) -> None:
    config = writing.written(tmp_path, CHANNELS["team"] + REDIS)
    with pytest.raises(ConfigError, match="SLACK_WEBHOOK_URL: the value is no https URL"):
        describe(config, {"SLACK_WEBHOOK_URL": "foo"})


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (None, "2 windows"),
        (
            datetime(2026, 12, 5, 22, 30, tzinfo=UTC),
            '2 windows; now "Upgrade", 2026-12-05 22:00Z to 2026-12-05 23:30Z, infrastructure/redis; '
            'next "Backups", 2026-12-06 01:00Z to 2026-12-06 02:30Z, all services',
        ),
    ],
)
def test_which_maintenance_is_on_and_which_comes_next(now: datetime | None, says: str) -> None:
    assert f"maintenance: {says}" in describe(load(GOOD), {}, now).splitlines()


def test_maintenance_that_is_over_is_said_to_be(tmp_path: Path) -> None:
    window = '[[maintenance]]\nname = "Old"\nservices = ["*"]\nstart = 2026-01-01T00:00:00Z\n'
    config = writing.written(tmp_path, window + "end = 2026-01-01T01:00:00Z\n" + REDIS)
    assert "maintenance: 1 window; all of them are over" in describe(config, {}, NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "",
            [NOBODY],
        ),
        (
            RUNBOOKS + CHANNELS["team"] + CHANNELS["mail"],
            ["no channel that is on takes critical alerts: team gets them"],
        ),
        (
            RUNBOOKS + CHANNELS["oncall"] + CHANNELS["team"],
            ["no channel that is on takes info alerts: nobody gets them"],
        ),
        (
            RUNBOOKS + CHANNELS["oncall"] + CHANNELS["mail"] + REPORTS,
            ["no channel that is on takes warning alerts: mail gets them"],
        ),
        (
            RUNBOOKS + CHANNELS["oncall"] + CHANNELS["team"] + CHANNELS["mail"] + REPORTS,
            [],
        ),
        (
            RUNBOOKS + CHANNELS["oncall"] + 'severities = ["critical", "warning", "info"]\n' + REPORTS,
            [
                "no channel that is on mails reports (kind email, severity info): "
                "they are kept in data/reports alone"
            ],
        ),
        (
            CHANNELS["oncall"] + CHANNELS["team"] + CHANNELS["mail"],
            [
                "links to runbooks lead to http://127.0.0.1:8600/runbooks, which other machines cannot open; "
                "set alerts.runbooks"
            ],
        ),
        (
            "[receiver]\nenabled = false\n" + CHANNELS["oncall"] + CHANNELS["team"] + CHANNELS["mail"],
            ["alerts have no links to runbooks: receiver.enabled is false, and alerts.runbooks is not set"],
        ),
    ],
    ids=["none", "no-critical", "no-info", "no-warning", "all", "reports", "links", "no-links"],
)
def test_what_should_be_known_is_noted(text: str, expected: list[str], tmp_path: Path) -> None:
    assert notes(describe(writing.written(tmp_path, text + REDIS), RIGHT)) == expected
