"""The door for notebooks: which file, which time, what is shown, and that nobody's way is blocked."""

import random
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from analytics import availability_queries, latency_queries, slo_queries, traffic_queries, trend_queries
from analytics.db import FileLocation, Location, read_only, transact
from analytics.ids import uuid7
from analytics.notebook import Health, NoDatabase, NoSuchThing, TooLittle, connect, draw, wall_clock
from analytics.notebook.finding import find
from analytics.periods import parse_period
from collector.store import insert_rows
from tests.analytics.traffic_by_hand import END, SHOP, fill
from tests.empty_database import empty_database

ROOT = Path(__file__).parent.parent.parent
NEWEST = END + timedelta(seconds=3)
INCIDENT = uuid7()


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """Eleven hours of traffic, a heartbeat, and an incident that goes on."""
    location = empty_database(tmp_path_factory.mktemp("notebook"))
    fill(location, random.Random(5))
    place = {"service_type": "api", "service_name": "shopify"}
    begun = END - timedelta(hours=1)

    def work(connection: Any) -> None:
        insert_rows(connection, "collector_runs", [heartbeat(NEWEST)])
        incident = {
            "id": INCIDENT,
            "severity": "critical",
            "title": "Down",
            "description": "",
            "status": "open",
        }
        moments = {"began_at": begun, "created_at": begun + timedelta(seconds=40)}
        insert_rows(connection, "integration_incidents", [{**incident, **place, **moments, "relapses": 0}])
        event = {"id": uuid7(), "incident_id": INCIDENT, "timestamp": begun, "kind": "opened"}
        insert_rows(connection, "incident_events", [{**event, "author": "collector", "message": "no answer"}])

    transact(location, work)
    return location


def heartbeat(moment: datetime) -> dict[str, Any]:
    counts = {"services": 4, "checks": 4, "failures": 0, "interval_seconds": 60.0}
    names = {
        "id": uuid7(),
        "cycle_id": uuid7(),
        "part": 1,
        "complete": True,
        "collector": "c",
        "version": "1",
    }
    return {**names, **counts, "started_at": moment, "finished_at": moment}


def opened(location: Location, clock: datetime = NEWEST, timezone: str = "UTC") -> Health:
    return connect(str(location), timezone, lambda: clock)


@pytest.fixture
def health(location: Location) -> Health:
    """The door to it, one minute after its newest heartbeat."""
    return opened(location, NEWEST + timedelta(minutes=1))


ASKED: list[tuple[str, Callable[[Health], pd.DataFrame], Callable[..., pd.DataFrame]]] = [
    (
        "availability",
        lambda health: health.availability("5h", by="type", services="api/shopify"),
        lambda c, p: availability_queries.availability(c, p.since, p.until, "type", [SHOP]),
    ),
    (
        "latency",
        lambda health: health.latency("5h", by="endpoint"),
        lambda c, p: latency_queries.latency(c, p.since, p.until, "endpoint"),
    ),
    (
        "latency_steps",
        lambda health: health.latency_steps("5h"),
        lambda c, p: latency_queries.latency_steps(c, p.since, p.until, p.step),
    ),
    (
        "rates_steps",
        lambda health: health.rates_steps("5h", timedelta(hours=1), services=["api/shopify"]),
        lambda c, p: traffic_queries.rates_steps(c, p.since, p.until, timedelta(hours=1), "service", [SHOP]),
    ),
    ("trends", lambda health: health.trends("5h"), lambda c, p: trend_queries.trends(c, p)),
    ("slo", lambda health: health.slo(), lambda c, p: slo_queries.slo(c, p.until)),
]


@pytest.mark.parametrize(("asked", "meant"), [one[1:] for one in ASKED], ids=[one[0] for one in ASKED])
def test_a_method_asks_its_query_for_the_period_until_now(
    health: Health, location: Location, asked: Callable[..., Any], meant: Callable[..., Any]
) -> None:
    period = parse_period("5h", NEWEST + timedelta(minutes=1))
    with read_only(location) as connection:
        expected = meant(connection, period)
    assert len(expected)
    pd.testing.assert_frame_equal(asked(health), expected)


