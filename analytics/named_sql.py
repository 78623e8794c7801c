"""The named queries of `analytics/sql/`: SQL is read from files, never put together in code.

A file holds any number of queries. Each begins with `-- name: some_name`, then one or more comment lines that
say what it returns, then the statement. What several queries begin with is a part: it is written the same way
under `-- part: some_name`, and a query or part that says `-- uses: some_name, another` has it as a common
table expression of that name. The files of `sql/schema/` are migrations and not read here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"

_HEADING = re.compile(r"^-- (name|part):\s*(\S*)\s*$")
_USES = re.compile(r"^-- uses:\s*(.*?)\s*$")
_WITH = re.compile(r"WITH\s+(?!RECURSIVE\b)", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """One query: its name, what its comment says, its statement, and the file it stands in.

    `uses` are the parts it names, `is_part` says that it is one itself.
    """

    name: str
    doc: str
    sql: str
    file: str
    uses: tuple[str, ...] = ()
    is_part: bool = False


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
    """The queries of the `*.sql` files directly in `folder`, the parts they use put before them.

    ValueError names the file of one that is written wrongly, stands there twice, or uses what there is not.
    """
    found: dict[str, NamedQuery] = {}
    for path in sorted(folder.glob("*.sql")):
        for one in parse(path.read_text(encoding="utf-8"), path.name):
            if one.name in found:
                raise ValueError(f"{path.name}: {one.name!r} is also in {found[one.name].file}")
            found[one.name] = one
    parts = {name: one for name, one in found.items() if one.is_part}
    return {name: with_parts(one, parts) for name, one in found.items() if not one.is_part}


def parse(text: str, file: str) -> list[NamedQuery]:
    """The queries and parts of one file's `text`, as they stand there; `file` is named in errors."""
    blocks: list[tuple[str, str, list[str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        heading = _HEADING.match(line)
        if heading:
            if not _IDENTIFIER.fullmatch(heading[2]):
                raise ValueError(f"{file}:{number}: a query's name is lower_case, not {heading[2]!r}")
            blocks.append((heading[1], heading[2], []))
        elif blocks:
            blocks[-1][2].append(line)
        elif line.strip() and not line.startswith("--"):
            raise ValueError(f"{file}:{number}: SQL before the first '-- name:' line")
    return [_query(kind, name, lines, file) for kind, name, lines in blocks]


def with_parts(one: NamedQuery, parts: Mapping[str, NamedQuery]) -> NamedQuery:
    """`one` with every part it uses, and those that they use, as common table expressions before it."""
    needed: dict[str, NamedQuery] = {}

    def need(user: NamedQuery, path: tuple[str, ...]) -> None:
        for name in user.uses:
            if name not in parts:
                raise ValueError(f"{user.file}: {user.name!r} uses {name!r}, which is no part")
            if name in path:
                raise ValueError(f"{user.file}: {name!r} uses itself")
            if name not in needed:
                need(parts[name], (*path, name))
                needed[name] = parts[name]

    need(one, ())
    if not needed:
        return one
    expressions = ",\n".join(f"{name} AS (\n{part.sql}\n)" for name, part in needed.items())
    own = _WITH.match(one.sql)
    rest = f",\n{one.sql[own.end() :]}" if own else f"\n{one.sql}"
    return replace(one, sql=f"WITH {expressions}{rest}")


def _query(kind: str, name: str, lines: list[str], file: str) -> NamedQuery:
    comment = list(takewhile(lambda line: line.startswith("--"), lines))
    doc = [line.removeprefix("--").strip() for line in comment if not _USES.match(line)]
    used = [found[1] for line in comment if (found := _USES.match(line))]
    sql = "\n".join(lines[len(comment) :]).strip().removesuffix(";")
    if not any(doc):
        raise ValueError(f"{file}: {name!r} needs a comment line under its name that says what it returns")
    if not sql:
        raise ValueError(f"{file}: {name!r} has no statement")
    uses = tuple(part.strip() for names in used for part in names.split(",") if part.strip())
    return NamedQuery(name, " ".join(doc), sql, file, uses, kind == "part")
