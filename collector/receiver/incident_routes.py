"""`/incidents…`: which there are, what happened, and what people do: acknowledge, resolve, add a note."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from analytics.db import Connection
from analytics.model import IncidentState
from analytics.named_sql import query
from analytics.rules.alerting import ActionRefused
from collector.receiver.acting import Work, answered, id_of, plain
from collector.receiver.action_body import WrongBody, author_of, note_of, read_object
from collector.receiver.answers import json_answer, refusal

#: What is listed when nothing is said: what is open, and what was not long ago.
_LOOKED_BACK = timedelta(days=7)
_MOST_LISTED = 500
_STATES = ("open", "resolved", "all")

_Row = dict[str, Any]


class Actions(Protocol):
    """What people can do about an incident. Each is over when it is committed.

    Raises `ActionRefused` with one line for people, or a `DatabaseError`.
    """

    async def acknowledge(self, incident_id: UUID, author: str, note: str) -> None: ...

    async def resolve(self, incident_id: UUID, author: str, note: str) -> None: ...

    async def add_note(self, incident_id: UUID, author: str, note: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Incidents:
    """The routes. `read` reads the database; `mask` takes known secrets out of a text."""

    actions: Actions
    read: Work
    read_body: Callable[[Request], Awaitable[bytes]]
    now: Callable[[], datetime]
    mask: Callable[[str], str]

    def routes(self) -> list[Route]:
        """All of them."""
        table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("GET", "/incidents", self._list),
            ("GET", "/incidents/{id}", self._show),
            ("POST", "/incidents/{id}/acknowledge", self._acknowledge),
            ("POST", "/incidents/{id}/resolve", self._resolve),
            ("POST", "/incidents/{id}/note", self._note),
        ]
        return [
            Route(path, partial(answered, handle, self.mask), methods=[method])
            for method, path, handle in table
        ]

    async def _list(self, request: Request) -> Response:
        state = request.query_params.get("state", "all")
        if state not in _STATES:
            return refusal(400, "the parameter state must be open, resolved or all")
        now = self.now()
        found = await self.read(lambda connection: _recent(connection, now))
        if state != "all":
            found = [
                row for row in found if (row["status"] == IncidentState.RESOLVED) == (state == "resolved")
            ]
        return json_answer(200, {"incidents": found[:_MOST_LISTED], "more": len(found) > _MOST_LISTED})

    async def _show(self, request: Request) -> Response:
        found = await self._whole(id_of(request))
        return _unknown() if found is None else json_answer(200, found)

    async def _acknowledge(self, request: Request) -> Response:
        author, note = await self._said(request, note_required=False)
        return await self._act(request, self.actions.acknowledge, author, note, _acknowledged_before)

    async def _resolve(self, request: Request) -> Response:
        author, note = await self._said(request, note_required=True)
        return await self._act(request, self.actions.resolve, author, note, _resolved_before)

    async def _note(self, request: Request) -> Response:
        author, note = await self._said(request, note_required=True)
        return await self._act(request, self.actions.add_note, author, note, _noted_before)

    async def _whole(self, incident_id: UUID | None) -> _Row | None:
        """The incident with its events and notifications; None when there is none."""
        if incident_id is None:
            return None
        now = self.now()
        return await self.read(lambda connection: _whole(connection, incident_id, now))

    async def _said(self, request: Request, note_required: bool) -> tuple[str, str]:
        body, faults = await read_object(request, self.read_body, ("author", "note"))
        author = author_of(body, faults, self.mask)
        note = note_of(body, faults, self.mask, note_required)
        if faults:
            raise WrongBody(faults)
        return author, note

    async def _act(
        self,
        request: Request,
        action: Callable[[UUID, str, str], Awaitable[None]],
        author: str,
        note: str,
        done_before: Callable[[Mapping[str, Any], str, str], bool | str],
    ) -> Response:
        """Do it, unless it was done before: then it is well if the same person did it, else 409."""
        incident_id = id_of(request)
        found = await self._whole(incident_id)
        if incident_id is None or found is None:
            return _unknown()
        done = done_before(found, author, note)
        refused = ""
        if done is False:
            try:
                await action(incident_id, author, note)
                done = True
            except ActionRefused as error:
                refused = str(error)
            found = await self._whole(incident_id) or found
        if refused:  # Somebody was faster, and it may have been the same person.
            done = done_before(found, author, note) or refused
        return json_answer(200, found) if done is True else refusal(409, str(done))


def _acknowledged_before(incident: Mapping[str, Any], author: str, _: str) -> bool | str:
    if incident["status"] == IncidentState.RESOLVED:
        return _over(incident)
    if incident["status"] != IncidentState.INVESTIGATING:
        return False
    by = incident["acknowledged_by"]
    return by == author or f"acknowledged already by {by} at {incident['acknowledged_at']}"


def _resolved_before(incident: Mapping[str, Any], author: str, _: str) -> bool | str:
    if incident["status"] != IncidentState.RESOLVED:
        return False
    return _resolver(incident) == author or _over(incident)


def _noted_before(incident: Mapping[str, Any], author: str, note: str) -> bool | str:
    """Whether the last thing that was said is the same: somebody's program sent it again."""
    events = incident["events"]
    last = events[-1] if events else None
    return last is not None and (last["kind"], last["author"], last["message"]) == ("note", author, note)


def _over(incident: Mapping[str, Any]) -> str:
    return f"resolved already by {_resolver(incident)} at {incident['resolved_at']}"


def _resolver(incident: Mapping[str, Any]) -> str:
    ends = [event["author"] for event in incident["events"] if event["kind"] == "resolved"]
    return ends[-1] if ends else "collector"


def _unknown() -> Response:
    return refusal(404, "no incident has this id; GET /incidents lists them")


def _recent(connection: Connection, now: datetime) -> list[_Row]:
    # A clock that was set back must not hide what is open.
    span = {"since": now - _LOOKED_BACK, "until": now + timedelta(days=1), "now": now}
    return _rows(connection, "incidents_between", span)


def _whole(connection: Connection, incident_id: UUID, now: datetime) -> _Row | None:
    found = _rows(connection, "one_incident", {"id": incident_id, "now": now})
    if not found:
        return None
    events = _rows(connection, "incident_timeline", {"id": incident_id})
    sent = _rows(connection, "incident_notifications", {"id": incident_id})
    return {**found[0], "events": events, "notifications": sent}


def _rows(connection: Connection, name: str, values: Mapping[str, Any]) -> list[_Row]:
    cursor = connection.execute(query(name), values)
    columns = [column[0] for column in cursor.description]
    return [
        {column: plain(value) for column, value in zip(columns, row, strict=True)}
        for row in cursor.fetchall()
    ]
