"""Who listens on a port of this machine, as far as the system tells this user."""

from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_LISTENING = "0A"


def listener(port: int) -> str:
    """Which process listens on TCP `port`: `process 4711 (python)`; empty when that is not known.

    The system tells it of the processes of this user alone, and on Linux alone. Arguments are left out: they
    may hold a password.
    """
    sockets = {f"socket:[{inode}]" for inode in _listening_on(port)}
    for process in sorted(_PROC.glob("[0-9]*")) if sockets else ():
        try:
            if any(str(link.readlink()) in sockets for link in (process / "fd").iterdir()):
                return f"process {process.name} ({(process / 'comm').read_text().strip()})"
        except OSError:
            continue
    return ""


def _listening_on(port: int) -> Iterator[str]:
    """The inodes of the sockets that listen on `port`."""
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]
