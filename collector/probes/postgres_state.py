"""What PostgreSQL says about itself: the queries, and the details that are kept. No input, no output."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Sessions of other roles show no type to an ordinary user; they count as clients.
QUERY = """
SELECT pg_is_in_recovery() AS in_recovery,
       current_setting('max_connections')::int AS connections_max,
       current_setting('superuser_reserved_connections')::int AS connections_reserved,
       (SELECT count(*)::int
          FROM pg_stat_activity
         WHERE datid IS NOT NULL
           AND coalesce(backend_type, 'client backend') = 'client backend') AS connections_used
"""
SIZE_QUERY = "SELECT pg_database_size(current_database())"


@dataclass
class State:
    """What was found out, as far as it was allowed. `size_bytes` is the database's size on disk."""

    version: str
    row: Mapping[str, Any] = field(default_factory=dict)
    size_bytes: int | None = None
    refused: str | None = None


def details_of(state: State) -> dict[str, Any]:
    """The details of a check; what is not known is left out."""
    kept: dict[str, Any] = {"version": state.version, **state.row}
    if state.row:
        share = state.row["connections_used"] / state.row["connections_max"]
        kept["connections_percent"] = int(10_000 * share) / 100
    if state.size_bytes is not None:
        kept["database_bytes"] = state.size_bytes
    if state.refused is not None:
        kept["connections_refused"] = state.refused
    return kept


def summary(details: Mapping[str, Any]) -> str:
    """One line for people."""
    text = f"PostgreSQL {details['version']}"
    if "connections_used" in details:
        text += f", {details['connections_used']} of {details['connections_max']} connections taken"
    return text + (", a replica" if details.get("in_recovery") else "")
