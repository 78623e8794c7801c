"""What `--check-config` prints of alerts, channels, maintenance, heartbeat, reports and vendors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from analytics.alerting import AlertRule, RuleSettings
from analytics.model import ServiceKey
from analytics.rules.maintenance import MaintenanceWindow, next_occurrence, occurrence
from collector.config.alert_notes import mailed_by
from collector.config.columns import aligned, variable_state
from collector.config.maintenance import written_moment
from collector.config.model import Config
from collector.config.moments import DAYS
from collector.config.rule_settings import rule_table
from collector.config.starting_alerts import channels_off
from collector.duration import written
from collector.secrets import references

_RULE_HEADINGS = ("ALERT", "SEVERITY", "SETTINGS")
_CHANNEL_HEADINGS = ("CHANNEL", "KIND", "TELLS OF", "VARIABLES")
_SHOWN_APART = ("enabled", "severity")


def describe_alerts(config: Config, environment: Mapping[str, str], now: datetime | None) -> list[str]:
    """The lines, without one at the end that is empty. Without `now` no dates of maintenance are told."""
    return [
        *aligned([_RULE_HEADINGS, *_rules(config)]),
        "",
        *_channels(config, environment),
        "",
        f"maintenance: {_maintenance(config.maintenance, now)}",
        f"heartbeat: {_heartbeat(config, environment)}",
        f"reports: {_reports(config, environment)}",
        f"vendors: {_vendors(config)}",
    ]


def _rules(config: Config) -> list[tuple[str, ...]]:
    """One row a rule; below it, set in, what single services have of their own."""
    rows: list[tuple[str, ...]] = []
    policy = config.alerts
    for rule in AlertRule:
        settings = policy.rules[rule]
        rows.append((rule.value, _severity(settings), _settings(rule, settings)))
        own = {service: value for (service, other), value in policy.overrides.items() if other is rule}
        rows += [_exception(rule, service, value, settings) for service, value in own.items()]
    return rows


def _exception(
    rule: AlertRule, service: ServiceKey, settings: RuleSettings, base: RuleSettings
) -> tuple[str, ...]:
    mine, others = rule_table(rule, settings), rule_table(rule, base)
    differs = {key: value for key, value in mine.items() if value != others[key]}
    severity = _severity(settings) if _severity(settings) != _severity(base) else ""
    return (f"  {service}", severity, _pairs(differs) or "as all")


def _severity(settings: RuleSettings) -> str:
    return settings.severity.value if settings.enabled else "off"


def _settings(rule: AlertRule, settings: RuleSettings) -> str:
    return _pairs(rule_table(rule, settings)) or "-"


def _pairs(table: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in table.items() if key not in _SHOWN_APART)


def _channels(config: Config, environment: Mapping[str, str]) -> list[str]:
    if not config.channels:
        return ["channels: none"]
    rows = [
        (
            spec.name + (" (off)" if spec.name in channels_off(config, environment) else ""),
            spec.kind,
            ", ".join(severity.value for severity in spec.severities),
            ", ".join(variable_state(name, environment) for name in spec.variables()) or "none needed",
        )
        for spec in config.channels
    ]
    return aligned([_CHANNEL_HEADINGS, *rows])


def _maintenance(windows: Sequence[MaintenanceWindow], now: datetime | None) -> str:
    if not windows:
        return "none"
    count = f"{len(windows)} window{'' if len(windows) == 1 else 's'}"
    if now is None:
        return count
    on = [(span, window) for window in windows if (span := occurrence(window, now))]
    ahead = [(span, window) for window in windows if (span := next_occurrence(window, now))]
    said = [f"now {_span(window, span)}" for span, window in on]
    if ahead:
        span, window = min(ahead, key=lambda pair: pair[0])
        said.append(f"next {_span(window, span)}")
    return f"{count}; {'; '.join(said) or 'all of them are over'}"


def _span(window: MaintenanceWindow, span: tuple[datetime, datetime]) -> str:
    services = ", ".join(sorted(map(str, window.services))) if window.services is not None else "all services"
    return f'"{window.name}", {written_moment(span[0])} to {written_moment(span[1])}, {services}'


def _heartbeat(config: Config, environment: Mapping[str, str]) -> str:
    if config.heartbeat is None:
        return "off"
    names = dict.fromkeys(references(config.heartbeat.url))
    state = ", ".join(variable_state(name, environment) for name in names) or "to the URL in the file"
    off = "off, " if any(not environment.get(name) for name in names) else ""
    return f"{off}{state}, timeout {written(config.heartbeat.timeout)}"


def _reports(config: Config, environment: Mapping[str, str]) -> str:
    reports = config.reports
    if reports is None:
        return "off"
    said = [f"daily at {reports.daily:%H:%M}"] if reports.daily is not None else []
    if reports.weekly is not None:
        day, clock = reports.weekly
        said.append(f"weekly on {DAYS[day]} at {clock:%H:%M}")
    mailed = ", ".join(mailed_by(config, channels_off(config, environment))) or "nobody"
    return f"{', '.join(said)} ({reports.timezone}), kept in {reports.folder}, mailed by {mailed}"


def _vendors(config: Config) -> str:
    if not config.vendors:
        return "none"
    count = f"{len(config.vendors)} feed{'' if len(config.vendors) == 1 else 's'}"
    return f"{count}: {', '.join(feed.name for feed in config.vendors)}"
