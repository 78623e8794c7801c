"""A circuit breaker: after some failures in a row, leave the API alone for a while, then try one call.

States and words as in M. Nygard, "Release It!": closed (calls pass), open (calls are refused), half open (one
trial call decides). Safe under threads and tasks: every decision is taken under one lock, and nothing waits.
"""

import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.client.reasons import CircuitOpen

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half_open"


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state; the message says why, in a sentence."""

    old_state: str
    new_state: str
    message: str


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave for one call. `era` counts the changes of state and the trials that took another's place: the
    result of a call from an older era says nothing about the present one. `transition` is the change that
    giving this permit made.
    """

    era: int
    trial: bool = False
    transition: Transition | None = None


class CircuitBreaker:
    """The state of one API, as the calls of this process found it.

    Opens after `failures` failed calls in a row: transport errors, timeouts and 5xx; an answer with 4xx is a
    sign of life. Stays open for `open_seconds`, then lets exactly one call try; after as long again without
    its result another. May be shared by several clients of the same API. `clock` gives monotonic seconds.
    """

    def __init__(
        self, failures: int = 5, open_seconds: float = 30.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if failures < 1:
            raise ValueError(f"CircuitBreaker: failures is {failures}; 1 or more would be right")
        if not 0 < open_seconds < float("inf"):
            raise ValueError(f"CircuitBreaker: open_seconds is {open_seconds}; more than 0 would be right")
        self._limit = failures
        self._open_seconds = open_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._state = CLOSED
        self._failures = 0
        self._opened_at = 0.0
        self._era = 0
        self._trying = False
        self._tried_at = 0.0
        _living.add(self)

    @property
    def state(self) -> str:
        """closed, open or half_open. An open one becomes half open with the next call after its time."""
        return self._state

    def enter(self, api: str, now: datetime) -> Permit:
        """Leave for one call; give it back with `leave`, whatever happens. Raises `CircuitOpen`.

        `now` is only used to say until when.
        """
        with self._lock:
            if self._state == CLOSED:
                return Permit(self._era)
            if self._state == OPEN:
                wait = self._opened_at + self._open_seconds - self._clock()
                if wait > 0:
                    raise _open(api, wait, now)
                message = f"{self._open_seconds:g} s have passed; one call may try"
                changed = self._change(HALF_OPEN, message)
                return self._trial(changed)
            if self._trying:
                if self._clock() - self._tried_at < self._open_seconds:
                    raise CircuitOpen(f"the circuit of {api} is half open: one call is trying; not sent", 0.0)
                self._era += 1
            return self._trial(None)

    def leave(self, permit: Permit, failed: bool | None) -> Transition | None:
        """Give `permit` back with the result of its call; None says that the call was given up.

        Returns the change of state this makes.
        """
        with self._lock:
            if permit.era != self._era:
                return None
            if permit.trial:
                self._trying = False
            if failed is None:
                return None
            if not failed:
                self._failures = 0
                return self._change(CLOSED, "the trial call was answered") if permit.trial else None
            self._failures += 1
            if permit.trial:
                return self._change(OPEN, "the trial call failed")
            if self._failures >= self._limit:
                return self._change(OPEN, f"{self._failures} calls failed in a row")
            return None

    def admits_repetition(self, permit: Permit) -> bool:
        """Whether the call of `permit` may be sent once more: a trial may not, and none while it is open."""
        return not permit.trial and permit.era == self._era

    def _trial(self, transition: Transition | None) -> Permit:
        self._trying, self._tried_at = True, self._clock()
        return Permit(self._era, trial=True, transition=transition)

    def _change(self, state: str, message: str) -> Transition:
        changed = Transition(self._state, state, message)
        self._state = state
        self._era += 1
        self._trying = False
        self._failures = 0
        if state == OPEN:
            self._opened_at = self._clock()
        return changed


def _open(api: str, wait: float, now: datetime) -> CircuitOpen:
    until = (now + timedelta(seconds=wait)).isoformat(timespec="seconds").replace("+00:00", "Z")
    return CircuitOpen(f"the circuit of {api} is open until {until}, for {wait:.1f} s; not sent", wait)


def _after_fork_in_child() -> None:
    """Another thread of the parent may have held a lock that nobody in the child would ever release, and a
    trial that is under way is the parent's: its result never comes here.
    """
    for breaker in list(_living):
        breaker._lock = threading.Lock()
        breaker._trying = False


_living: "weakref.WeakSet[CircuitBreaker]" = weakref.WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
