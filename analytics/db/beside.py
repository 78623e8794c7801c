"""Queries that run at the same time as others."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import duckdb

T = TypeVar("T")
Connection = duckdb.DuckDBPyConnection


class Beside:
    """Runs work in threads, each on a connection of its own to the same database."""

    def __init__(self, connection: Connection, pool: ThreadPoolExecutor) -> None:
        self._connection, self._pool = connection, pool
        row = connection.execute("SELECT current_catalog(), current_schema()").fetchone()
        assert row is not None
        self._place = ".".join('"' + name.replace('"', '""') + '"' for name in row)

    def start(self, work: Callable[[Connection], T]) -> "Future[T]":
        """What `work` will have returned, or raised."""
        return self._pool.submit(self._run, self._connection.cursor(), work)

    def _run(self, connection: Connection, work: Callable[[Connection], T]) -> T:
        with connection:
            connection.execute(f"USE {self._place}")
            return work(connection)


@contextmanager
def beside(connection: Connection, threads: int) -> Iterator[Beside]:
    """For work beside `connection`, in at most so many threads; all of it has ended after the block.

    It sees what is committed: not what an open transaction of `connection` has changed.
    """
    with ThreadPoolExecutor(threads) as pool:
        yield Beside(connection, pool)
