"""What people do to incidents, done where the cycle writes: between two of its parts, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from collector.alerting import Alerting
from collector.recorder import Recorder


@dataclass(frozen=True)
class IncidentActions:
    """Acknowledge, resolve and note. Each is over when it is committed.

    Raises `analytics.rules.alerting.ActionRefused` with one line for people, or a `DatabaseError`.
    """

    recorder: Recorder
    alerting: Alerting
    now: Callable[[], datetime]

    async def acknowledge(self, incident_id: UUID, author: str, note: str) -> None:
        """`author` looks into it."""
        await self.recorder.act(
            lambda connection: self.alerting.acknowledge(connection, incident_id, author, note, self.now())
        )

    async def resolve(self, incident_id: UUID, author: str, note: str) -> None:
        """`author` says that it is over."""
        await self.recorder.act(
            lambda connection: self.alerting.resolve(connection, incident_id, author, note, self.now())
        )

    async def add_note(self, incident_id: UUID, author: str, note: str) -> None:
        """One more entry of the timeline."""
        await self.recorder.act(
            lambda connection: self.alerting.add_note(connection, incident_id, author, note, self.now())
        )
