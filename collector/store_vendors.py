"""Stores what the status pages of vendors say: one row a feed, one row an incident of theirs.

The functions take the connection of a transaction that `analytics.db.transact` opened; nothing here commits.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb

from analytics.named_sql import query
from analytics.rules.vendors import VendorIncident, VendorPage
from collector.store import insert_rows

_DELETE = "DELETE FROM vendor_incidents WHERE vendor = $vendor AND vendor_id = $vendor_id"
_END = """
UPDATE vendor_incidents SET resolved_at = $at, state = 'resolved', updated_at = $at
WHERE vendor = $vendor AND vendor_id = $vendor_id
"""


def store_page(
    connection: duckdb.DuckDBPyConnection,
    vendor: str,
    services: Sequence[str],
    page: VendorPage,
    now: datetime,
) -> int:
    """Make the incidents of `vendor` what `page`, read at `now`, says; how many rows changed.

    What was going on and is not on the page any more is over at `now`. `services` are written `type/name`.
    """
    stored = {row[0]: row[1:] for row in _stored(connection, vendor)}
    rows = [_row(vendor, services, incident) for incident in page.incidents]
    changed = [row for row in rows if stored.get(row["vendor_id"]) != _comparable(row)]
    ended = [_row(vendor, services, incident) for incident in page.ended if incident.vendor_id in stored]
    for row in (*changed, *ended):
        connection.execute(_DELETE, {"vendor": vendor, "vendor_id": row["vendor_id"]})
    insert_rows(connection, "vendor_incidents", [*changed, *ended])
    gone = set(stored) - {row["vendor_id"] for row in (*rows, *ended)}
    for vendor_id in sorted(gone):
        connection.execute(_END, {"vendor": vendor, "vendor_id": vendor_id, "at": now})
    return len(changed) + len(ended) + len(gone)


def store_feed(connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> None:
    """Replace the row of one feed in `vendor_feeds`; keys are column names."""
    connection.execute("DELETE FROM vendor_feeds WHERE vendor = $vendor", {"vendor": row["vendor"]})
    insert_rows(connection, "vendor_feeds", [row])


def forget_other_feeds(connection: duckdb.DuckDBPyConnection, vendors: Sequence[str], now: datetime) -> None:
    """Take out the feeds that are none of `vendors` any more; what they reported last is over at `now`."""
    known = json.dumps(list(vendors))
    mine = "vendor NOT IN (SELECT unnest(from_json($known::JSON, '[\"VARCHAR\"]')))"
    connection.execute(f"DELETE FROM vendor_feeds WHERE {mine}", {"known": known})
    connection.execute(
        f"UPDATE vendor_incidents SET resolved_at = $at, state = 'resolved' "
        f"WHERE resolved_at IS NULL AND {mine}",
        {"at": now, "known": known},
    )


def _stored(connection: duckdb.DuckDBPyConnection, vendor: str) -> list[tuple[Any, ...]]:
    rows = connection.execute(query("vendor_incidents_stored"), {"vendor": vendor}).fetchall()
    return [(*row[:8], json.loads(row[8]), json.loads(row[9])) for row in rows]


def _row(vendor: str, services: Sequence[str], incident: VendorIncident) -> dict[str, Any]:
    return {
        "vendor": vendor,
        "vendor_id": incident.vendor_id,
        "name": incident.name,
        "impact": incident.impact,
        "state": incident.state,
        "started_at": incident.started_at,
        "updated_at": incident.updated_at,
        "resolved_at": incident.resolved_at,
        "url": incident.url,
        "components": list(incident.components),
        "services": list(services),
    }


def _comparable(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(value for name, value in row.items() if name not in ("vendor", "vendor_id"))