REST: dict[str, Callable[[Health], pd.DataFrame]] = {
    "standing": lambda health: health.standing(),
    "services": lambda health: health.services(),
    "reasons": lambda health: health.reasons("12h"),
    "status_timeline": lambda health: health.status_timeline("12h"),
    "status_hours": lambda health: health.status_hours("12h"),
    "rates": lambda health: health.rates("12h"),
    "failures": lambda health: health.failures("12h"),
    "webhooks": lambda health: health.webhooks("12h"),
    "worst_services": lambda health: health.worst_services("12h"),
    "slo_history": lambda health: health.slo_history("mcp/tools", "12h"),
    "quota_headroom": lambda health: health.quota_headroom(),
    "incidents": lambda health: health.incidents("12h"),
    "incident_figures": lambda health: health.incident_figures("12h"),
    "tables": lambda health: health.tables(),
}


@pytest.mark.parametrize("name", REST)
def test_every_method_answers_and_explains_its_columns(health: Health, name: str) -> None:
    found = REST[name](health)
    assert len(found)
    explained = getattr(Health, name).__doc__
    assert [column for column in found.columns if column not in explained] == []


def test_sql_binds_values_and_shows_times_in_the_zone_of_the_notebook(location: Location) -> None:
    health = opened(location, timezone="Asia/Tokyo")
    found = health.sql("SELECT max(finished_at) AS newest, $a + 1 AS next FROM collector_runs", a=1)
    assert found.newest[0].isoformat() == NEWEST.astimezone(found.newest.dt.tz).isoformat()
    assert found.newest[0].utcoffset() == timedelta(hours=9)
    assert found.next[0] == 2
    assert wall_clock(found).newest[0] == NEWEST.replace(tzinfo=None) + timedelta(hours=9)


def test_an_incident_comes_with_its_timeline(health: Health) -> None:
    found = health.incident(health.incidents("12h").id[0])
    assert found.service == "api/shopify"
    assert list(found.events.message) == ["no answer"]
    assert found.ended_at - found.began_at == timedelta(hours=1, minutes=1, seconds=3)
    assert "critical incident of api/shopify: Down" in repr(found)
    assert "still going on after 1 h 1 min; 1 events, 0 notifications" in repr(found)


def test_a_replay_says_what_is_changed(health: Health) -> None:
    found = health.replay("12h", {"alerts.service_down.checks": 1})
    assert "alerts.service_down.checks=1 (was 3)" in repr(found)
    assert len(found.pages) >= len(found.pages_before)
    assert "<code>alerts.service_down.checks=1 (was 3)</code>" in found._repr_html_()


def test_it_says_which_file_and_how_fresh(location: Location, health: Health) -> None:
    assert repr(health).startswith(f"{location}\n4 services, newest check ")
    assert repr(health).endswith("times in UTC")


def test_periods_of_a_file_whose_collector_stopped_end_with_its_newest_heartbeat(location: Location) -> None:
    last = opened(location, NEWEST + timedelta(days=1))
    late = opened(location, NEWEST + timedelta(days=1, seconds=1))
    assert last.now == NEWEST + timedelta(days=1)
    assert late.now == NEWEST
    assert late.period("2h").since == NEWEST - timedelta(hours=2)
    assert 'the collector has stopped, so periods such as "7d" end at 2026-11-24 23:00' in repr(late)


def test_a_period_may_be_two_moments_or_what_the_door_gave(health: Health) -> None:
    since, until = NEWEST - timedelta(hours=3), NEWEST - timedelta(hours=1)
    period = health.period((since, until))
    assert (period.since, period.until) == (since, until)
    assert health.period(period) is period
    text = f"{since:%Y-%m-%dT%H:%M:%S}/{until:%Y-%m-%dT%H:%M:%S}"
    pd.testing.assert_frame_equal(health.rates(text), health.rates((since, until)))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda health: health.rates("a week"), "period 'a week' is not understood; write a length such as"),
        (lambda health: health.latency(7), 'period 7: write text such as "7d" or'),
        (lambda health: health.latency(("7d", "1d")), "or a pair of datetimes"),
        (lambda health: health.rates("2026-11-08/2026-11-01"), "ends before it begins"),
        (lambda health: health.rates(services=7), "services 7: write a type/name such as"),
        (lambda health: health.rates(services="api/shopfy"), "did you mean api/shopify"),
        (lambda health: health.rates(services=["shopify"]), "written type/name, such as 'api/openai'"),
        (lambda health: health.availability(by="hour"), "by service, type or all"),
        (lambda health: health.incident("17"), "'17' is no id; write one of incidents()['id']"),
        (lambda health: health.incident(uuid7()), "there is none of this id"),
        (lambda health: health.replay("1h", {"alerts.no_rule.checks": 1}), '"no_rule" is no alert rule'),
        (lambda health: health.sql("SELEC"), 'Parser Error: syntax error at or near "SELEC" (line 1)'),
        (
            lambda health: health.sql("SELECT 1\nFROM servces"),
            'does not exist! Did you mean "services"? (line 2)',
        ),
        (lambda health: health.sql("SELECT $a"), "Values were not provided"),
        (lambda health: health.sql("DELETE FROM services"), "read-only mode"),
        (lambda health: health.sql(" "), "there is no statement in it; write one such as"),
    ],
)
def test_what_is_not_understood_is_one_line(health: Health, asked: Callable[..., Any], said: str) -> None:
    with pytest.raises(NoSuchThing) as caught:
        asked(health)
    assert said in str(caught.value)
    assert caught.value._render_traceback_() == [f"Not understood: {caught.value}"]
    assert "\n" not in str(caught.value)


