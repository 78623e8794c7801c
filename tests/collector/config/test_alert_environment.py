"""What the environment makes of channels, heartbeat and links: off, wrong, secret, or where they lead."""

from pathlib import Path

import pytest

from collector.config import (
    Config,
    ConfigError,
    channel_faults,
    channel_secrets,
    channels_off,
    check_environment,
    dashboard_url,
    load,
    off_notes,
    runbook_base,
)
from collector.secrets import Redactor
from tests.collector.config import writing
from tests.collector.config.writing import REDIS

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "services.toml"
HOOK = "https://hooks.slack.com/services/T0HUNTER2/B0HUNTER2/hunter2hunter2hunter2"
RIGHT = {
    "PAGERDUTY_ROUTING_KEY": "hunter2hunter2hunter2hunter2hunt",
    "SLACK_WEBHOOK_URL": HOOK,
    "SMTP_HOST": "smtp.example.com",
    "SMTP_USERNAME": "health",
    "SMTP_PASSWORD": "hunter2-password",
    "ALERTS_FROM": "health@example.com",
    "ALERTS_TO": "oncall@example.com",
    "HEARTBEAT_URL": "https://hc-ping.com/hunter22-aaaa-bbbb-cccc-hunter2hunter",
    "HEALTH_DASHBOARD_URL": "https://health.example.com/",
}


@pytest.fixture(scope="module")
def shipped() -> Config:
    return load(SHIPPED)


def test_without_a_variable_every_shipped_channel_is_off_and_nothing_is_wrong(shipped: Config) -> None:
    assert list(channels_off(shipped, {})) == ["oncall", "team", "mail"]
    assert off_notes(shipped, {}) == [
        "channel oncall is off: PAGERDUTY_ROUTING_KEY is not set",
        "channel team is off: SLACK_WEBHOOK_URL is not set",
        "channel mail is off: SMTP_HOST, SMTP_USERNAME, SMTP_PASSWORD, ALERTS_FROM and ALERTS_TO are not set",
    ]
    check_environment(shipped, {})


def test_with_every_variable_every_shipped_channel_is_on(shipped: Config) -> None:
    assert channels_off(shipped, RIGHT) == {}
    assert off_notes(shipped, RIGHT) == []
    check_environment(shipped, RIGHT)


