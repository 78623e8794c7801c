"""The one place that opens the database: a DuckDB file, or a DuckLake when one machine is not enough.

    with read_only(locate("data/health.duckdb")) as connection:
        connection.sql("SELECT * FROM services").show()

Readers open late and close early. Whoever writes does so through `transact`: open, one transaction, close.
A reader who stays is stepped around: the transaction goes into a copy of the file that takes its place.
"""

from analytics.db.beside import beside
from analytics.db.database import (
    Connection,
    close,
    compact,
    migrate,
    pending,
    read_only,
    repair,
    schema_version,
    transact,
)
from analytics.db.errors import (
    CollectorRunning,
    DatabaseBusy,
    DatabaseError,
    DatabaseMissing,
    DatabaseNewer,
    DatabaseUnusable,
)
from analytics.db.location import FileLocation, LakeLocation, Location, locate
from analytics.db.lock import CollectorLock, announce_listening, listening_at
from analytics.db.without_pandas import keep_pandas_out

__all__ = [
    "CollectorLock",
    "CollectorRunning",
    "Connection",
    "DatabaseBusy",
    "DatabaseError",
    "DatabaseMissing",
    "DatabaseNewer",
    "DatabaseUnusable",
    "FileLocation",
    "LakeLocation",
    "Location",
    "announce_listening",
    "beside",
    "close",
    "compact",
    "keep_pandas_out",
    "listening_at",
    "locate",
    "migrate",
    "pending",
    "read_only",
    "repair",
    "schema_version",
    "transact",
]
