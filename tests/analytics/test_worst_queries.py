"""Which services were worst off, and why."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.model import ServiceKey, ServiceType
from analytics.worst_queries import worst_services
from collector.store import insert_rows
from tests.analytics.checks_by_hand import CHAT, REDIS, SHOP, Row, at, check, roll_up_until, service, write
from tests.empty_database import empty_database

FINE = ServiceKey(ServiceType.MCP, "fine")
NEVER = ServiceKey(ServiceType.MCP, "never")
OFF = ServiceKey(ServiceType.API, "off")
PERIOD = (at(hours=1, minutes=10), at(hours=4, minutes=40))


def checks(key: ServiceKey, **bad: tuple[str, range]) -> list[Row]:
    """A check a minute for five hours; `bad` has a status, and the minutes it held, by reason."""
    rows = [check(key, at(minutes=minute)) for minute in range(300)]
    for reason, (status, minutes) in bad.items():
        for minute in minutes:
            rows[minute] |= {"status": status, "reason": reason, "error_count": 1}
    return rows


def incident(key: ServiceKey, began: int, resolved: int | None) -> Row:
    return {
        "id": uuid7(),
        "created_at": at(minutes=began + 1),
        "began_at": at(minutes=began),
        "resolved_at": None if resolved is None else at(minutes=resolved),
        "service_type": key.service_type.value,
        "service_name": key.service_name,
        "severity": "critical",
        "title": "down",
        "status": "open" if resolved is None else "resolved",
    }


@pytest.fixture(scope="module", params=[False, True], ids=["single rows", "rollups"])
def location(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Location:
    """Five hours of six services."""
    made = empty_database(tmp_path_factory.mktemp("worst"))
    rows = checks(FINE)
    rows += checks(SHOP, timeout=("down", range(100, 110)), slow=("degraded", range(120, 200)))
    rows += checks(CHAT, no_data=("unknown", range(60, 280)), auth=("degraded", range(20, 69)))
    rows += checks(REDIS, connect=("down", range(60, 90)), dns=("down", range(200, 211)))
    write(made, [service(key) for key in (FINE, NEVER, SHOP, CHAT, REDIS)] + [service(OFF, False)], rows)
    incidents = [
        incident(REDIS, 60, 90),
        incident(REDIS, 200, None),
        incident(SHOP, 10, 69),
        incident(SHOP, 281, None),
        incident(FINE, 0, None),
    ]

    def work(connection: Any) -> None:
        insert_rows(connection, "integration_incidents", incidents)

    transact(made, work)
    if request.param:
        roll_up_until(made, at(hours=4))
    return made


def test_the_worst_is_the_first(location: Location) -> None:
    with read_only(location) as connection:
        found = worst_services(connection, *PERIOD)
    rows = {row["service_name"]: row for row in found.to_dict("records")}
    assert list(rows) == ["redis", "shopify", "fine", "never", "chatwoot"]

    redis, shop = rows["redis"], rows["shopify"]
    assert (redis["down_seconds"], redis["degraded_seconds"]) == (31 * 60, 0)
    assert (redis["worst_status"], redis["worst_reason"], redis["incidents"]) == ("down", "connect", 2)
    assert redis["uptime_percent"] == pytest.approx(100 * (210 - 31) / 210)
    assert redis["error_percent"] == pytest.approx(100 * 31 / 210)
    assert (shop["down_seconds"], shop["degraded_seconds"]) == (600, 80 * 60)
    assert (shop["worst_status"], shop["worst_reason"]) == ("down", "timeout"), (
        "down is worse than longer slow"
    )
    assert (shop["incidents"], shop["healthy_ms"]) == (0, 1000)
    fine = rows["fine"]
    assert (fine["uptime_percent"], fine["down_seconds"], fine["incidents"], fine["requests"]) == (
        100,
        0,
        1,
        210,
    )
    assert pd.isna(fine["worst_reason"])
    assert found.set_index("service_name").loc[["never", "chatwoot"], "uptime_percent"].isna().all()
    assert rows["never"]["requests"] == 0


def test_nothing_monitored_has_no_rows_and_every_column(tmp_path: Path) -> None:
    with read_only(empty_database(tmp_path)) as connection:
        found = worst_services(connection, *PERIOD)
    assert found.empty
    assert {"uptime_percent", "down_seconds", "worst_reason", "error_percent", "p95_ms"} <= set(found.columns)
