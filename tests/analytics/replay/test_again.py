"""A past that was read once gives what a rehearsal gives that reads it itself."""

from datetime import timedelta
from pathlib import Path

import duckdb

from analytics.db import read_only, transact
from analytics.model import ServiceInfo
from analytics.replay import Rehearsal, changed_settings, read_past, rehearse, rehearse_past, replay
from collector.store import replace_services
from tests.analytics.replay.accounts import at
from tests.analytics.replay.test_rehearsal import CONTEXT, LIMITS, SINCE, UNTIL, write_minute
from tests.empty_database import empty_database

FIVE = {"alerts.service_down.checks": 5}


def test_it_is_the_same_with_the_database_closed(tmp_path: Path) -> None:
    location = empty_database(tmp_path)

    def work(transaction: duckdb.DuckDBPyConnection) -> None:
        info = ServiceInfo(CONTEXT, "mcp", "https://example.com", timedelta(minutes=1), LIMITS)
        replace_services(transaction, [info], at(0))
        for minute in range(60):
            write_minute(transaction, minute)

    transact(location, work)
    told: list[float] = []
    with read_only(location) as connection:
        direct = rehearse(connection, SINCE, UNTIL, FIVE)
        past = read_past(connection, SINCE, UNTIL)
    baseline = replay(past.recording, past.policy, past.limits)

    def again(settings: dict[str, int]) -> Rehearsal:
        changed = changed_settings(past.policy, past.limits, settings)
        return rehearse_past(past, changed, baseline, told.append)

    found = again(FIVE)
    assert found == direct
    assert (told[-1], told) == (1.0, sorted(told))
    assert found.rehearsed != found.baseline
    assert again({}).rehearsed == found.baseline
    assert past.data_since == at(0)
