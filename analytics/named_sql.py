"""The named queries of `analytics/sql/`: SQL is read from files, never put together in code.

A file holds any number of queries. Each begins with `-- name: some_name`, then one or more comment lines that
say what it returns, then the statement. The files of `sql/schema/` are migrations and not read here.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"

_NAME = re.compile(r"^-- name:\s*(\S*)\s*$")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """One query: its name, what its comment says, its statement, and the file it stands in."""

    name: str
    doc: str
    sql: str
    file: str


def query(name: str) -> str:
    """The statement called `name`; KeyError that lists the known names when there is none."""
    found = catalogue().get(name)
    if found is None:
        raise KeyError(
            f"no query is named {name!r} in {FOLDER.name}/; known: {', '.join(sorted(catalogue()))}"
        )
    return found.sql


@cache
def catalogue() -> dict[str, NamedQuery]:
    """Every named query by its name; read once a process."""
    return read_folder(FOLDER)


def read_folder(folder: Path) -> dict[str, NamedQuery]:
    """The queries of the `*.sql` files directly in `folder`.

    ValueError names the file of one that is written wrongly or stands there twice.
    """
    queries: dict[str, NamedQuery] = {}
    for path in sorted(folder.glob("*.sql")):
        for found in parse(path.read_text(encoding="utf-8"), path.name):
            if found.name in queries:
                raise ValueError(f"{path.name}: {found.name!r} is also in {queries[found.name].file}")
            queries[found.name] = found
    return queries


def parse(text: str, file: str) -> list[NamedQuery]:
    """The queries of one file's `text`; `file` is named in errors."""
    blocks: list[tuple[str, list[str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        heading = _NAME.match(line)
        if heading:
            if not _IDENTIFIER.fullmatch(heading[1]):
                raise ValueError(f"{file}:{number}: a query's name is lower_case, not {heading[1]!r}")
            blocks.append((heading[1], []))
        elif blocks:
            blocks[-1][1].append(line)
        elif line.strip() and not line.startswith("--"):
            raise ValueError(f"{file}:{number}: SQL before the first '-- name:' line")
    return [_query(name, lines, file) for name, lines in blocks]


def _query(name: str, lines: list[str], file: str) -> NamedQuery:
    doc: list[str] = []
    for line in lines:
        if not line.startswith("--"):
            break
        doc.append(line.removeprefix("--").strip())
    sql = "\n".join(lines[len(doc) :]).strip().removesuffix(";")
    if not any(doc):
        raise ValueError(f"{file}: {name!r} needs a comment line under its name that says what it returns")
    if not sql:
        raise ValueError(f"{file}: {name!r} has no statement")
    return NamedQuery(name, " ".join(doc), sql, file)