def test_an_empty_variable_is_not_set(shipped: Config) -> None:
    assert channels_off(shipped, {**RIGHT, "SLACK_WEBHOOK_URL": ""}) == {"team": ["SLACK_WEBHOOK_URL"]}


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("SLACK_WEBHOOK_URL", "hunter2", "the value is no https URL; write it like"),
        ("SLACK_WEBHOOK_URL", "http://hooks.slack.com/hunter2", "the value is not encrypted; write"),
        ("PAGERDUTY_ROUTING_KEY", "hunter2", "the value is no integration key of PagerDuty; write"),
        ("SMTP_HOST", "smtp://hunter2", "the value is no host; write"),
        ("ALERTS_TO", "hunter2", "the value is no e-mail address; write"),
        ("ALERTS_FROM", "a@b.c\nBcc: hunter2@b.c", "the value holds a line break"),
        ("HEARTBEAT_URL", "hunter2", "the value is no http URL; write"),
        ("HEALTH_DASHBOARD_URL", "ftp://hunter2", "the value is no http URL; write"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_variable_and_shows_no_value(
    shipped: Config, name: str, value: str, fault: str
) -> None:
    (line,) = channel_faults(shipped, {**RIGHT, name: value})
    assert line.startswith(f"{name}: {fault}")
    assert line.endswith("]")
    assert "hunter2" not in line


def test_every_fault_of_the_environment_is_told_at_once(shipped: Config) -> None:
    environment = {**RIGHT, "HEALTH_TOKEN": "short", "SLACK_WEBHOOK_URL": "x", "HEARTBEAT_URL": "y"}
    with pytest.raises(ConfigError) as caught:
        check_environment(shipped, environment)
    assert [fault.split(": ")[0] for fault in caught.value.faults] == [
        "HEALTH_TOKEN",
        "SLACK_WEBHOOK_URL",
        "HEARTBEAT_URL",
    ]
    assert caught.value.faults[1].endswith(" [channels.team.url]")


def test_what_does_not_listen_needs_no_receiver(shipped: Config) -> None:
    check_environment(shipped, {**RIGHT, "HEALTH_TOKEN": "short"}, listening=False)
    with pytest.raises(ConfigError, match="SLACK_WEBHOOK_URL"):
        check_environment(shipped, {**RIGHT, "SLACK_WEBHOOK_URL": "x"}, listening=False)


def test_a_password_that_would_go_out_unencrypted_is_told_of_the_channel_as_a_whole(tmp_path: Path) -> None:
    mail = """
    [channels.mail]
    kind = "email"
    host = "${SMTP_HOST}"
    security = "none"
    username = "health"
    password = "${SMTP_PASSWORD}"
    from = "health@example.com"
    to = ["oncall@example.com"]
    """
    config = writing.written(tmp_path, mail + REDIS)
    assert channel_faults(config, {**RIGHT, "SMTP_HOST": "127.0.0.1"}) == []
    assert channel_faults(config, RIGHT) == [
        "SMTP_HOST, SMTP_PASSWORD: would send its password unencrypted; "
        'write security = "starttls" or "tls" [channels.mail]'
    ]


def test_a_redactor_that_learned_the_secrets_shows_none_of_them(shipped: Config) -> None:
    redactor = Redactor()
    for secret in channel_secrets(shipped, RIGHT):
        redactor.learn(secret)
    for name in ("PAGERDUTY_ROUTING_KEY", "SLACK_WEBHOOK_URL", "SMTP_PASSWORD", "HEARTBEAT_URL"):
        assert RIGHT[name] not in redactor.mask(f"could not send to {RIGHT[name]}!")
    assert "hunter2" not in redactor.mask(f"POST {HOOK.rpartition('/')[2]} failed"), (
        "a piece of it is no better"
    )
    assert (
        redactor.mask("smtp.example.com told oncall@example.com")
        == "smtp.example.com told oncall@example.com"
    )


def test_secrets_that_stand_in_the_file_are_learned_too(tmp_path: Path) -> None:
    text = f"""
    [channels.team]
    kind = "slack"
    url = "{HOOK}"
    [channels.mail]
    kind = "email"
    host = "smtp.example.com"
    username = "health"
    password = "hunter2-written"
    from = "health@example.com"
    to = ["oncall@example.com"]
    [heartbeat]
    url = "https://hc-ping.com/${{HEARTBEAT_ID}}"
    """
    config = writing.written(tmp_path, text + REDIS)
    secrets = channel_secrets(config, {"HEARTBEAT_ID": "hunter2-id"})
    assert {HOOK, "hunter2-written", "https://hc-ping.com/hunter2-id", "hunter2-id"} <= set(secrets)
    assert "smtp.example.com" not in secrets


def test_what_is_not_set_is_no_secret(shipped: Config) -> None:
    assert channel_secrets(shipped, {}) == []


def test_where_the_dashboard_is(shipped: Config) -> None:
    assert dashboard_url(shipped, {}) == ""
    assert dashboard_url(shipped, RIGHT) == "https://health.example.com"


@pytest.mark.parametrize(
    ("text", "environment", "expected"),
    [
        ("", {}, "http://127.0.0.1:8600/runbooks"),
        ("", {"HEALTH_LISTEN": "localhost:9000"}, "http://localhost:9000/runbooks"),
        ("", {"HEALTH_LISTEN": "0.0.0.0:80", "HEALTH_TOKEN": "0" * 32}, "http://127.0.0.1:80/runbooks"),
        ("", {"HEALTH_LISTEN": "[::1]:9000"}, "http://[::1]:9000/runbooks"),
        ("[receiver]\nenabled = false\n", {}, ""),
        ("", {"HEALTH_LISTEN": "0.0.0.0:80"}, ""),
        ('[alerts]\nrunbooks = "https://wiki.example.com/r/"\n', {}, "https://wiki.example.com/r"),
        ('[alerts]\nrunbooks = "https://h.example/r/{page}.md"\n', {}, "https://h.example/r/{page}.md"),
    ],
)
def test_where_the_runbooks_are(
    text: str, environment: dict[str, str], expected: str, tmp_path: Path
) -> None:
    assert runbook_base(writing.written(tmp_path, text + REDIS), environment) == expected
