"""The routes of what people do, put together: incidents, mutes and alert rules, over the database in use."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from starlette.routing import Route

from analytics.db import Connection, read_only
from collector.config import default_settings, rule_misfit, rule_settings, rule_table
from collector.incident_actions import IncidentActions
from collector.receiver.alert_rule_changing import Rulebook
from collector.receiver.alert_rule_routes import AlertRules
from collector.receiver.body import BodyReader
from collector.receiver.incident_routes import Incidents
from collector.receiver.mute_routes import Mutes
from collector.recorder import Recorder
from collector.wiring import Setting, utc_now

T = TypeVar("T")


def action_routes(setting: Setting, recorder: Recorder, bodies: BodyReader) -> Sequence[Route]:
    """All of them; none without `recorder.alerting`."""
    alerting = recorder.alerting
    if alerting is None:
        return []
    mask = setting.redactor.mask
    services = alerting.setup.services
    monitored = list(services)

    async def read(work: Callable[[Connection], T], /) -> T:
        return await asyncio.to_thread(_read, setting, work)

    actions = IncidentActions(recorder, alerting, utc_now)
    book = Rulebook(
        policy=setting.config.alerts,
        defaults=default_settings(),
        services=monitored,
        read=rule_settings,
        table=rule_table,
        misfit=lambda rule, service: rule_misfit(rule, service.service_type, services[service].kind.name),
    )
    return [
        *Incidents(actions, read, bodies, utc_now, mask).routes(),
        *Mutes(recorder.act, read, monitored, bodies, utc_now, mask).routes(),
        *AlertRules(recorder.act, read, book, bodies, utc_now, mask).routes(),
    ]


def _read(setting: Setting, work: Callable[[Connection], T]) -> T:
    with read_only(setting.location) as connection:
        return work(connection)
