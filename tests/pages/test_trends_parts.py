"""What the page of trends is made of: figures and changes, order, cells, strips, budgets, pictures."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from analytics.db import Location, read_only
from analytics.model import ServiceKey, ServiceType
from analytics.periods import Period, parse_period
from pages._ui import changes
from pages._ui.trends import heat, wording
from pages._ui.trends.budgets import Budget, budget_table
from pages._ui.trends.cells import Cell, look, said, when
from pages._ui.trends.courses import Seen, courses
from pages._ui.trends.grid import Grid
from pages._ui.trends.lines import Figure, Line, in_order, is_sort
from pages._ui.trends.sparks import spark
from pages._ui.trends.worst import Why, worst_list, worst_of
from pages._ui.view import View, read_view
from tests.analytics.checks_by_hand import check, roll_up_until, service, write
from tests.empty_database import empty_database

NOW = datetime(2026, 11, 29, 5, 10, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHOP = ServiceKey(ServiceType.API, "shopify")
CHAT = ServiceKey(ServiceType.API, "chatwoot")


@pytest.mark.parametrize(
    ("value", "before", "points", "percent"),
    [
        (99.5, 100.0, "−0.50 pp", "−0.5 %"),
        (0.42, 0.10, "+0.32 pp", "+320 %"),
        (5.0, 5.0, "±0 pp", "±0 %"),
        (3.0, 0.0, "+3.00 pp", ""),
        (3.0, None, "", ""),
        (None, 3.0, "", ""),
    ],
)
def test_a_change_is_told_where_there_is_one(
    value: float | None, before: float | None, points: str, percent: str
) -> None:
    figure = Figure(value, before)
    assert changes.points(figure.points) == points
    assert changes.percent(figure.percent) == percent


def test_uptime_is_cut_and_never_rounded_up() -> None:
    assert [wording.uptime(one) for one in (100.0, 99.9999, 0.0, None)] == ["100 %", "99.99 %", "0 %", "–"]
    assert [wording.count(one) for one in (0, 12480, 1_240_000)] == ["0", "12,480", "1.24 M"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("24h", "24 h"), ("7d", "7 d"), ("90m", "1 h 30 min"), ("30m", "30 min"), ("76h", "3 d 4 h")],
)
def test_how_a_period_is_called(text: str, words: str) -> None:
    assert wording.before(parse_period(text, NOW)) == f"vs the {words} before"


def test_the_worst_comes_first_and_every_order_can_be_turned_round() -> None:
    well = Line(SHOP, uptime=Figure(100.0), p95=Figure(900.0), errors=Figure(0.5))
    slow = Line(CHAT, uptime=Figure(100.0), p95=Figure(80.0), degraded_seconds=60.0)
    down = Line(ServiceKey(ServiceType.MCP, "fly"), uptime=Figure(98.0))
    lines = [well, slow, down]
    assert in_order(lines, "worst") == [down, slow, well]
    assert in_order(lines, "p95") == [well, slow, down]
    assert in_order(lines, "-p95") == [down, slow, well]
    assert in_order(lines, "name") == [slow, down, well]
    assert in_order(lines, "-name") == [well, down, slow]
    assert is_sort("-uptime")
    assert not is_sort("--uptime")
    assert not is_sort("colour")


def seen(period: Period, values: dict[int, float], split: bool = False) -> Seen:
    """An hour a step, with so many of 100 requests failed in each."""
    grid = Grid.of(period, HOUR)
    steps = [grid.first + number * HOUR for number in values]
    checks = pd.DataFrame({"step_start": steps, "service_type": "api", "service_name": "shopify"})
    checks = checks.assign(up=[100 - one for one in values.values()], down=list(values.values()))
    traffic = checks.assign(p95_ms=float("nan"), error_percent=list(values.values()), retry_percent=0.0)
    traffic = traffic if split else traffic.drop(columns=["service_type", "service_name"])
    return Seen(grid, checks, grid, traffic)


def test_gaps_stay_gaps_and_the_period_before_stands_step_by_step_beside() -> None:
    period = parse_period("2026-11-29T00:00/2026-11-29T05:00", NOW)
    found = courses(seen(period, {0: 2, 1: 4, 4: 8}), seen(period.before, {1: 6}), ())["errors"]
    rows = found.rows
    assert rows["at"].tolist() == [datetime(2026, 11, 29, hour, tzinfo=UTC) for hour in range(5)]
    assert [None if one != one else one for one in rows["value"]] == [2, 4, None, None, 8]
    assert [None if one != one else one for one in rows["before"]] == [None, 6, None, None, None]
    assert rows["lonely"].tolist() == [False, False, False, False, True]
    assert rows["said"].tolist() == ["2.00 %", "4.00 %", "–", "–", "8.00 %"]
    assert (found.least, found.most) == (2, 8)


def test_a_line_each_while_there_are_few() -> None:
    period = parse_period("2026-11-29T00:00/2026-11-29T02:00", NOW)
    found = courses(seen(period, {0: 2, 1: 4}, split=True), None, (CHAT, SHOP))["uptime"].rows
    assert found["line"].tolist() == ["0", "0", "1", "1"]
    assert found["name"].tolist() == ["Chatwoot", "Chatwoot", "Shopify", "Shopify"]
    assert found["value"].isna().tolist() == [True, True, False, False]


def cell(**seconds: float) -> Cell:
    begun = datetime(2026, 11, 29, 3, tzinfo=UTC)
    return Cell(begun, begun + HOUR, **seconds)


@pytest.mark.parametrize(
    ("what", "class_", "line"),
    [
        (cell(healthy=3600), "h", "Healthy all the time"),
        (cell(healthy=3500, down=100), "d1", "Down 1 min 40 s (2.78 %)"),
        (cell(healthy=3000, down=600), "d2", "Uptime 83.33 %"),
        (cell(down=3600), "d3", "Down 1 h (100.0 %)"),
        (cell(healthy=3580, degraded=20), "g1", "Degraded 20 s (0.56 %)"),
        (cell(healthy=3000, degraded=600), "g2", "Degraded 10 min (16.7 %)"),
        (cell(healthy=2000, degraded=1600), "g3", "Degraded 26 min (44.4 %)"),
        (cell(unknown=3600), "u", "Unknown 1 h (100.0 %)"),
        (cell(gap=3600), "n", "Not checked 1 h (100.0 %)"),
        (cell(healthy=1800, gap=1800), "h", "Not checked 30 min (50.0 %)"),
    ],
)
def test_a_cell_shows_the_worst_and_says_all(what: Cell, class_: str, line: str) -> None:
    assert look(what) == class_
    lines = said(what, when(what, HOUR, BERLIN)).splitlines()
    assert lines[0] == "Sun 29 Nov 04:00 to 05:00"
    assert line in lines


@pytest.fixture(scope="module")
def hundred_hours(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """Hours of checks, every half hour, in two of which it was down at the same time of the day."""
    made = empty_database(tmp_path_factory.mktemp("hours"))
    begun = datetime(2026, 11, 22, tzinfo=UTC)
    down = {56, 80}
    rows = [
        check(SHOP, begun + number * timedelta(minutes=30), "down" if number // 2 in down else "healthy")
        for number in range(200)
    ]
    write(made, [service(SHOP, interval=timedelta(minutes=30))], rows)
    roll_up_until(made, begun + 100 * HOUR)
    return made


def pieces(html: str) -> list[tuple[str, str, str]]:
    """The look, the number of columns and the address of each piece of a strip."""
    return re.findall(r'class="(\w+)"(?: style="--n:(\d+)")?.*?href="([^"]+)"', html)


def test_a_long_strip_joins_what_was_well_and_every_piece_leads_to_its_time(hundred_hours: Location) -> None:
    text = "2026-11-22/2026-11-26T04:00"
    with read_only(hundred_hours) as connection:
        found = heat.heat(connection, NOW, text, (SHOP,), "Europe/Berlin")
    (strip,) = found.strips
    parts = pieces(strip.html)
    assert [part[:2] for part in parts] == [("h", "56"), ("d3", ""), ("h", "23"), ("d3", ""), ("h", "19")]
    assert strip.summary == "100 hours: 2 with down time, 98 healthy"
    asked = {name: values[0] for name, values in parse_qs(urlsplit(unescape(parts[1][2])).query).items()}
    view, faults = read_view(asked, NOW)
    assert (view.service, faults) == (SHOP, ())
    period = view.period(NOW)
    assert (period.since, period.length) == (datetime(2026, 11, 24, 8, tzinfo=UTC), HOUR)


def test_a_short_strip_keeps_every_cell(hundred_hours: Location) -> None:
    with read_only(hundred_hours) as connection:
        found = heat.heat(connection, NOW, "2026-11-22/2026-11-23", (SHOP,), "UTC")
    assert [part[:2] for part in pieces(found.strips[0].html)] == [("h", "")] * 24


def test_the_days_laid_over_each_other_show_the_hour_of_the_viewer(hundred_hours: Location) -> None:
    with read_only(hundred_hours) as connection:
        found = heat.clock(connection, NOW, "2026-11-22/2026-11-26", (SHOP,), "Europe/Berlin")
    looks = [part[0] for part in pieces(found.strips[0].html)]
    assert looks == ["h"] * 9 + ["d3"] + ["h"] * 14, "eight o'clock in UTC is nine in Berlin"
    assert "09:00 to 10:00, all days together&#10;Down 2 h (50.0 %)" in found.strips[0].html


@pytest.mark.parametrize(
    ("text", "since", "step"),
    [
        ("24h", "2026-11-28T05:00", HOUR),
        ("7d", "2026-11-22T05:00", HOUR),
        ("30d", "2026-10-29T23:00", DAY),
        ("130d", "2026-07-21T22:00", 3 * DAY),
    ],
)
def test_the_columns_of_the_map_are_hours_or_the_days_of_the_viewer(
    text: str, since: str, step: timedelta
) -> None:
    found = heat.columns_of(parse_period(text, NOW), BERLIN)
    assert found == (datetime.fromisoformat(since).replace(tzinfo=UTC), step)


def budget(left: float | None, gone: datetime | None = None, burn: float = 0.0) -> Budget:
    return Budget(SHOP, 99.9, 99.95, left, 20.0, (burn, 0.0, None), gone)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (budget(46.1), ["46.1 % left", "20 min", "not in 30 days", "99.95 %"]),
        (budget(-36.6, NOW), ["37 % over", "already"]),
        (budget(float("-inf"), NOW), [">used up<", "already"]),
        (
            budget(12.0, NOW + timedelta(days=6), burn=14.4),
            ["12 % left", "in 6 d", "14×", 'class="change worse"'],
        ),
        (budget(None), ["–"]),
    ],
)
def test_a_budget_says_what_is_left_and_until_when(one: Budget, words: list[str]) -> None:
    found = budget_table([one], View(), BERLIN, NOW)
    for word in words:
        assert word in found
    assert ("change worse" in found) is ((one.burns[0] or 0) > 1)


def test_a_picture_has_a_text_and_leaves_gaps_out() -> None:
    found = spark([100.0, 200.0, None, 150.0, 300.0], "P95")
    assert 'aria-label="P95 from 100 ms to 300 ms, at last 300 ms"' in found
    assert found.count('class="tr-line"') == 2
    assert "tr-line" not in spark([None, 100.0, None], "P95")


def test_the_worst_are_those_that_were_down_longest() -> None:
    short, long = Line(SHOP, down_seconds=60.0), Line(CHAT, down_seconds=600.0, degraded_seconds=30.0)
    well = Line(ServiceKey(ServiceType.MCP, "fly"))
    assert worst_of([short, well, long]) == [long, short]
    found = worst_list([long, short], {CHAT: Why("http_5xx", 2)}, View())
    assert "down 10 min · degraded 30 s" in found
    assert "mostly server error · 2 incidents" in found
