"""An API without a probe of its own: its clients' calls decide."""

from datetime import UTC, datetime
from pathlib import Path

from analytics.db import read_only
from collector.config import load
from collector.probes.traffic import window_name
from tests.collector.scripted import cycle_over, database, record

SERVICES = """
[[services]]
type = "api"
name = "orders"
probe = "traffic"

[[services]]
type = "api"
name = "billing"
probe = "traffic"
api_name = "billing-v2"
"""


async def test_reported_calls_make_the_status_of_any_api(tmp_path: Path) -> None:
    (tmp_path / "services.toml").write_text(SERVICES)
    orders, billing = load(tmp_path / "services.toml").services
    assert (window_name(orders), window_name(billing)) == ("orders", "billing-v2")
    location, now = database(tmp_path), datetime.now(UTC)
    good = {"timestamp": now, "status_code": 200, "response_time_ms": 20}
    bad = {"timestamp": now, "status_code": 500, "response_time_ms": 20, "error_message": "boom"}
    record(location, "api_metrics", [{**good, "api_name": "orders"}])
    record(location, "api_metrics", [{**bad, "api_name": "billing-v2"} for _ in range(7)])
    await cycle_over([orders, billing], location).run()
    with read_only(location) as connection:
        seen = connection.execute(
            "SELECT service_name, status, message FROM integration_health_checks ORDER BY service_name"
        ).fetchall()
    assert seen == [
        ("billing", "down", "7 failures in a row: boom"),
        ("orders", "healthy", "1 of 1 calls succeeded (100 %), P95 20 ms"),
    ]
