"""What can go wrong with the database, in the words of the person who has to mend it.

    DatabaseError               one clear line: where, what, what would be right
    ├── DatabaseMissing         nothing is there yet
    ├── DatabaseBusy            another process, or this one, holds it
    ├── DatabaseUnusable        no database, no permission, no room, no server
    ├── DatabaseNewer           written by a newer version of this project
    └── CollectorRunning        a collector already writes to it

DuckDB's and the system's exceptions about opening, locking and storing are translated here and nowhere else.
Errors of a statement itself (a wrong column, a broken CHECK) are the caller's own and pass through unchanged.
"""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb


class DatabaseError(Exception):
    """The database cannot be used as asked. Its text is one line for a person, without a password."""

    def __init__(self, text: str) -> None:
        super().__init__(" ".join(text.splitlines()))


class DatabaseMissing(DatabaseError):
    """There is no database yet."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where}: there is no database yet: start the collector (python -m collector)")


class DatabaseBusy(DatabaseError):
    """Somebody holds it longer than the caller wanted to wait. `pid` is who, where that is known."""

    def __init__(self, where: str, what: str, pid: int | None = None) -> None:
        super().__init__(f"{where}: {what}")
        self.pid = pid


class DatabaseUnusable(DatabaseError):
    """It is no database, may not be opened, has no room, or its server does not answer."""


class DatabaseNewer(DatabaseError):
    """The schema was written by a newer version of this project than this one."""


class CollectorRunning(DatabaseError):
    """Another collector holds this database; the text says which."""


_NO_ROOM = "there is no room on the disk: make room"
_NO_PERMISSION = "no permission: this user must be able to read and write the file and its folder"
_NO_FOLDER = "its folder does not exist: create it or name another"
_IS_FOLDER = "it is a folder: name a file in it"

#: What DuckDB says (a part of it, any case) and what that means to a person. The first match counts.
_WORDS = (
    (r"No space left on device|File too large|Disk quota exceeded", _NO_ROOM),
    (r"Permission denied|Operation not permitted|Read-only file system", _NO_PERMISSION),
    (
        r"not a valid DuckDB database file|sqlite_scanner|Could not read enough bytes",
        "it is not a DuckDB database: name another file, or restore this one from a backup",
    ),
    (r"Corrupt|checksum|does not match", "it is damaged: restore it from a backup"),
    (
        r"Serialization|storage version|version of DuckDB",
        "it was written by another version of DuckDB: install the one in requirements.txt",
    ),
    (r"Is a directory", _IS_FOLDER),
    (r"Not a directory|No such file", _NO_FOLDER),
)

#: The kinds that tell of storage; a commit that finds no room is a `TransactionException`.
_STORAGE = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.SerializationException,
    duckdb.TransactionException,
)

#: What DuckDB says of a damaged block it meets in a query; it does not name the file.
_DAMAGED = "IO Error: Corrupt database file"

_SYSTEM_WORDS = {
    errno.ENOSPC: _NO_ROOM,
    errno.EFBIG: _NO_ROOM,
    errno.EDQUOT: _NO_ROOM,
    errno.EACCES: _NO_PERMISSION,
    errno.EPERM: _NO_PERMISSION,
    errno.EROFS: _NO_PERMISSION,
    errno.ENOENT: _NO_FOLDER,
    errno.ENOTDIR: _NO_FOLDER,
    errno.EEXIST: _NO_FOLDER,
    errno.EISDIR: _IS_FOLDER,
}

#: A password in a URL's query, in libpq keywords (quoted, or with escaped blanks), and before a URL's host.
_PASSWORD = re.compile(
    r"([?&](?:ssl)?password=)[^&\s\"]*"
    r"|(\b(?:ssl)?password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|(?:\\.|[^\s\\])+)"
    r"|(://[^:/@\s]*:)[^@\s]*(?=@)",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """`text` on one line, with the password of every connection string in it replaced by `***`."""
    return _PASSWORD.sub(lambda found: f"{found[1] or found[2] or found[3]}***", " ".join(text.split()))


class Locked(Exception):
    """Another process has the file locked. Not for callers: it becomes waiting, a copy or `DatabaseBusy`."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(pid)
        self.pid = pid


def locked(error: duckdb.Error) -> Locked | None:
    """The lock that another process holds, when that is what `error` says."""
    if not isinstance(error, duckdb.IOException) or "Could not set lock on file" not in str(error):
        return None
    found = re.search(r"\(PID (\d+)\)", str(error))
    return Locked(int(found[1]) if found else None)


def busy(where: str, pid: int | None) -> DatabaseBusy:
    """What a caller is told about a writer that is not ours or does not finish."""
    who = "another process" if pid is None else f"process {pid}"
    return DatabaseBusy(where, f"{who} has it open for writing: close it there and try again", pid)


def translated(error: duckdb.Error | OSError, where: str) -> DatabaseError | None:
    """`error` as one line about `where`; None when it is not about opening, locking or storing."""
    if isinstance(error, OSError):
        return DatabaseUnusable(
            f"{where}: {_SYSTEM_WORDS.get(error.errno or 0, error.strerror or str(error))}"
        )
    if "Unique file handle conflict" in str(error):
        return DatabaseBusy(where, "this process has it open with a connection of its own: close that first")
    if not isinstance(error, _STORAGE):
        return None
    text = mask(str(error).replace(where, "it"))
    words = next((words for pattern, words in _WORDS if re.search(pattern, text, re.IGNORECASE)), text)
    return DatabaseUnusable(f"{where}: {words}")


@contextmanager
def opening(where: str) -> Iterator[None]:
    """Turn every error of storage in the block into a `DatabaseError` about `where`; let all others pass."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        clear = translated(error, where)
        if clear is None:
            raise
        raise clear from error


@contextmanager
def using(where: str) -> Iterator[None]:
    """The same around statements of the caller, whose own files and statements are not meant.

    Only what names the database file itself, finds it damaged or leaves it unusable is about the database.
    """
    try:
        yield
    except _STORAGE as error:
        clear = translated(error, where)
        about_it = where in str(error) or isinstance(error, duckdb.FatalException)
        if clear is None or not (about_it or str(error).startswith(_DAMAGED)):
            raise
        raise clear from error
