"""The first page's own rules: what is shown of many, how changes are told, how shares are rounded."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from analytics.db import FileLocation, read_only
from analytics.model import Reason, ServiceKey, ServiceType, Status
from analytics.periods import parse_period
from pages._ui.latency_charts import Percentiles
from pages._ui.overview import figures
from pages._ui.overview.arranging import MOST, Group, arrange, stacks
from pages._ui.overview.last_day import LastDay, Rate, change_said, last_day
from pages._ui.overview.month import DAYS, months, past
from pages._ui.overview.traffic import rates
from pages._ui.service import figures as service_figures
from pages._ui.situation import Situation, situation
from pages._ui.snapshot import Check, Service, Snapshot
from pages._ui.view import View
from tests.pages import overview_samples, samples

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
API, MCP = ServiceType.API, ServiceType.MCP
MINUTE = timedelta(minutes=1)


def crowd(each: int, down: int) -> Situation:
    """So many services of two types each, of which the last ones are down."""
    services = tuple(
        Service(
            ServiceKey(kind, f"{kind}-{number}"),
            MINUTE,
            newest=Check(NOW, Status.DOWN if number >= each - down else Status.HEALTHY, Reason.OK),
        )
        for kind in (API, MCP)
        for number in range(each)
    )
    return situation(Snapshot(NOW, None, services), NOW)


def test_few_services_are_all_shown_worst_first() -> None:
    found = arrange(View(), crowd(MOST // 2, 1))

    assert [(group.kind, len(group.rows), group.more) for group in found.groups] == [
        (MCP, 30, 0),
        (API, 30, 0),
    ]
    assert found.groups[0].rows[0].status is Status.DOWN
    assert found.groups[0].healthy == 29
    assert len(found.keys) == MOST


@pytest.mark.parametrize(
    ("rows", "stacked"),
    [
        (
            {"mcp": 7, "api": 4, "webhook": 2, "infrastructure": 3},
            [["mcp", "webhook"], ["api", "infrastructure"]],
        ),
        ({"mcp": 3, "api": 3}, [["mcp"], ["api"]]),
        ({"mcp": 9, "api": 2, "webhook": 2}, [["mcp"], ["api", "webhook"]]),
        ({"api": 5}, [["api"]]),
        ({}, [[]]),
    ],
)
def test_groups_stand_in_two_stacks_of_about_the_same_height(
    rows: dict[str, int], stacked: list[list[str]]
) -> None:
    of_a_kind = {kind: tuple(crowd(9, 0).groups[API][:count]) for kind, count in rows.items()}
    groups = [
        Group(ServiceType(kind), found, len(found), len(found), Status.HEALTHY)
        for kind, found in of_a_kind.items()
    ]
    assert [[group.kind for group in stack] for stack in stacks(groups)] == stacked


def test_of_many_only_what_is_not_healthy() -> None:
    found = arrange(View(), crowd(MOST, 3))

    assert [(len(group.rows), group.more) for group in found.groups] == [(3, 57), (3, 57)]


def test_of_very_many_troubles_the_first() -> None:
    found = arrange(View(), crowd(MOST, MOST))

    assert [(len(group.rows), group.more) for group in found.groups] == [(12, 48), (12, 48)]


def test_what_a_filter_leaves_is_what_matters() -> None:
    found = arrange(View(status=Status.HEALTHY), crowd(MOST, 3))

    assert [(len(group.rows), group.members) for group in found.groups] == [(12, 57), (12, 57)]


@pytest.mark.parametrize(("page", "shown"), [(1, 60), (3, 30), (99, 30)])
def test_one_type_is_shown_page_by_page(page: int, shown: int) -> None:
    found = arrange(View(service_type=API, page=page), crowd(150, 2))

    assert found.pages == 3
    assert [len(group.rows) for group in found.groups] == [shown]


def test_nothing_left_is_no_group() -> None:
    assert arrange(View(search="nothing of that name"), crowd(1, 0)).groups == ()


def test_beside_the_score_many_services_are_summed_up() -> None:
    many, few = figures.figures(crowd(100, 3), View()), figures.figures(crowd(2, 1), View())

    assert many.count("<i ") == 2
    assert 'class="h" style="flex-grow:194;max-width:none" data-tip="194 healthy"' in many
    assert few.count("<i ") == 4
    assert 'data-tip="API 1 API: down"' in few


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"kind": "collector", "subject": "1.2.0"}, "Collector started, version 1.2.0"),
        ({"kind": "collector", "subject": ""}, "Collector started, version unknown"),
        (
            {"kind": "rule", "subject": "slow_response", "service_name": "openai", "author": "Ann"},
            "Alert rule slow_response for OpenAI changed by Ann",
        ),
        (
            {"kind": "rule", "subject": "slow_response", "service_name": None, "author": None},
            "Alert rule slow_response changed by somebody",
        ),
        ({"kind": "tools", "subject": "Fly.io changed its tools"}, "Fly.io changed its tools"),
    ],
)
def test_changes_in_words(row: dict[str, str | None], said: str) -> None:
    assert change_said(row) == said


@pytest.mark.parametrize(
    ("good", "said_good", "said_bad"),
    [
        (100.0, "100 %", "0 %"),
        (99.9999, "99.99 %", "0.01 %"),
        (99.5, "99.50 %", "0.50 %"),
        (0.0, "0.00 %", "100 %"),
    ],
)
def test_only_all_is_all_and_only_nothing_is_nothing(good: float, said_good: str, said_bad: str) -> None:
    day = LastDay(Percentiles(pd.DataFrame()), 10, None, Rate(good, None), Rate(100 - good, None), None)

    html = rates(day, None)

    assert f"<strong>{said_good}</strong>" in html
    assert f"<strong>{said_bad}</strong>" in html


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """The samples with calls and incidents, and when they were written."""
    path, now = tmp_path_factory.mktemp("parts") / "health.duckdb", datetime.now(UTC)
    overview_samples.insert_surroundings(samples.write(path, now, minutes=40), now)
    return path, now


def test_days_know_the_incidents_that_went_on_in_them(full: tuple[Path, datetime]) -> None:
    path, now = full
    with read_only(FileLocation(path)) as connection:
        found = months(past(connection, now), ZoneInfo("UTC"))

    chatwoot = found.of(ServiceKey(ServiceType.WEBHOOK, "chatwoot"))
    assert chatwoot.bar.count("No data\nPast trouble") >= 4, (
        "an incident is told of a day without a check, too"
    )
    fly = found.of(ServiceKey(MCP, "fly"))
    assert "Fly.io cannot be reached" in fly.bar
    assert fly.bar.count("<i ") == DAYS
    assert fly.uptime is not None
    assert fly.uptime == pytest.approx(100 * 29 / 41, abs=4)
    unknown = found.of(ServiceKey(API, "not there"))
    assert (unknown.uptime, unknown.bar.count('class="n"')) == (None, DAYS)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "Pacific/Auckland"])
def test_uptime_is_the_same_on_the_page_of_the_service(zone: str, tmp_path: Path) -> None:
    """Also for checks of the thirtieth part of a day that no day of the bar has."""
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    fly = [one for one in samples.SERVICES if one.key == "mcp/fly"]
    long_ago = samples.Fault(60 * 24 * 30, 60 * 24 * 30 - 120, Status.DOWN, Reason.CONNECT, "gone")
    location = samples.write(tmp_path / "health.duckdb", now, fly, {}, minutes=1)
    first = range(60 * 24 * 30, 60 * 24 * 30 - 60, -5)
    samples.insert(location, now, fly, {"mcp/fly": [long_ago]}, list(first))
    key, period = ServiceKey(MCP, "fly"), parse_period("30d", now)
    with read_only(location) as connection:
        found = months(past(connection, now), ZoneInfo(zone)).of(key)
        expected = service_figures.read(connection, period, key).uptime

    assert expected is not None
    assert expected < 50
    assert found.uptime == expected


def test_changes_at_about_the_same_time_are_one_marker(full: tuple[Path, datetime]) -> None:
    path, now = full
    with read_only(FileLocation(path)) as connection:
        day = last_day(connection, now, ServiceKey(API, "openai"))

    assert sorted(day.chart.markers["said"]) == [
        "Alert rule slow_response changed by Ben",
        "Collector started, version 0.1.0",
    ]
    assert day.chart.limits["ms"].tolist() == [1000, 3000]
    assert day.chart.spans["said"].tolist() == ["OpenAI fails"]
    assert day.calls == 200
