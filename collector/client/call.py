"""One logical call, with all its attempts, and the row it leaves. Decides everything and does no I/O.

A face (async or not) sends; this says whether to send again and after how long, keeps the breaker informed,
and hands exactly one row to the recorder, however the call ends.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from collector.client.breaker import CircuitBreaker, Permit, Transition
from collector.client.messages import error_message, secrets_of, status_message
from collector.client.quota import Quota
from collector.client.reasons import (
    CircuitOpen,
    call_reason,
    is_given_up,
    is_of_the_request,
    is_own_fault,
    is_transport_failure,
)
from collector.client.recorder import Recorder
from collector.client.refusals import Refusal
from collector.client.retry import (
    RetryPolicy,
    Safety,
    may_repeat_error,
    may_repeat_status,
    retry_after_seconds,
    safety,
)

T = TypeVar("T")

#: A socket takes no timeout of 0 or less; a deadline that has just passed leaves this many seconds.
_SHORTEST_TIMEOUT = 0.001

_log = logging.getLogger("collector.client")


@dataclass(frozen=True)
class Caller:
    """What all calls of one client have in common. `clock` gives seconds, `random` 0 up to 1."""

    api: str
    origin: str
    retry: RetryPolicy
    breaker: CircuitBreaker | None
    recorder: Recorder
    quota: Callable[[httpx.Response], Quota | None]
    refusal: Callable[[httpx.Response], Refusal | None]
    now: Callable[[], datetime]
    clock: Callable[[], float]
    random: Callable[[], float]

    def record_transition(self, change: Transition | None) -> None:
        """Hand a change of the circuit's state to the recorder; None is no change."""
        if change is not None:
            row = {
                "timestamp": self.now(),
                "api_name": self.api,
                "origin": self.origin,
                "old_state": change.old_state,
                "new_state": change.new_state,
                "message": change.message,
            }
            self._record(self.recorder.record_circuit_event, row)

    def record_call(self, row: Mapping[str, Any]) -> None:
        """Hand the row of a finished call to the recorder."""
        self._record(self.recorder.record_call, row)

    def _record(self, take: Callable[[Mapping[str, Any]], None], row: Mapping[str, Any]) -> None:
        try:
            take(row)
        except Exception as error:  # noqa: BLE001  a recorder that fails must not fail the caller's request
            _log.debug("the recorder raised %s", type(error).__name__)


