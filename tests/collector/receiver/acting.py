"""The routes of people's actions over a real database, with the rules' own acknowledge, resolve and note."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
from starlette.types import ASGIApp

from analytics.alerting import AlertPolicy, AlertRule, Incident
from analytics.db import Connection, Location, read_only, transact
from analytics.ids import uuid7
from analytics.model import IncidentState, Reason, ServiceKey, ServiceType, Severity
from analytics.rules.alerting import AlertingState, Circumstances, Step, acknowledge, add_note, resolve
from collector.config import default_settings, rule_misfit, rule_settings, rule_table
from collector.receiver.alert_rule_changing import Rulebook
from collector.receiver.alert_rule_routes import AlertRules
from collector.receiver.app import receiver_app
from collector.receiver.body import BodyReader
from collector.receiver.incident_routes import Incidents
from collector.receiver.mute_routes import Mutes
from collector.receiver.settings import ReceiverSettings
from collector.secrets import Redactor
from collector.store_alerting import AlertingChanges, load_alerts, load_incident, save
from tests.collector.receiver.receiving import BEARER, TOKEN, Events
from tests.empty_database import empty_database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHOP, CHAT = ServiceKey(ServiceType.API, "shopify"), ServiceKey(ServiceType.API, "chatwoot")
T = TypeVar("T")


def misfit(rule: AlertRule, service: ServiceKey) -> str | None:
    """Why `rule` has nothing to say of `service`, which is probed with HTTP."""
    return rule_misfit(rule, service.service_type, "http")


@dataclass
class Acting:
    """A database, the routes over it, and a clock. `writes` counts transactions of actions."""

    location: Location
    policy: AlertPolicy = field(default_factory=lambda: AlertPolicy(default_settings()))
    now: datetime = NOW
    writes: int = 0
    failure: Exception | None = None
    redactor: Redactor = field(default_factory=Redactor)
    app: ASGIApp = field(init=False)
    http: httpx.AsyncClient = field(init=False)

    async def act(self, work: Callable[[Connection], T], /) -> T:
        if self.failure is not None:
            raise self.failure
        await asyncio.sleep(0)  # others may come in between, as in front of the recorder's thread
        self.writes += 1
        return transact(self.location, work)

    async def read(self, work: Callable[[Connection], T], /) -> T:
        with read_only(self.location) as connection:
            return work(connection)

    async def acknowledge(self, incident_id: UUID, author: str, note: str) -> None:
        await self._step(acknowledge, incident_id, author, note)

    async def resolve(self, incident_id: UUID, author: str, note: str) -> None:
        await self._step(resolve, incident_id, author, note)

    async def add_note(self, incident_id: UUID, author: str, note: str) -> None:
        await self._step(add_note, incident_id, author, note)

    async def _step(self, action: Callable[..., Step], incident_id: UUID, author: str, note: str) -> None:
        def work(connection: Connection) -> None:
            found = load_incident(connection, incident_id)
            alerts = {(alert.rule, alert.service, alert.about): alert for alert in load_alerts(connection)}
            state = AlertingState(alerts, () if found is None else (found,))
            circumstances = Circumstances(policy=self.policy, monitored=frozenset({SHOP, CHAT}))
            step = action(state, incident_id, author, note, circumstances, self.now, uuid7)
            save(
                connection,
                AlertingChanges(
                    step.changed_alerts,
                    step.removed_alerts,
                    step.changed_incidents,
                    step.events,
                    step.alert_events,
                ),
            )

        await self.act(work)

    def incident(self, **said: Any) -> UUID:
        """A new incident of Shopify in the database, open unless said otherwise."""
        incident = Incident(
            **{
                "id": uuid7(),
                "service": SHOP,
                "began_at": NOW - timedelta(seconds=30),
                "created_at": NOW - timedelta(seconds=20),
                "severity": Severity.CRITICAL,
                "state": IncidentState.OPEN,
                "title": "Shopify API down",
                "description": "no answer in 10 s",
                "rule": AlertRule.SERVICE_DOWN,
                "reason": Reason.TIMEOUT,
                **said,
            }
        )
        transact(self.location, lambda connection: save(connection, AlertingChanges(incidents=[incident])))
        return incident.id

    async def send(self, method: str, path: str, content: Any = None) -> tuple[int, Any]:
        """Status and JSON of the answer; `content` goes as it is if it is bytes, else as JSON."""
        body = content if isinstance(content, bytes | None) else json.dumps(content)
        answer = await self.http.request(method, path, content=body)
        return answer.status_code, answer.json()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with read_only(self.location) as connection:
            return connection.execute(statement).fetchall()


@asynccontextmanager
async def acting(
    folder: Path, policy: AlertPolicy | None = None, token: str | None = TOKEN
) -> AsyncIterator[Acting]:
    """The routes behind the receiver's own app, its token and its errors, without a socket."""
    here = Acting(empty_database(folder))
    here.policy = policy or here.policy
    bodies = BodyReader(ReceiverSettings(port=0))
    book = Rulebook(here.policy, default_settings(), (SHOP, CHAT), rule_settings, rule_table, misfit)
    said = (bodies, lambda: here.now, here.redactor.mask)
    routes = [
        *Incidents(here, here.read, *said).routes(),
        *Mutes(here.act, here.read, (SHOP, CHAT), *said).routes(),
        *AlertRules(here.act, here.read, book, *said).routes(),
    ]
    here.app = receiver_app(token, bodies, Events().logger(), routes)
    transport = httpx.ASGITransport(here.app)
    async with httpx.AsyncClient(
        verify=False, transport=transport, base_url="http://collector", headers=BEARER
    ) as http:
        here.http = http
        yield here
