"""The contract of a channel: it words a message for the other side, sends it once, and says how that went.

A channel never retries; `collector.notify.deliver` does, for all alike. It raises nothing: a failure is data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from analytics.alerting import Message


class Outcome(StrEnum):
    """What became of one attempt to deliver."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """For good: the same again would be refused again (a wrong key, a channel that is gone)."""
    FAILED = "failed"
    """For now: no answer, an overload, a limit. To be tried again."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """How one attempt went. `answer` is the other side's, or why there is none: one line, no secret.

    `retry_after` is how long the other side asks to be left alone, in seconds.
    """

    outcome: Outcome
    answer: str
    retry_after: float | None = None


class Channel(Protocol):
    """One way to tell somebody."""

    @property
    def name(self) -> str:
        """As services.toml calls it."""
        ...

    @property
    def kind(self) -> str:
        """pagerduty, slack, email or webhook."""
        ...

    @property
    def for_machines(self) -> bool:
        """Whether the other side keeps a state by dedup key: it is told a trigger and its end, also late.

        People are told once what is over already.
        """
        ...

    def takes(self, message: Message) -> bool:
        """Whether this kind of channel has a way to tell `message` (PagerDuty knows no notes, no reports)."""
        ...

    def rendered(self, message: Message) -> Mapping[str, Any] | str:
        """What would be sent, without credentials: for tests, previews and the log."""
        ...

    async def send(self, message: Message) -> Receipt:
        """One attempt. Ends within the channel's timeout; raises nothing but cancellation."""
        ...
