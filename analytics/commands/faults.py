"""A statement failed: whether that is because the database is not one of ours."""

import argparse
from collections.abc import Mapping

import duckdb

from analytics.commands.opening import opened
from analytics.commands.running import location_of
from analytics.db import DatabaseError, DatabaseUnusable
from analytics.db.errors import mask


def database_fault(
    options: argparse.Namespace, error: Exception, environment: Mapping[str, str]
) -> DatabaseError | None:
    """What to say of the database when it is the reason for `error`; None when it is not."""
    if isinstance(error, DatabaseError):
        return error
    if not isinstance(error, duckdb.CatalogException | duckdb.BinderException):
        return None
    location = location_of(options, environment, lambda _: None)
    try:
        with opened(location):
            why = mask(str(error).partition("\n")[0])
    except DatabaseError as fault:
        return fault
    return DatabaseUnusable(
        f"{location}: it is not as this program made it ({why}): restore it from a backup, "
        "or name another with --db"
    )
