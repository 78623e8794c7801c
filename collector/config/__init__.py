"""The configuration: services.toml, typed and closed, with every fault of a file told at once."""

from collector.config.alert_notes import off_notes
from collector.config.alerting import rule_misfit
from collector.config.description import describe
from collector.config.literals import literal_secrets
from collector.config.loading import load
from collector.config.model import Config, ConfigError
from collector.config.rule_settings import default_settings, rule_settings, rule_table
from collector.config.starting import receiver_settings, receiver_token, trace_hosts
from collector.config.starting_alerts import (
    channel_faults,
    channel_secrets,
    channels_off,
    check_environment,
    dashboard_url,
    runbook_base,
)

__all__ = [
    "Config",
    "ConfigError",
    "channel_faults",
    "channel_secrets",
    "channels_off",
    "check_environment",
    "dashboard_url",
    "default_settings",
    "describe",
    "literal_secrets",
    "load",
    "off_notes",
    "receiver_settings",
    "receiver_token",
    "rule_misfit",
    "rule_settings",
    "rule_table",
    "runbook_base",
    "trace_hosts",
]
