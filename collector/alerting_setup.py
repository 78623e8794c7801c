"""What alerting goes by beside what is seen: its settings, and what holds at a moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import duckdb

from analytics.alerting import AlertPolicy, AlertRule, Health, Route
from analytics.model import ServiceKey
from analytics.rules.alerting import Circumstances
from analytics.rules.alerting.circumstances import LONGEST_GAP
from analytics.rules.freshness import stale_after
from analytics.rules.maintenance import MaintenanceWindow, Occurrence, active
from analytics.vendor_queries import vendor_notes
from collector.probes.base import ServiceSpec
from collector.store_actions import read_mutes
from collector.store_maintenance import record

#: Between two runs of a collector that is started for each cycle nobody looks, and that is as it should be.
_GAP_BETWEEN_RUNS = timedelta(hours=2)


@dataclass(frozen=True)
class Setup:
    """What alerting goes by as long as the collector runs. `policy` is that of services.toml.

    `services` are those that are monitored. `routes` name the channels that can send. `runbook_base` and
    `dashboard` are where links lead, "" without one. `alone` says that the collector is started for each
    cycle: then a pause of up to two hours between two looks is bridged. `fits` has the rules that say
    anything of a service.
    """

    services: Mapping[ServiceKey, ServiceSpec]
    policy: AlertPolicy
    routes: tuple[Route, ...] = ()
    maintenance: tuple[MaintenanceWindow, ...] = ()
    runbook_base: str = ""
    dashboard: str = ""
    alone: bool = False
    fits: Mapping[ServiceKey, frozenset[AlertRule]] = field(default_factory=dict)


def circumstances(
    connection: duckdb.DuckDBPyConnection,
    setup: Setup,
    policy: AlertPolicy,
    health: Mapping[ServiceKey, Health],
    now: datetime,
) -> Circumstances:
    """What holds at `now`. Maintenance that takes place is put on record, in the transaction of `connection`.

    `policy` has the changes that people made while the collector ran, `health` the newest look at each
    service.
    """
    services = setup.services
    worked_on = active(setup.maintenance, services, now)
    record(connection, worked_on, now)
    return Circumstances(
        policy=policy,
        monitored=frozenset(services),
        routes=setup.routes,
        health=health,
        depends_on={key: spec.depends_on for key, spec in services.items() if spec.depends_on},
        maintenance={key: _in_maintenance(one) for key, one in worked_on.items()},
        mutes=read_mutes(connection, now),
        vendor=vendor_notes(connection, now),
        runbooks={key: spec.runbook for key, spec in services.items() if spec.runbook},
        runbook_base=setup.runbook_base,
        dashboard=setup.dashboard,
        fits=setup.fits,
        longest_gap={key: _gap(stale_after(spec.interval), setup) for key, spec in services.items()},
        own_gap=_gap(LONGEST_GAP, setup),
    )


def _gap(usual: timedelta, setup: Setup) -> timedelta:
    return max(usual, _GAP_BETWEEN_RUNS) if setup.alone else usual


def _in_maintenance(one: Occurrence) -> str:
    return f"maintenance: {one.name}, until {one.ends_at:%Y-%m-%d %H:%M} UTC"
