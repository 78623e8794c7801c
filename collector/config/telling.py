"""What the file says about telling people: alerts, channels, maintenance, heartbeat, reports, vendors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analytics.alerting import AlertPolicy
from analytics.rules.maintenance import MaintenanceWindow
from collector.config.alerting import alert_misfits, policy_of, read_alerts
from collector.config.channels import read_channels
from collector.config.faults import Fault
from collector.config.maintenance import read_maintenance
from collector.config.relations import by_name
from collector.config.reporting import read_reports
from collector.config.services import Draft
from collector.config.watching import read_heartbeat, read_vendors
from collector.heartbeat import HeartbeatSettings
from collector.notify.options import ChannelSpec
from collector.reports.settings import ReportSettings
from collector.vendors.feed import VendorFeed


@dataclass(frozen=True)
class Telling:
    """What is alerted on, and who is told how. Variables stand in it as `${NAME}`.

    `runbooks` is the base of the links to runbooks, "" when the collector serves them; `dashboard` the
    dashboard's URL.
    """

    alerts: AlertPolicy
    runbooks: str
    dashboard: str
    channels: tuple[ChannelSpec, ...] = field(repr=False)
    maintenance: tuple[MaintenanceWindow, ...]
    heartbeat: HeartbeatSettings | None = field(repr=False)
    reports: ReportSettings | None
    vendors: tuple[VendorFeed, ...]


def read_telling(document: Mapping[str, Any], drafts: Sequence[Draft]) -> tuple[Telling, list[Fault]]:
    """The parts as far as they are right, and the faults of all of them."""
    known = by_name(drafts)
    alerts, faults = read_alerts(document.get("alerts", {}))
    channels, wrong_channels = read_channels(document.get("channels", {}))
    windows, wrong_windows = read_maintenance(document.get("maintenance", []), known)
    heartbeat, wrong_heartbeat = read_heartbeat(document.get("heartbeat"))
    reports, wrong_reports = read_reports(document.get("reports"))
    vendors, wrong_vendors = read_vendors(document.get("vendors", []), known)
    faults += wrong_channels + wrong_windows + wrong_heartbeat + wrong_reports + wrong_vendors
    faults += [fault for draft in drafts for fault in alert_misfits(draft)]
    telling = Telling(
        alerts=policy_of(alerts, drafts),
        runbooks=alerts.runbooks,
        dashboard=alerts.dashboard,
        channels=channels,
        maintenance=windows,
        heartbeat=heartbeat,
        reports=reports,
        vendors=vendors,
    )
    return telling, faults
