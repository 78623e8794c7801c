"""What the file knows of the monitor itself."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics import monitor_queries
from analytics.db import FileLocation, read_only, transact
from analytics.frames import records
from analytics.named_sql import catalogue
from tests.pages import samples

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> FileLocation:
    path = tmp_path_factory.mktemp("monitor") / "health.duckdb"
    found = samples.write(path, NOW, samples.SERVICES[:3], {}, minutes=59, gap=(40, 20))
    transact(
        found, lambda c: c.execute("UPDATE services SET enabled = false WHERE service_name = 'context7'")
    )
    return found


def test_what_is_switched_off_is_listed_too_in_order(location: FileLocation) -> None:
    with read_only(location) as connection:
        found = list(records(monitor_queries.monitored(connection)))

    assert [(row["service_name"], row["enabled"]) for row in found] == [
        ("shopify", True),
        ("context7", False),
        ("github-official", True),
    ]
    assert found[0]["healthy_ms"] == 1000
    assert found[0]["depends_on"] == "[]"


def test_cycles_are_counted_by_the_step_they_began_in(location: FileLocation) -> None:
    with read_only(location) as connection:
        found = monitor_queries.cycles_in_steps(
            connection, NOW - timedelta(minutes=60), NOW, timedelta(minutes=20)
        )

    rows = {row["step"]: row for row in records(found)}
    # A cycle begins 4 seconds before its minute: the first after the gap belongs to the step of the gap.
    assert {step: row["cycles"] for step, row in rows.items()} == {0: 19, 1: 1, 2: 20}
    assert rows[2]["interval_seconds"] == 60
    assert rows[2]["failures"] == 0


@pytest.mark.parametrize("step", [timedelta(0), timedelta(milliseconds=1500)])
def test_a_step_is_whole_seconds(location: FileLocation, step: timedelta) -> None:
    with read_only(location) as connection, pytest.raises(ValueError, match="it is whole seconds"):
        monitor_queries.cycles_in_steps(connection, NOW - timedelta(hours=1), NOW, step)


def test_rows_of_every_table_are_counted(location: FileLocation) -> None:
    with read_only(location) as connection:
        found = {row["name"]: row for row in records(monitor_queries.kept_rows(connection))}
        for name, row in found.items():
            assert connection.sql(f"SELECT count(*) FROM {name}").fetchone() == (row["kept"],)

    assert found["collector_runs"]["since"] == NOW - timedelta(minutes=59, seconds=4)
    assert found["mutes"]["since"] is None
    assert found["services"]["kept"] == 3


def test_the_queries_say_what_they_are() -> None:
    for name in ("monitored", "cycles_in_steps", "kept_rows"):
        assert catalogue()[name].doc
