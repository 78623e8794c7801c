"""What figures can be grouped by."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from analytics.db import read_only
from analytics.latency_queries import latency, latency_steps
from analytics.traffic_queries import rates, rates_steps
from analytics.trend_queries import latency_change, rates_change
from tests.empty_database import empty_database

UNTIL = datetime(2026, 11, 29, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "figures",
    [
        latency,
        rates,
        latency_change,
        rates_change,
        partial(latency_steps, step=HOUR),
        partial(rates_steps, step=HOUR),
    ],
)
def test_what_nothing_is_grouped_by_is_refused(figures: Callable[..., Any], tmp_path: Path) -> None:
    with (
        read_only(empty_database(tmp_path)) as connection,
        pytest.raises(
            ValueError, match=r"^figures are by service, type, endpoint, all, and not by 'endpoints'$"
        ),
    ):
        figures(connection, UNTIL - HOUR, UNTIL, by="endpoints")