class Call:
    """Use as a context manager around all attempts; leaving it writes the row.

    Before each attempt call `attempt`, after it `answered` or `failed`: they give the seconds to wait before
    the next one, None when the call is over.
    """

    def __init__(
        self, caller: Caller, request: httpx.Request, endpoint: str, idempotent: bool | None = None
    ) -> None:
        self._caller = caller
        self._request = request
        self._endpoint = endpoint
        replayable = isinstance(request.stream, httpx.ByteStream)
        self._safety = safety(request.method, request.headers, idempotent, replayable)
        self._timestamp = caller.now()
        self._started = caller.clock()
        self._permit: Permit | None = None
        self._attempts = 0
        self._failed: bool | None = None
        self._streaming = False
        self._response: httpx.Response | None = None
        self._refusal: Refusal | None = None

    def __enter__(self) -> Self:
        return self

    def attempt(self) -> None:
        """Begin an attempt. Raises `CircuitOpen` instead of letting the first one through."""
        self._attempts += 1
        self._failed = None
        self._response = self._refusal = None
        if self._attempts > 1:
            self._cut_timeouts()
        elif self._caller.breaker is not None:
            try:
                self._permit = self._caller.breaker.enter(self._caller.api, self._timestamp)
            except CircuitOpen as error:
                error.request = self._request
                raise
            self._caller.record_transition(self._permit.transition)

    def answered(self, response: httpx.Response, shown: httpx.Response | None = None) -> float | None:
        """The attempt brought `response`. Seconds to wait before the next, None: it stands.

        `shown` is what the reader of refusals sees when the body of `response` is still to be read.
        """
        self._failed = 500 <= response.status_code < 600
        self._response = response
        self._refusal = self._look(self._caller.refusal, shown or response)
        if self._refusal is not None and self._refusal.reason == "quota_exhausted":
            return None
        only_hop = response.request is self._request and not response.history
        if not may_repeat_status(response.status_code, self._safety_after(only_hop)):
            return None
        return self._pause(retry_after_seconds(response.headers, self._caller.now()))

    def failed(self, error: Exception) -> float | None:
        """The attempt raised `error`. Seconds to wait before the next, None: raise it."""
        if isinstance(error, httpx.HTTPStatusError):
            return self.answered(error.response)
        if is_transport_failure(error):
            self._failed = None if is_own_fault(error) else True
        # httpx sets it where a request is sent; an error without it does not prove which hop it is of.
        only_hop = getattr(error, "_request", None) is self._request
        return self._pause(None) if may_repeat_error(error, self._safety_after(only_hop)) else None

    def goes_on(self) -> bool:
        """Whether the next attempt may still be sent, after its pause: the circuit may have opened meanwhile.

        If not, what the last attempt brought stands.
        """
        breaker = self._caller.breaker
        return self._permit is None or breaker is None or breaker.admits_repetition(self._permit)

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        elapsed = self._caller.clock() - self._started
        if self._streaming and error is not None and not is_of_the_request(error):
            error = None
        change = self._leave()
        self._caller.record_call(self._row(error, elapsed))
        self._caller.record_transition(change)

    def streaming(self) -> None:
        """The answer began well and its body is now the caller's to read, for as long as that takes.

        The circuit need not wait for it; and what the caller raises meanwhile, or that it stops reading or is
        cancelled, is no failure of the API.
        """
        self._streaming = True
        self._caller.record_transition(self._leave())

    def _leave(self) -> Transition | None:
        permit, self._permit = self._permit, None
        if permit is None or self._caller.breaker is None:
            return None
        return self._caller.breaker.leave(permit, self._failed)

    def _safety_after(self, only_hop: bool) -> Safety:
        """A redirect or an authentication that went on to another request proves that ours was processed,
        whatever became of the other: then only what may be processed twice is sent again.
        """
        return self._safety if only_hop or self._safety is Safety.ANY else Safety.NEVER

    def _pause(self, retry_after: float | None) -> float | None:
        caller = self._caller
        pause = caller.retry.pause(self._attempts - 1, retry_after, caller.random)
        if pause is None or caller.clock() - self._started + pause >= caller.retry.deadline:
            return None
        return pause if self.goes_on() else None

    def _cut_timeouts(self) -> None:
        """A repetition must not outlast the deadline; the first attempt has what the caller gave it."""
        left = max(_SHORTEST_TIMEOUT, self._caller.retry.deadline - (self._caller.clock() - self._started))
        timeouts = self._request.extensions.get("timeout") or {}
        self._request.extensions = {
            **self._request.extensions,
            "timeout": {
                name: left if value is None else min(value, left) for name, value in timeouts.items()
            },
        }

    def _row(self, error: BaseException | None, elapsed: float) -> dict[str, Any]:
        response = error.response if isinstance(error, httpx.HTTPStatusError) else self._response
        if error is not None and not isinstance(error, httpx.HTTPStatusError):
            response = None
        status = None if response is None else response.status_code
        row: dict[str, Any] = {
            "timestamp": self._timestamp,
            "api_name": self._caller.api,
            "endpoint": self._endpoint,
            "method": self._request.method,
            "status_code": status if status is not None and 100 <= status < 600 else None,
            "response_time_ms": max(0, round(1000.0 * elapsed)),
            "error_message": self._message(status, error, elapsed),
            "retries": max(0, self._attempts - 1),
            "reason": self._refusal.reason if self._refusal and response else call_reason(status, error),
            "origin": self._caller.origin,
        }
        quota = self._look(self._caller.quota, response) if response is not None else None
        if quota is not None:
            row["quota_name"], row["quota_used"] = quota.name, quota.used
            row["quota_limit"], row["quota_reset_at"] = quota.limit, quota.reset_at
        return row

    def _message(self, status: int | None, error: BaseException | None, elapsed: float) -> str | None:
        if error is not None and is_given_up(error):
            return f"the program gave up after {1000.0 * elapsed:.0f} ms"
        if status is None and error is not None:
            return error_message(error, secrets_of(self._request))
        if self._refusal is not None:
            return self._refusal.message
        return status_message(status) if status is not None and (error or status >= 400) else None

    def _look(self, reader: Callable[[httpx.Response], T | None], response: httpx.Response) -> T | None:
        try:
            return reader(response)
        except Exception as error:  # noqa: BLE001  a reader of the user's own must not fail the request
            _log.debug("the reader %r raised %s", getattr(reader, "__name__", ""), type(error).__name__)
            return None
