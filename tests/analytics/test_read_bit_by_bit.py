"""What is read bit by bit comes from one place.

DuckDB never ends a query whose parts, put together with UNION ALL, are both larger than what it hands over at
a time (https://github.com/duckdb/duckdb/issues/22215). Counted up or put in order first, they do no harm.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from analytics.db import Location, read_only
from analytics.named_sql import query
from tests.analytics.checks_by_hand import at
from tests.empty_database import empty_database

GIVEN = {
    "since": at(hours=0),
    "body_since": at(hours=1),
    "body_until": at(hours=3),
    "until": at(hours=3, minutes=30),
    "by": "service",
    "services": ["api/shop"],
    "first_name": "shop",
    "last_name": "shop",
    "names": ["shop"],
}
#: Above these the parts are all there before the first row is handed over.
GATHERED = {"HASH_GROUP_BY", "PERFECT_HASH_GROUP_BY", "UNGROUPED_AGGREGATE", "ORDER_BY", "TOP_N", "WINDOW"}
READ = [
    "latency_rows_of_services",
    "latency_rows_of_endpoints",
    "latency_rows_of_edges",
    "replay_calls",
    "replay_quotas",
]


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Location:
    return empty_database(tmp_path_factory.mktemp("plans"))


def together(plan: dict[str, Any]) -> bool:
    """Whether rows of a UNION reach the top of `plan` one by one."""
    name = plan["name"].strip()
    if name == "UNION":
        return True
    if name in GATHERED or not plan["children"]:
        return False
    # What a CTE is used in stands last; of a join the first one is handed on row by row.
    return together(plan["children"][-1 if name == "CTE" else 0])


def plan_of(location: Location, statement: str) -> dict[str, Any]:
    values = {name: GIVEN[name] for name in set(re.findall(r"\$(\w+)", statement))}
    with read_only(location) as connection:
        row = connection.execute(f"EXPLAIN (FORMAT json) {statement}", values).fetchone()
    assert row is not None
    [plan] = json.loads(row[1])
    found: dict[str, Any] = plan
    return found


@pytest.mark.parametrize("name", READ)
def test_what_is_read_bit_by_bit_is_no_union(location: Location, name: str) -> None:
    assert not together(plan_of(location, query(name)))


def test_a_union_is_seen(location: Location) -> None:
    """The test would tell."""
    united = "SELECT service_name FROM services UNION ALL SELECT service_name FROM imports"
    assert together(plan_of(location, united))
    assert together(plan_of(location, f"SELECT 1 + length(service_name) FROM ({united}) AS all_of_them"))
    assert not together(plan_of(location, f"SELECT service_name, count(*) FROM ({united}) AS a GROUP BY ALL"))


def test_every_query_that_is_read_so_is_looked_at() -> None:
    sources = [path for path in Path("analytics").rglob("*.py") if "to_arrow_reader" in path.read_text()]
    assert {path.stem for path in sources} == {"histograms", "reading_traffic", "lines"}
