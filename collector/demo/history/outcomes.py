"""What came of the calls of the past, while it is being decided."""

from dataclasses import dataclass

from analytics.model import Reason
from collector.demo.history.batch import Bools, Floats, Ints, Texts


@dataclass
class Outcomes:
    """What came of each call; arrays side by side, which are changed in place. `status` NaN: no answer came.

    `texts` holds the texts of `reason` and `message`.
    """

    time: Ints
    response_ms: Floats
    failed: Bools
    status: Floats
    reason: Ints
    message: Ints
    retries: Ints
    texts: Texts

    def fail(self, places: Bools | Ints, status: float, reason: Reason, message: str) -> None:
        """Let the calls at `places` fail in the same way."""
        self.failed[places] = True
        self.status[places] = status
        self.reason[places] = self.texts.code(reason.value)
        self.message[places] = self.texts.code(message)
