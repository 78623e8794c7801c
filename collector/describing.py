"""The database explains itself: what is monitored, what it is judged by, and who is told of trouble."""

from collections.abc import Mapping
from datetime import datetime

from analytics.alerting import AlertPolicy, AlertRule
from analytics.db import Connection
from analytics.model import Basis, ServiceInfo
from collector.config import Config, channels_off
from collector.probes.base import ServiceSpec
from collector.probes.traffic import window_name
from collector.secrets import Redactor
from collector.store import replace_services
from collector.store_settings import replace_alert_rules, replace_channels


def describe(
    connection: Connection, config: Config, environment: Mapping[str, str], redactor: Redactor, now: datetime
) -> None:
    """Make the database say what `config` says, in a transaction of the caller; what it says already stays.

    Of the channels those that can send: what would have been sent can be told from the file alone.
    """
    infos = [service_info(spec, redactor, config.alerts) for spec in config.services]
    replace_services(connection, infos, now)
    replace_alert_rules(connection, config.alerts, now)
    off = channels_off(config, environment)
    replace_channels(connection, [channel for channel in config.channels if channel.name not in off], now)


def service_info(spec: ServiceSpec, redactor: Redactor, alerts: AlertPolicy) -> ServiceInfo:
    """`spec` as the database may show it: no credentials, variables by name; its promise is in `alerts`."""
    return ServiceInfo(
        service=spec.key,
        probe=spec.kind.name,
        target=redactor.mask(spec.options.target()),
        interval=spec.interval,
        policy=spec.policy,
        enabled=spec.enabled,
        depends_on=spec.depends_on,
        runbook=spec.runbook,
        traffic_name=None if spec.policy.basis is Basis.PRESENT else window_name(spec),
        objective=alerts.settings(AlertRule.SLO_BURN, spec.key).objective,
    )
