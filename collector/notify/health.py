"""How delivery goes, as /healthz and the alert about failing delivery see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DeliveryHealth:
    """`waiting` counts messages by channel. `failing` holds the channels that accepted nothing since they
    failed or refused something, with the moment of that, and `last_error` what one of them said. `failure`
    says why the outbox cannot be read or written, None when it can; `unrecorded` counts outcomes that wait
    for that. `round_at` is the newest good look at the outbox.
    """

    waiting: Mapping[str, int]
    oldest_waiting_at: datetime | None
    failing: Mapping[str, datetime]
    last_error: str
    failure: str | None
    unrecorded: int
    round_at: datetime | None
