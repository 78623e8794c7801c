"""State that belongs to one process and must not be used by a child it forks."""

import os
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def per_process(make: Callable[[], T]) -> Callable[[], T]:
    """A function that returns this process's own `T`, made at its first call.

    After a fork the child makes a new one. The parent's stays referenced and untouched: DuckDB's threads, the
    locks of its files and its connections to a server did not survive the fork, so it may not even be closed.
    """
    made: dict[int, T] = {}

    def of_this_process() -> T:
        found = made.get(os.getpid())
        return found if found is not None else made.setdefault(os.getpid(), make())

    return of_this_process
