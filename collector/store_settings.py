"""What services.toml says of alerts, in the database: so that the past can be judged again from it alone.

The functions take the connection of a transaction that `analytics.db.transact` opened; nothing here commits.
What says the same as before is not written again.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import duckdb

from analytics.alerting import AlertPolicy
from analytics.model import Severity
from analytics.rules.alert_words import rule_rows
from collector.store import columns_of, insert_rows


class Channel(Protocol):
    """What of a channel is stored: not where it leads, which may be a secret."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def severities(self) -> Sequence[Severity]: ...


def replace_alert_rules(connection: duckdb.DuckDBPyConnection, policy: AlertPolicy, now: datetime) -> None:
    """Make `alert_rules` say `policy`, the one of services.toml, from `now` on."""
    _replace(connection, "alert_rules", rule_rows(policy), now)


def replace_channels(
    connection: duckdb.DuckDBPyConnection, channels: Sequence[Channel], now: datetime
) -> None:
    """Make `alert_channels` say where alerts go from `now` on: to those of `channels`, in their order."""
    rows = [
        {
            "channel": channel.name,
            "position": position,
            "kind": channel.kind,
            "severities": [severity.value for severity in channel.severities],
        }
        for position, channel in enumerate(channels)
    ]
    _replace(connection, "alert_channels", rows, now)


def _replace(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    kinds = {name: kind for name, kind in columns_of(table).items() if name != "updated_at"}
    wanted = [{name: row.get(name) for name in kinds} for row in rows]
    found = connection.execute(f"SELECT {', '.join(kinds)} FROM {table}").fetchall()
    stored = [_read_back(kinds, values) for values in found]
    if sorted(map(_compared, stored)) == sorted(map(_compared, wanted)):
        return
    connection.execute(f"DELETE FROM {table}")
    insert_rows(connection, table, [{**row, "updated_at": now} for row in wanted])


def _read_back(kinds: Mapping[str, str], values: Sequence[Any]) -> dict[str, Any]:
    return {
        name: json.loads(value) if kind == "JSON" else value
        for (name, kind), value in zip(kinds.items(), values, strict=True)
    }


def _compared(row: Mapping[str, Any]) -> str:
    """A row as text that is the same for the same row, in whatever order its settings stand."""
    return json.dumps(row, sort_keys=True, default=str)
