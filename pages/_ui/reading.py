"""The only cache: each question to the database is asked once for all viewers, whoever asks first.

A question is a function of an open connection, the time, and arguments that can be hashed. What it answers
is shared as it is, never copied: nobody may change it. Troubles are shared too: a busy database is asked
once, not once a viewer.

In the server `keep_fresh` reads anew what pages show as soon as the file changes: no viewer waits for it.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Event, Lock
from typing import Any, Concatenate, ParamSpec, TypeVar

from analytics.db import Connection
from pages._ui.answers import (
    Answer,
    Database,
    Problem,
    Trouble,
    answer,
    current_database,
    read,
    stamp_of,
    utc_now,
)

__all__ = [
    "LIFETIME_SECONDS",
    "REFRESH_SECONDS",
    "Answer",
    "Problem",
    "Question",
    "Trouble",
    "ask",
    "clear",
    "continued",
    "forget",
    "keep_fresh",
    "paced",
    "read",
    "utc_now",
]

#: How often a page refreshes, in seconds; what is cached lives a little shorter, so every refresh is new.
REFRESH_SECONDS = 5
LIFETIME_SECONDS = 4.0

#: An answer lives so much longer while the file is the very same; then it is read anew, for time moves on.
_UNCHANGED_SECONDS = 30.0

#: What was asked for in this time is shown on a page just now.
_IN_USE_SECONDS = 2.5 * REFRESH_SECONDS

#: How often a changed file is looked for, and how long a question rests after its reading: at least so long,
#: and as long as this many readings take, so that a file written all the time does not keep a core busy.
_LOOK_SECONDS = 0.25
_REST_SECONDS = 0.5
_REST_READINGS = 5
_REST_AFTER_TROUBLE_SECONDS = 1.0

#: Answers kept: those of the pages open just now. The one asked for longest ago goes first, and what nobody
#: has wanted for so long goes too.
_KEPT = 256
_KEPT_SECONDS = 600.0

T = TypeVar("T")
P = ParamSpec("P")
Question = Callable[Concatenate[Connection, datetime, P], T]


@dataclass(slots=True)
class _Entry:
    """One question with its newest answer.

    `stamp` is the state of the file it was read from, `asked` when that began and `took` how long it took,
    `used` when a viewer last wanted it, `forgotten` when what was asked before stopped to count; all on the
    monotonic clock, in seconds. `pace` is how old it may be.
    """

    database: Database
    work: Callable[..., Any]
    pace: float | None
    continued: bool = False
    lock: Lock = field(default_factory=Lock)
    answer: Answer[Any] | None = None
    asked: float = 0.0
    took: float = 0.0
    used: float = 0.0
    forgotten: float = 0.0
    stamp: tuple[int, ...] | None = None

    @property
    def counts(self) -> bool:
        """Whether there is an answer, and none that was being read while all were forgotten."""
        return self.answer is not None and self.asked > self.forgotten

    def renew(self) -> None:
        """Read the answer anew. The caller holds the lock."""
        self.stamp = stamp_of(self.database)
        began = time.monotonic()
        work = self.work
        if self.continued:
            held = self.answer.value if self.answer is not None and self.counts else None
            work = partial(work, before=held)
        self.answer = answer(self.database, self.answer, work)
        self.asked, self.took = began, time.monotonic() - began

    def is_fresh(self) -> bool:
        """Whether the answer may be given as it is."""
        if self.answer is None or not self.counts:
            return False
        pace = LIFETIME_SECONDS if self.pace is None else self.pace
        return self._is_younger(LIFETIME_SECONDS if self.answer.problem else pace, pace)

    def is_due(self) -> bool:
        """Whether it is to be read anew before somebody asks."""
        if self.answer is None or not self.counts:
            return True
        if self.answer.problem:
            return time.monotonic() - self.asked >= _REST_AFTER_TROUBLE_SECONDS
        rest = max(_REST_SECONDS, _REST_READINGS * self.took) if self.pace is None else self.pace
        return not self._is_younger(rest, rest)

    def _is_younger(self, changed: float, unchanged: float) -> bool:
        """Than `changed` seconds; while the file is the same than half a minute, or a longer `unchanged`."""
        age = time.monotonic() - self.asked
        if age < changed or self.stamp is None or self.answer is None or self.answer.problem:
            return age < changed
        return age < max(unchanged, _UNCHANGED_SECONDS) and self.stamp == stamp_of(self.database)


_entries: OrderedDict[Hashable, _Entry] = OrderedDict()
_paces: dict[Hashable, float] = {}
_continued: set[Hashable] = set()
_entries_lock = Lock()
_kept_fresh_at: list[float] = []


def paced(seconds: float) -> Callable[[Question[P, T]], Question[P, T]]:
    """Says of a question that its answer may be `seconds` old: for what moves slowly and is dear to read."""

    def noted(question: Question[P, T]) -> Question[P, T]:
        _paces[question] = seconds
        return question

    return noted


def continued(question: Question[P, T]) -> Question[P, T]:
    """Says of a question that it takes `before`, its last answer, None at first and when all is forgotten."""
    _continued.add(question)
    return question


def ask(question: Question[P, T], /, *arguments: P.args, **named: P.kwargs) -> Answer[T]:
    """The newest answer to `question(connection, now, *arguments)`: at most a few seconds old.

    While the file stays as it is, an answer is kept up to half a minute. Viewers who ask the same at the same
    time wait for one reading; nobody waits while `keep_fresh` sees to it.
    """
    database = current_database()
    key = (database, question, arguments, tuple(sorted(named.items())))
    entry = _entry(key, lambda: _made(question, database, arguments, named))
    wanted_before, entry.used = entry.used, time.monotonic()
    held = entry.answer
    if held is not None and entry.counts and _is_seen_to(wanted_before):
        return held
    with entry.lock:
        if not entry.is_fresh():
            entry.renew()
        return entry.answer  # type: ignore[return-value]


def keep_fresh(stop: Event) -> None:
    """Read what is shown just now as soon as the file has changed, before a viewer asks; until `stop`."""
    while not stop.wait(_LOOK_SECONDS):
        renew_what_is_due()
    _kept_fresh_at.clear()


def renew_what_is_due() -> None:
    """Read anew, the quickest first, what is wanted on some page and has changed."""
    _kept_fresh_at[:] = [time.monotonic()]
    with _entries_lock:
        long_ago = time.monotonic() - _KEPT_SECONDS
        for key in [key for key, entry in _entries.items() if 0 < entry.used < long_ago]:
            del _entries[key]
        wanted = [entry for entry in _entries.values() if _is_in_use(entry.used)]
    for entry in sorted(wanted, key=lambda one: one.took):
        if entry.is_due():
            with entry.lock:
                entry.renew()
        _kept_fresh_at[:] = [time.monotonic()]


def forget() -> None:
    """Make every next answer a fresh one; the last good ones stay for when the database is busy."""
    with _entries_lock:
        for entry in _entries.values():
            entry.forgotten = time.monotonic()


def clear() -> None:
    """Forget everything, as after a start."""
    with _entries_lock:
        _entries.clear()


def _is_in_use(used: float) -> bool:
    return time.monotonic() - used < _IN_USE_SECONDS


def _is_seen_to(wanted_before: float) -> bool:
    """Whether what was wanted then is being kept fresh."""
    alive = _kept_fresh_at and time.monotonic() - _kept_fresh_at[0] < LIFETIME_SECONDS
    return bool(alive) and _is_in_use(wanted_before)


def _made(question: Any, database: Database, arguments: Any, named: Any) -> _Entry:
    def work(connection: Connection, now: datetime, **more: Any) -> Any:
        return question(connection, now, *arguments, **named, **more)

    return _Entry(database, work, _paces.get(question), question in _continued)


def _entry(key: Hashable, make: Callable[[], _Entry]) -> _Entry:
    with _entries_lock:
        if key not in _entries:
            _entries[key] = make()
        _entries.move_to_end(key)
        while len(_entries) > _KEPT:
            _entries.popitem(last=False)
        return _entries[key]
