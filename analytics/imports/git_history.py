"""All versions of the files of a folder in a git repository, fast: two processes, however many commits."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from analytics.imports.history import ImportProblem

#: A repository may name programs to be run; none is when it is only read, and nothing is fetched.
_QUIETLY = (
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "log.showSignature=false"),
    *("-c", "protocol.allow=never"),
)
#: What a partial clone lacks, git gets from where the clone says and with the program it names, unless it may
#: not. An older git knows only the second, which leaves it no way to get anything.
_OFFLINE = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "", "GIT_TERMINAL_PROMPT": "0"}

#: How git says that something is not there and would have to be fetched.
_LACKING = re.compile(rb"promisor remote|lazy fetching disabled|transport '[^']*' not allowed")
_LOG = ("log", "--reverse", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", "-z")
_FORMAT = "--format=%x01%H %at"

#: A file longer than this is none of a monitor.
_LONGEST = 100_000


class Version(NamedTuple):
    """One version of `file`: the text it had after `commit`, and when that was made (aware UTC)."""

    commit: str
    time: datetime
    file: str
    text: str


def is_work_of_git(path: Path) -> bool:
    """Whether `path` is the folder of a clone; not one that merely lies in it."""
    return (path / ".git").exists()


def is_shallow(path: Path) -> bool:
    """Whether the clone at `path` lacks older commits."""
    return _run(path, "rev-parse", "--is-shallow-repository").strip() == b"true"


def versions(path: Path, files: str) -> Iterator[Version]:
    """Every version of the `files` (`folder/*.yml`) in the clone at `path`, oldest commit first.

    Raises `ImportProblem` when git is missing or refuses.
    """
    changes = _changes(_run(path, *_LOG, _FORMAT, "--", files))
    if not changes:
        return
    texts = _texts(path, [blob for _, _, _, blob in changes])
    for (commit, time, file, _), text in zip(changes, texts, strict=True):
        yield Version(commit, time, file, text)


def _changes(log: bytes) -> list[tuple[str, datetime, str, str]]:
    """Commit, time, file and the name of its content of each change that left a file."""
    found = []
    for block in log.split(b"\x01")[1:]:
        head, *fields = block.split(b"\0")
        commit, seconds = head.decode().split()
        time = datetime.fromtimestamp(int(seconds), UTC)
        entries = [field for field in fields if field.strip()]
        for about, file in zip(entries[::2], entries[1::2], strict=True):
            blob, status = about.split()[3:5]
            if status in (b"A", b"M"):
                found.append((commit, time, file.decode("utf-8", "replace"), blob.decode()))
    return found


def _texts(path: Path, blobs: Sequence[str]) -> Iterator[str]:
    output = _run(path, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs).encode())
    place = 0
    for _ in blobs:
        end = output.index(b"\n", place)
        said = output[place:end].split()
        if said[-1] == b"missing":
            raise _incomplete(path)
        size = int(said[2])
        place = end + 1
        yield output[place : place + min(size, _LONGEST)].decode("utf-8", "replace")
        place += size + 1


def _incomplete(path: Path) -> ImportProblem:
    return ImportProblem(
        f"{path}: the content of some versions is not in this clone; a full clone is needed: "
        f"`git clone` without --filter and --depth"
    )


def _run(path: Path, *arguments: str, given: bytes = b"") -> bytes:
    git = shutil.which("git")
    if git is None:
        raise ImportProblem(f"{path}: git is needed to read it and is not installed")
    command = [git, "-C", str(path), *_QUIETLY, *arguments]
    # Inside a hook of git these say which repository is meant, whatever the command says.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    offline = {**plain, **_OFFLINE}
    done = subprocess.run(command, input=given, capture_output=True, check=False, env=offline)
    if done.returncode and _LACKING.search(done.stderr):
        raise _incomplete(path)
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise ImportProblem(f"{path}: git cannot read it: {lines[0]}")
    return done.stdout
