"""What can be exported: a table, or what a query function returns."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import duckdb
import pandas as pd

#: A query function, told since and until when.
Read = Callable[[duckdb.DuckDBPyConnection, datetime, datetime], pd.DataFrame]


class Owner(Enum):
    """How a row says which service it is about: the value is the SQL of a row's service, compared as text."""

    SERVICE = "service_type || '/' || service_name"
    API = "api_name"
    SOURCE = "source"
    OF_API = "'api/' || service_name"
    OF_WEBHOOK = "'webhook/' || service_name"
    INCIDENT = (
        "(SELECT any_value(owner.service_type || '/' || owner.service_name) "
        "FROM integration_incidents AS owner WHERE owner.id = incident_id)"
    )


@dataclass(frozen=True, slots=True)
class Dataset:
    """One thing to export, under `name`; `about` says in a line what a row is.

    `time` is the column that the period chooses rows of a table by; None when the table says how things are
    now. `owner` is how rows belong to services, None when they do not. `statuses` are the words of the column
    `status`, empty without one. `read` makes the rows of a figure and always needs a period; None is a table.
    """

    name: str
    about: str
    time: str | None = None
    owner: Owner | None = None
    statuses: tuple[str, ...] = ()
    read: Read | None = None
