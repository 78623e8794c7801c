"""How long incidents lasted, and for how long there was none."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from analytics import incident_queries
from analytics.db import Location, read_only
from tests.analytics.test_incident_queries import NOW, SINCE, UNTIL, Row, incident, write
from tests.empty_database import empty_database


@pytest.fixture
def location(tmp_path: Path) -> Location:
    """An empty database file."""
    return empty_database(tmp_path)


def test_how_long_the_incidents_of_each_service_lasted(location: Location) -> None:
    def lasting(begun: float, ended: float | None, name: str = "shopify") -> Row:
        moment = NOW - timedelta(hours=begun)
        resolved = None if ended is None else NOW - timedelta(hours=ended)
        return incident(
            moment + timedelta(minutes=1), began_at=moment, resolved_at=resolved, service_name=name
        )

    rows = [lasting(200, 90), lasting(50, 48), lasting(40, 39), lasting(20, None), lasting(60, None, "chat")]
    write(location, integration_incidents=rows)
    with read_only(location) as connection:
        chat, shop = incident_queries.incident_durations(connection, SINCE, UNTIL).to_dict("records")
        earlier = incident_queries.incident_durations(connection, SINCE, UNTIL, NOW - timedelta(hours=39.5))

    assert (shop["service_name"], shop["incidents"], shop["open"]) == ("shopify", 3, 1)
    seconds = [shop[f"{name}_seconds"] / 3600 for name in ("total", "median", "longest", "mean_to_resolve")]
    assert seconds == pytest.approx([2 + 1 + 20, 2, 20, 1.5])
    assert shop["mean_between_seconds"] / 3600 == pytest.approx((8 + 19) / 2)
    assert (chat["incidents"], chat["open"], chat["total_seconds"]) == (1, 1, 60 * 3600)
    assert pd.isna(chat["mean_to_resolve_seconds"])
    assert pd.isna(chat["mean_between_seconds"])
    assert earlier["open"].tolist() == [1, 2], "what is over later is not over yet"


def test_a_pause_between_incidents_is_a_time_without_any(location: Location) -> None:
    def lasting(name: str, begun: float, ended: float | None) -> Row:
        moment = NOW - timedelta(hours=begun)
        resolved = None if ended is None else NOW - timedelta(hours=ended)
        return incident(moment, began_at=moment, resolved_at=resolved, service_name=name)

    rows = [
        # One lies within another: there is one pause, of 10 hours, after the longer one.
        *(lasting("nested", *hours) for hours in ((60, 40), (55, 54), (30, 29))),
        # Nothing was between these at all.
        *(lasting("open", *hours) for hours in ((60, None), (50, 49), (40, 39))),
        *(lasting("touching", *hours) for hours in ((60, 50), (50, 40))),
    ]
    write(location, integration_incidents=rows)
    with read_only(location) as connection:
        found = incident_queries.incident_durations(connection, SINCE, UNTIL).set_index("service_name")
    assert found.loc["nested", "mean_between_seconds"] == pytest.approx(10 * 3600)
    assert pd.isna(found.loc["open", "mean_between_seconds"])
    assert pd.isna(found.loc["touching", "mean_between_seconds"])
