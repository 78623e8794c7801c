"""Puts the parts of a collector together: from a configuration and a database to a cycle that can run."""

import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from analytics.alerting import AlertRule, Route
from analytics.db import Connection, DatabaseError, Location, migrate, read_only, transact
from analytics.model import ServiceKey
from collector import __version__
from collector.alerting import Alerting, Setup
from collector.config import Config, channels_off, dashboard_url, rule_misfit, runbook_base
from collector.cycle import Cycle
from collector.describing import describe
from collector.intake import Intake
from collector.judging import Judge
from collector.log import Logger
from collector.memory import Memory, recall
from collector.network import Network
from collector.probes.base import ServiceSpec
from collector.probes.http_transport import probe_client
from collector.probes.runner import Runner
from collector.recorder import Recorder
from collector.secrets import Redactor


@dataclass(frozen=True, slots=True)
class Setting:
    """What a command was started with."""

    config: Config
    location: Location
    environment: Mapping[str, str]
    redactor: Redactor
    log: Logger
    intake: Intake


def utc_now() -> datetime:
    """The wall clock; the only place that reads it for the collector."""
    return datetime.now(UTC)


def tick(config: Config) -> timedelta:
    """How often a cycle starts: the collector's interval, or the shortest of its services'."""
    return min([config.interval, *(spec.interval for spec in config.services if spec.enabled)])


def prepare_database(setting: Setting) -> dict[ServiceKey, Memory]:
    """Bring the database to the current schema, say in it what is monitored, and recall what it knows.

    Raises `analytics.db.DatabaseError` with one clear line when it cannot be used.
    """
    for name in migrate(setting.location):
        setting.log.info("migration_applied", name=name)
    transact(setting.location, partial(_describe, setting=setting))
    with read_only(setting.location) as connection:
        return recall(connection, utc_now())


def _describe(connection: Connection, setting: Setting) -> None:
    describe(connection, setting.config, setting.environment, setting.redactor, utc_now())


def alerting_setup(setting: Setting, alone: bool = False) -> Setup:
    """What the alert rules go by: the services that are looked at, and the channels that can send.

    `alone` says that the collector is started for each cycle.
    """
    config, environment = setting.config, setting.environment
    off = channels_off(config, environment)
    services = {spec.key: spec for spec in config.services if spec.enabled}
    return Setup(
        services=services,
        policy=config.alerts,
        routes=tuple(
            Route(channel.name, frozenset(channel.severities))
            for channel in config.channels
            if channel.name not in off
        ),
        maintenance=config.maintenance,
        runbook_base=runbook_base(config, environment),
        dashboard=dashboard_url(config, environment),
        alone=alone,
        fits={key: _fitting(spec) for key, spec in services.items()},
    )


def _fitting(spec: ServiceSpec) -> frozenset[AlertRule]:
    """The rules that say anything of `spec`."""
    kind = spec.key.service_type
    return frozenset(rule for rule in AlertRule if rule_misfit(rule, kind, spec.kind.name) is None)


def ready_alerting(setting: Setting, alone: bool = False) -> Alerting:
    """The rules, after they ended what is not monitored any more.

    When they cannot, the log says so and monitoring goes on. Raises a `DatabaseError`.
    """
    alerting = Alerting(alerting_setup(setting, alone))
    try:
        transact(setting.location, lambda connection: alerting.begin(connection, utc_now()))
        alerting.committed()
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001  the rules must not keep the monitor from its work
        alerting.rolled_back()
        alerting.failure = f"{type(error).__name__}: {error}"
        setting.log.error("alerting_failed", reason=alerting.failure)
    return alerting


@asynccontextmanager
async def ready_cycle(
    setting: Setting, memory: dict[ServiceKey, Memory], alone: bool = False
) -> AsyncIterator[Cycle]:
    """A cycle over the configured services, with the one HTTP client open for as long as it is used.

    `alone` says that no other cycle follows.
    """
    for kind in {spec.kind.name: spec.kind for spec in setting.config.services if spec.enabled}.values():
        kind.load()
    alerting = ready_alerting(setting, alone)
    async with probe_client() as http:
        yield Cycle(
            specs=[spec for spec in setting.config.services if spec.enabled],
            interval=tick(setting.config),
            retry_interval=setting.config.retry_interval,
            runner=Runner(http, setting.environment, setting.redactor, utc_now),
            network=Network(setting.config.canary),
            recorder=Recorder(
                setting.location, Judge(setting.environment), setting.log, alerting, now=utc_now
            ),
            log=setting.log,
            collector=f"{socket.gethostname()}:{os.getpid()}",
            version=__version__,
            memory=memory,
            alone=alone,
        )
