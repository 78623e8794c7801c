"""`/mutes`: who wants not to hear of what, and until when. Checks and incidents' ends go on."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from analytics.alerting import AlertRule, Mute
from analytics.ids import uuid7
from analytics.model import ServiceKey
from collector.receiver.acting import Work, answered, id_of, written_time
from collector.receiver.action_body import (
    BodyFault,
    WrongBody,
    author_of,
    mute_span_of,
    named,
    note_of,
    read_object,
)
from collector.receiver.answers import json_answer, refusal
from collector.store_actions import end_mute, insert_mute, read_mutes

_KEYS = ("service", "rule", "for", "author", "note")


@dataclass(frozen=True, slots=True)
class Mutes:
    """The routes. `act` writes, `read` reads the database; `monitored` is what can be muted."""

    act: Work
    read: Work
    monitored: Sequence[ServiceKey]
    read_body: Callable[[Request], Awaitable[bytes]]
    now: Callable[[], datetime]
    mask: Callable[[str], str]

    def routes(self) -> list[Route]:
        """One an address, so that a wrong method is told all that are right."""
        return [
            Route("/mutes", partial(answered, self._handle, self.mask), methods=["GET", "POST"]),
            Route("/mutes/{id}", partial(answered, self._end, self.mask), methods=["DELETE"]),
        ]

    async def _handle(self, request: Request) -> Response:
        return await (self._add(request) if request.method == "POST" else self._list())

    async def _list(self) -> Response:
        now = self.now()
        found = await self.read(lambda connection: read_mutes(connection, now))
        return json_answer(200, {"mutes": [_content(mute) for mute in found]})

    async def _add(self, request: Request) -> Response:
        body, faults = await read_object(request, self.read_body, _KEYS)
        service = self._service(body, faults)
        rule = _rule(body, faults)
        span = mute_span_of(body, faults)
        author = author_of(body, faults, self.mask)
        note = note_of(body, faults, self.mask)
        if faults:
            raise WrongBody(faults)
        now = self.now()
        mute = Mute(uuid7(), service, rule, now + span, author, note)
        await self.act(lambda connection: insert_mute(connection, mute, now))
        return json_answer(201, _content(mute), {"Location": f"/mutes/{mute.id}"})

    async def _end(self, request: Request) -> Response:
        body, faults = await read_object(request, self.read_body, ("author",))
        author = author_of({**request.query_params, **body}, faults, self.mask)
        if faults:
            raise WrongBody(faults)
        mute_id, now = id_of(request), self.now()
        muted = await self.read(lambda connection: read_mutes(connection, now))
        found = next((mute for mute in muted if mute.id == mute_id), None)
        if found is None:
            return refusal(404, "no mute that still holds has this id; GET /mutes lists them")
        await self.act(lambda connection: end_mute(connection, found.id, author, now))
        return json_answer(200, {**_content(found), "until": written_time(now), "ended_by": author})

    def _service(self, body: Mapping[str, Any], faults: list[BodyFault]) -> ServiceKey | None:
        known = {str(service): service for service in self.monitored}
        name = named(body.get("service"), "service", list(known), "null for all services", faults)
        return None if name is None else known[name]


def _rule(body: Mapping[str, Any], faults: list[BodyFault]) -> AlertRule | None:
    rules = [rule.value for rule in AlertRule]
    name = named(body.get("rule"), "rule", rules, "null for all rules", faults)
    return None if name is None else AlertRule(name)


def _content(mute: Mute) -> dict[str, Any]:
    return {
        "id": str(mute.id),
        "service": None if mute.service is None else str(mute.service),
        "rule": mute.rule,
        "until": written_time(mute.until),
        "author": mute.author,
        "note": mute.note,
    }
