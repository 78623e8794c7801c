"""The same of Gatus and Upptime: a second run adds nothing, and a later one what is new."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from analytics.db import Location
from tests.analytics.imports.bringing import HOUR, MINUTE, NOW, bring, counted, everything
from tests.analytics.imports.other_monitors import GATUS, UpptimeClone, fill, result, sqlite_file


@pytest.fixture
def gatus(tmp_path: Path) -> Path:
    """A file of Gatus with one endpoint, number 1."""
    path = sqlite_file(tmp_path / "gatus.db", GATUS)
    row = {"endpoint_id": 1, "endpoint_key": "core_web", "endpoint_name": "web", "endpoint_group": "core"}
    fill(path, "endpoints", [row])
    return path


def test_gatus(location: Location, gatus: Path) -> None:
    hour = (NOW - HOUR * 5).replace(minute=0)
    results = [
        result(1, f"{hour + HOUR + MINUTE * place:%Y-%m-%d %H:%M:%S} +0000 UTC", int(place != 7))
        for place in range(90)
    ]
    _sum(gatus, hour - timedelta(days=50), 1440, 1430)
    _sum(gatus, hour, 60, 58)
    _sum(gatus, hour + HOUR, 60, 59)
    fill(gatus, "endpoint_results", results[:60])
    assert bring(location, gatus).checks == 1560
    before = everything(location)

    assert bring(location, gatus, NOW + MINUTE).checks == 0
    assert everything(location) == before

    fill(gatus, "endpoint_results", results[60:])
    _sum(gatus, hour + HOUR * 2, 30, 30)
    assert bring(location, gatus, NOW + MINUTE * 2).checks == 30
    assert counted(location) == {"healthy": 1577, "down": 13}


def _sum(path: Path, hour: datetime, total: int, successes: int) -> None:
    stamp = int(hour.timestamp())
    row = {"endpoint_id": 1, "hour_unix_timestamp": stamp, "total_executions": total}
    fill(path, "endpoint_uptimes", [{**row, "successful_executions": successes, "total_response_time": 5}])


@pytest.mark.parametrize("age", [timedelta(days=2), timedelta(days=60)], ids=["recent", "old"])
def test_upptime(location: Location, tmp_path: Path, age: timedelta) -> None:
    since = (NOW - age).replace(minute=0)
    clone = UpptimeClone(tmp_path / "status")
    clone.check("shop", since)
    clone.check("shop", since + HOUR * 2 + MINUTE * 10, "degraded", 200, 9000)
    assert bring(location, clone.path).checks == 27
    before = everything(location)

    assert bring(location, clone.path, NOW + MINUTE).checks == 0
    assert everything(location) == before

    clone.check("shop", since + HOUR * 3, "down", 502)
    assert bring(location, clone.path, NOW + MINUTE * 2).checks == 10
    assert counted(location) == {"healthy": 26, "degraded": 10, "down": 1}
    assert bring(location, clone.path, NOW + MINUTE * 3).checks == 0
