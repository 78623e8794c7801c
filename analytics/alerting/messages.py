"""What people and machines are told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from analytics.model import Severity


class Action(StrEnum):
    """What a message does on the other side."""

    TRIGGER = "trigger"
    UPDATE = "update"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    REPORT = "report"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Message:
    """What people and machines are told: facts alone; each channel words them in its own way.

    `service` is `type/name` or "collector". `over` says that what it is about ended before it could be sent.
    `runbook` and `dashboard` are URLs, or "" without one. `author` and `note` are those of a person who
    acted. `path` is where the files of a report are, without their ending.
    """

    action: Action
    dedup_key: str
    service: str
    severity: Severity
    title: str
    text: str
    at: datetime
    began_at: datetime
    rule: str = ""
    reason: str = ""
    incident_id: str = ""
    ended_at: datetime | None = None
    author: str = ""
    note: str = ""
    vendor: str = ""
    relapses: int = 0
    affected: tuple[str, ...] = ()
    runbook: str = ""
    dashboard: str = ""
    over: bool = False
    path: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message of the outbox: to one channel."""

    channel: str
    message: Message
    incident_id: UUID | None = None
