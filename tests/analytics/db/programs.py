"""The other processes of the database tests, and how a test talks to them.

Run as `python -m tests.analytics.db.programs <name> <arguments>`; each answers line by line. They import
DuckDB and `analytics.db` only, so that a start costs little.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import duckdb

from analytics.db import (
    CollectorLock,
    DatabaseError,
    FileLocation,
    LakeLocation,
    Location,
    keep_pandas_out,
    migrate,
    read_only,
    transact,
)
from tests.analytics.db.runs import insert_run, run_counts

_ROOT = Path(__file__).parents[3]


class Program:
    """A running program of this module. Killed at the end of the `with` block, if it did not end before."""

    def __init__(self, name: str, *arguments: object) -> None:
        command = [sys.executable, "-m", "tests.analytics.db.programs", name, *map(str, arguments)]
        self.process = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def line(self) -> str:
        """The next line it says; '' when it ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ask(self, text: str = "") -> str:
        """Say `text` and return the answer."""
        self.say(text)
        return self.line()

    def say(self, text: str = "") -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")

    def rest(self) -> list[str]:
        """Everything it said and nobody read, up to its end."""
        assert self.process.stdout is not None
        return self.process.stdout.read().splitlines()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):  # of what it was told and did not read
                    stream.close()


def camper(path: str) -> None:
    """A notebook: keeps the file open with DuckDB itself and counts the runs whenever it is asked."""
    connection = duckdb.connect(path, read_only=True)
    for _ in _questions("camping"):
        counts = connection.execute("SELECT count(*), sum(checks) FROM collector_runs").fetchone()
        checks = connection.execute("SELECT count(*) FROM integration_health_checks").fetchone()
        print(json.dumps([counts, checks]), flush=True)


def foreign_writer(path: str) -> None:
    """A tool that is not ours and has the file open for writing."""
    connection = duckdb.connect(path)
    for _ in _questions("writing"):
        print(connection.execute("SELECT count(*) FROM collector_runs").fetchone(), flush=True)


def busy_reader(path: str) -> None:
    """A tool that opens the file, reads for 30 ms and opens it again at once, for ever."""
    print("reading", flush=True)
    while True:
        try:
            connection = duckdb.connect(path, read_only=True)
        except duckdb.Error:
            continue
        with connection:
            connection.execute("SELECT count(*) FROM integration_health_checks").fetchone()
            time.sleep(0.03)


def writer(where: str, checks: str = "16", patience: str = "0.02") -> None:
    """Commits one run after another as soon as it is told to, and says the id of each committed one."""
    location = _location(where)
    for _ in _questions("ready"):
        break
    while True:
        run = transact(location, lambda connection: insert_run(connection, int(checks)), float(patience))
        print(run, flush=True)


def killed_before(path: str, step: str, what: str = "commit") -> None:
    """Commits a run or migrates, and is killed before the `step`-th thing it does to a file of the database.

    When there were fewer things to do, it says in the end what it did.
    """
    left = int(step)

    def watch(event: str, values: tuple[object, ...]) -> None:
        nonlocal left
        touched = event in ("open", "os.rename", "os.remove", "os.chmod") and str(values[0]).startswith(path)
        if touched or event in ("fcntl.flock", "fcntl.lockf"):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), 9)

    sys.addaudithook(watch)
    location = FileLocation(Path(path))
    print(transact(location, insert_run, 0.02) if what == "commit" else migrate(location), flush=True)


def limited_writer(path: str, most: str) -> None:
    """Tries to commit a run in a process that may write no file larger than `most` bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
    try:
        transact(FileLocation(Path(path)), lambda connection: insert_run(connection, 20_000))
    except DatabaseError as error:
        print(f"{type(error).__name__}: {error}", flush=True)


def commits(where: str, count: str, patience: str = "0.2", pause: str = "0") -> None:
    """Commits `count` runs, each `pause` seconds after the other, and says when each was committed."""
    location = _location(where)
    for _ in range(int(count)):
        run = transact(location, lambda connection: insert_run(connection, 16), float(patience))
        print(json.dumps([run, time.time()]), flush=True)
        time.sleep(float(pause))


def poller(path: str) -> None:
    """A dashboard: looks again and again until its input ends, and says when it first saw each run."""
    location, seen = FileLocation(Path(path)), set[str]()
    os.set_blocking(sys.stdin.fileno(), False)
    print("polling", flush=True)
    stopping = False
    while not stopping:
        stopping = bool(sys.stdin.read(1))
        with read_only(location) as connection:
            rows = connection.execute("SELECT id::VARCHAR FROM collector_runs").fetchall()
            counts = run_counts(connection)
        now = time.time()
        assert len(rows) >= len(seen), "a run that was there is gone"
        assert all(said == there for said, there in counts), "a run is half there"
        for (run,) in rows:
            if run not in seen:
                seen.add(run)
                print(json.dumps([run, now]), flush=True)
        time.sleep(0.01)


def crash(path: str, hold: str) -> None:
    """A writer that dies without closing: committed rows are in the write-ahead log only."""
    connection = _open_between_readers(path)
    connection.execute("PRAGMA disable_checkpoint_on_shutdown")
    for _ in range(int(hold)):
        connection.execute("BEGIN")
        insert_run(connection, 16)
        connection.execute("COMMIT")
    os.kill(os.getpid(), 9)


def forks(path: str) -> None:
    """Reads and writes, forks, and both go on."""
    location = FileLocation(Path(path))
    transact(location, insert_run)
    with read_only(location) as connection:
        run_counts(connection)
    child = os.fork()
    if not child:
        with ExitStack() as stack:
            stack.callback(os._exit, 0)
            transact(location, insert_run)
            with read_only(location) as own:
                print("child", len(run_counts(own)), flush=True)
    os.waitpid(child, 0)
    with read_only(location) as connection:
        print("parent", len(run_counts(connection)), flush=True)


def _open_between_readers(path: str) -> duckdb.DuckDBPyConnection:
    while True:
        try:
            return duckdb.connect(path)
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise


def migrator(where: str) -> None:
    """Migrates as soon as it is told to, and says which steps it took or what went wrong."""
    for _ in _questions("ready"):
        try:
            print(json.dumps(migrate(_location(where))), flush=True)
        except DatabaseError as error:
            print(f"{type(error).__name__}: {error}", flush=True)


def lock_holder(path: str) -> None:
    """A collector that only holds its lock."""
    with CollectorLock(FileLocation(Path(path))):
        for _ in _questions("held"):
            break


def _questions(first: str) -> Iterator[str]:
    print(first, flush=True)
    yield from sys.stdin


def _location(text: str) -> Location:
    """A path, or a lake as JSON `[connection, data path]`."""
    if text.startswith("["):
        return LakeLocation(*json.loads(text))
    return FileLocation(Path(text))


PROGRAMS = (
    busy_reader,
    camper,
    commits,
    crash,
    foreign_writer,
    forks,
    killed_before,
    limited_writer,
    lock_holder,
    migrator,
    poller,
    writer,
)

if __name__ == "__main__":
    keep_pandas_out()
    {program.__name__: program for program in PROGRAMS}[sys.argv[1]](*sys.argv[2:])
