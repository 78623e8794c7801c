"""What is drawn of the same answers for the same second is drawn once for all viewers.

    cards = shared(card, group, setting)

Plain values are the same when they are equal, everything else when it is the very same object: what answers
hold is shared among viewers and never changed.
"""

import time
from collections.abc import Callable, Hashable
from datetime import datetime
from enum import Enum
from threading import Lock
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from analytics.model import ServiceKey
from pages._ui.view import View

#: What nobody asked for in this time is forgotten; a page asks every few seconds.
_KEPT_SECONDS = 15.0

_PLAIN = (str, int, float, type(None), datetime, Enum, ServiceKey, View, ZoneInfo)

P = ParamSpec("P")
T = TypeVar("T")

#: By what was asked for: what came of it, what it was made from, and when it was asked for last.
_made: dict[Hashable, tuple[Any, tuple[Any, ...], float]] = {}
_lock = Lock()


def shared(work: Callable[P, T], /, *given: P.args, **named: P.kwargs) -> T:
    """`work(*given, **named)`, of which nothing but the arguments decides what it gives."""
    arguments: tuple[Any, ...] = (*given, *named.values())
    key: Hashable = (work, tuple(named), *map(_key, arguments))
    now = time.monotonic()
    found = _made.get(key)
    # What it was made from is held as long as its place is known by it: no other object can take that place.
    made: T = work(*given, **named) if found is None else found[0]
    with _lock:
        if found is None:
            for old in [one for one, (_, _, used) in _made.items() if now - used > _KEPT_SECONDS]:
                del _made[old]
        _made[key] = (made, arguments, now)
    return made


def _key(argument: object) -> Hashable:
    if isinstance(argument, _PLAIN):
        return type(argument), argument
    if isinstance(argument, tuple):
        return tuple(map(_key, argument))
    return id(argument)
