"""Rows of traffic: each once, few or many, in a file and in a lake."""

from datetime import UTC, datetime
from typing import Any

import pytest

from analytics.db import Location, read_only, transact
from analytics.ids import uuid7_texts
from collector.store import columns_of
from collector.store_traffic import insert_new

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
QUOTA = {"quota_name": "tokens", "quota_used": 0.5, "quota_limit": 40.0, "quota_reset_at": NOW}


def rows(count: int) -> list[dict[str, Any]]:
    call = {"timestamp": NOW, "api_name": "openai", "endpoint": "/v1/models", "status_code": 200, **QUOTA}
    return [{**call, "id": key, "response_time_ms": number} for number, key in enumerate(uuid7_texts(count))]


def add(location: Location, made: list[dict[str, Any]]) -> set[str]:
    return transact(location, lambda connection: insert_new(connection, "api_metrics", made))


@pytest.mark.parametrize("count", [1, 7000], ids=["few", "many"])
def test_what_is_there_is_not_stored_again(any_database: Location, count: int) -> None:
    made = rows(count)
    assert add(any_database, made) == set()
    assert add(any_database, [*made, *rows(2)]) == {row["id"] for row in made}
    with read_only(any_database) as connection:
        counted = connection.execute(
            """SELECT count(*), count(DISTINCT id), count(quota_reset_at), max(response_time_ms)
               FROM api_metrics"""
        ).fetchone()
    assert counted == (count + 2, count + 2, count + 2, max(count - 1, 1))


def test_nothing_is_nothing(any_database: Location) -> None:
    assert add(any_database, []) == set()


@pytest.mark.parametrize("table", ["api_metrics", "webhook_metrics", "circuit_events"])
def test_the_columns_are_those_of_the_table(any_database: Location, table: str) -> None:
    with read_only(any_database) as connection:
        described = connection.execute(f"DESCRIBE {table}").fetchall()
    types = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}
    assert {row[0]: types.get(row[1], row[1]) for row in described} == dict(columns_of(table))
