"""The schema, one numbered file a step, and which of them a database has.

Each step runs in one transaction together with the row of `schema_version` that records it: a step is done or
it is not. Steps are never edited once released; a new one is added.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from analytics.db.engine import CATALOG
from analytics.db.errors import DatabaseNewer, DatabaseUnusable

_FOLDER = Path(__file__).parent.parent / "sql" / "schema"
_FILE_ONLY = "-- file only"

_TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = $1 AND NOT internal"
_COLUMNS = "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = $1 AND table_name = $2"
_RECORD = "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER, name TEXT, applied_at TIMESTAMPTZ)"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: `sql` as it stands in `NNNN_name.sql`."""

    version: int
    name: str
    sql: str

    def statements(self, *, lake: bool) -> str:
        """The SQL for a file, or for a lake, which does not know what the lines marked "file only" say."""
        if not lake:
            return self.sql
        return "\n".join(line for line in self.sql.splitlines() if not line.rstrip().endswith(_FILE_ONLY))


@cache
def known(folder: Path = _FOLDER) -> tuple[Migration, ...]:
    """Every step of this version of the project, in order."""
    paths = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return tuple(Migration(int(path.name[:4]), path.stem[5:], path.read_text("utf-8")) for path in paths)


def newest() -> int:
    """The schema version this version of the project writes."""
    return known()[-1].version


def version_of(connection: duckdb.DuckDBPyConnection) -> int:
    """The schema version of what is attached: 0 when it is empty, -1 when the tables are something else's."""
    tables = {row[0] for row in connection.execute(_TABLES, [CATALOG]).fetchall()}
    if "schema_version" not in tables:
        return -1 if tables else 0
    columns = dict(connection.execute(_COLUMNS, [CATALOG, "schema_version"]).fetchall())
    if columns.keys() != {"version", "name", "applied_at"} or columns["version"] != "INTEGER":
        return -1
    row = connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()
    return int(row[0]) if row else 0


def check(version: int, where: str) -> None:
    """Raises when a database of `version` (as `version_of` has it) is not for this version of the project."""
    if version < 0:
        raise DatabaseUnusable(f"{where}: it holds the tables of something else: name a database of its own")
    if version > newest():
        raise DatabaseNewer(
            f"{where}: its schema is version {version}, this program knows {newest()}: install the newer one"
        )


def missing_in(version: int) -> list[Migration]:
    """The steps a database of `version` lacks, in order."""
    return [migration for migration in known() if migration.version > version]


def apply(connection: duckdb.DuckDBPyConnection, migration: Migration, *, lake: bool) -> bool:
    """Run and record one step in the open transaction; False, and nothing done, when it was there already."""
    if version_of(connection) >= migration.version:
        return False
    connection.execute(_RECORD)
    connection.execute(migration.statements(lake=lake))
    record = "INSERT INTO schema_version VALUES ($version, $name, now())"
    connection.execute(record, {"version": migration.version, "name": migration.name})
    return True
