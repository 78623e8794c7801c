"""What a valid configuration is, and what is raised for one that is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from analytics.alerting import AlertPolicy
from analytics.rules.maintenance import MaintenanceWindow
from collector.config.receiving import ReceiverTable
from collector.heartbeat import HeartbeatSettings
from collector.notify.options import ChannelSpec
from collector.probes.base import ServiceSpec
from collector.reports.settings import ReportSettings
from collector.vendors.feed import VendorFeed


class ConfigError(Exception):
    """A configuration that cannot be used. `faults` holds one full line each, in the order of the file."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = list(faults)


@dataclass(frozen=True)
class Config:
    """A validated services.toml. `services` keep its order; `canary` holds `host:port` targets.

    `trace_hosts` is what the file says of hosts in traces: pattern → name of the API. `runbooks` is the base
    of the links to runbooks, "" when the collector serves them; `dashboard` the dashboard's URL. It stands as
    it is written, as do the options of `channels` and the heartbeat's URL: `starting_alerts` fills them.
    """

    path: Path
    interval: timedelta
    timeout: timedelta
    retention_days: int
    rollup_months: int
    canary: tuple[str, ...]
    retry_interval: timedelta
    services: tuple[ServiceSpec, ...]
    receiver: ReceiverTable
    trace_hosts: Mapping[str, str]
    alerts: AlertPolicy
    runbooks: str
    dashboard: str
    channels: tuple[ChannelSpec, ...] = field(repr=False)
    maintenance: tuple[MaintenanceWindow, ...]
    heartbeat: HeartbeatSettings | None = field(repr=False)
    reports: ReportSettings | None
    vendors: tuple[VendorFeed, ...]
