"""One POST, and what its answer means for a message: the same for every channel that speaks HTTP."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from collector.client.retry import retry_after_seconds
from collector.duration import written
from collector.notify.base import Outcome, Receipt
from collector.notify.wording import line
from collector.probes.base import ProbeContext, ProbeFailure
from collector.probes.http_fetch import Fetched, fetch
from collector.secrets import Redactor

#: Answers of the other side that a repeat may change: RFC 9110, RFC 8470 (425) and RFC 6585 (429).
_PASSING = frozenset({408, 425, 429})
#: Moved for good (RFC 9110): a message is never sent on to where an answer points.
_MOVED = frozenset({301, 308})
_ANSWER_LIMIT = 16 * 1024
_LONGEST_ANSWER = 300


@dataclass(frozen=True)
class Endpoint:
    """Where a channel posts to. `clock` gives seconds since 1970; shows nothing in its repr.

    `hints` says, by HTTP status, what a refusal of this kind of channel usually means.
    """

    http: httpx.AsyncClient
    url: str
    timeout: timedelta
    redactor: Redactor
    clock: Callable[[], float] = time.time
    hints: Mapping[int, str] | None = None

    def __repr__(self) -> str:
        return "Endpoint()"

    async def post(
        self,
        body: bytes,
        headers: Mapping[str, str],
        judge: Callable[[int, str], Outcome | None] = lambda _status, _text: None,
    ) -> Receipt:
        """Send `body` once and say how that went; ends within the timeout, raises nothing but cancellation.

        `judge` may decide by status and body; None leaves it to the status.
        """
        context = ProbeContext(self.http, self.timeout.total_seconds())
        sent = {"Content-Type": "application/json", **headers}
        try:
            async with asyncio.timeout(self.timeout.total_seconds()):
                answer = await fetch(
                    context, "POST", self.url, headers=sent, content=body, body_limit=_ANSWER_LIMIT
                )
        except TimeoutError:
            return Receipt(Outcome.FAILED, f"no answer within {written(self.timeout)}")
        except ProbeFailure as failure:
            return Receipt(Outcome.FAILED, self._shown(failure.message))
        return self._receipt(answer, judge)

    def _receipt(self, answer: Fetched, judge: Callable[[int, str], Outcome | None]) -> Receipt:
        text = answer.text()
        outcome = judge(answer.status, text) or by_status(answer.status)
        hint = (self.hints or {}).get(answer.status, "") if outcome is Outcome.REFUSED else ""
        if 300 <= answer.status < 400:
            hint = "it redirects, and messages are sent nowhere else; write the address it points to"
        said = self._shown(f"{answer.status} {text}")
        wait = None
        if outcome is Outcome.FAILED:
            wait = retry_after_seconds(answer.headers, datetime.fromtimestamp(self.clock(), UTC))
        return Receipt(outcome, f"{said} ({hint})" if hint else said, wait)

    def _shown(self, text: str) -> str:
        """Masked before it is cut: half a secret would not be recognised."""
        return line(self.redactor.mask(text), _LONGEST_ANSWER)


def by_status(status: int) -> Outcome:
    """What an HTTP status says of a message: accepted, refused for good, or failed for now."""
    if 200 <= status < 300:
        return Outcome.ACCEPTED
    refused = status in _MOVED or (400 <= status < 500 and status not in _PASSING)
    return Outcome.REFUSED if refused else Outcome.FAILED