def test_a_time_zone_there_is_not(location: Location) -> None:
    with pytest.raises(NoSuchThing, match="time zone 'Europe/Bielefeld' is not known"):
        connect(str(location), "Europe/Bielefeld")


def file_in(folder: Path, name: str) -> Path:
    made = folder / "data"
    made.mkdir(exist_ok=True)
    return Path(str(empty_database(made))).rename(made / name)


def test_the_file_is_looked_for_upwards_a_real_one_before_the_demo(tmp_path: Path) -> None:
    below = tmp_path / "notebooks" / "of mine"
    below.mkdir(parents=True)
    demo = file_in(tmp_path, "demo.duckdb")
    said: list[str] = []
    assert find(None, below, {}, said.append) == FileLocation(demo)
    assert said == ["data/health.duckdb is not there: reading the demo's ../../data/demo.duckdb"]
    real = file_in(tmp_path, "health.duckdb")
    assert find(None, below, {}, quiet) == FileLocation(real)
    assert find(None, below, {"HEALTH_DB": "data/demo.duckdb"}, quiet) == FileLocation(demo)
    assert find(real, below, {"HEALTH_DB": "data/demo.duckdb"}, quiet) == FileLocation(real)


def quiet(line: str) -> None:
    pytest.fail(f"said without a reason: {line}")


def test_no_file_is_one_line_that_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(
        NoDatabase, match=r"no data/health.duckdb or data/demo.duckdb in .*make demo"
    ) as caught:
        find(None, tmp_path, {}, quiet)
    assert caught.value._render_traceback_() == [f"No database: {caught.value}"]
    with pytest.raises(NoDatabase, match=r"none.duckdb \(HEALTH_DB\): there is no such file"):
        find(None, tmp_path, {"HEALTH_DB": "none.duckdb"}, quiet)
    (tmp_path / "text.duckdb").write_text("text")
    with pytest.raises(NoDatabase, match="it is not a DuckDB database"):
        find("text.duckdb", tmp_path, {}, quiet)
    duckdb.connect(str(tmp_path / "old.duckdb")).close()
    with pytest.raises(NoDatabase, match="start the collector once, which brings it up to date"):
        find("old.duckdb", tmp_path, {}, quiet)


def test_a_chart_of_nothing_is_a_sentence() -> None:
    chart = object()
    assert draw(chart, pd.DataFrame({"a": [1]})) is chart
    said = draw(chart, pd.DataFrame({"a": []}), "a map")
    assert isinstance(said, TooLittle)
    assert repr(said) == "Too little data yet for a map."


_NOTEBOOK = """
import sys
from analytics.notebook import connect
health = connect(sys.argv[1])
for line in sys.stdin:
    print(health.sql("SELECT count(*) AS rows FROM collector_runs").rows[0], flush=True)
"""


def test_a_notebook_that_idles_stands_in_nobodys_way_and_sees_the_newest_rows(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    path = Path(str(location))
    before = path.stat().st_ino

    def work(connection: Any) -> None:
        insert_rows(connection, "collector_runs", [heartbeat(NEWEST)])

    command = [sys.executable, "-c", _NOTEBOOK, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as notebook:
        assert notebook.stdin is not None
        assert notebook.stdout is not None

        def rows() -> int:
            print("again", file=notebook.stdin, flush=True)
            return int(notebook.stdout.readline())

        assert rows() == 0
        transact(location, work, patience=0.0)
        # A writer that had to step around a reader would have put a copy in its place.
        assert path.stat().st_ino == before
        assert rows() == 1
        notebook.stdin.close()
