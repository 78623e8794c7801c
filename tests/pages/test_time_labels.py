"""Today is named on every axis of time, however little of it has passed."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pages._ui.bands import Band, bands
from pages._ui.trends.heat import _labels

BERLIN = ZoneInfo("Europe/Berlin")
#: A quarter past midnight in Berlin.
NOW = datetime(2026, 11, 24, 23, 15, tzinfo=UTC)


def axis(days: int) -> str:
    html = bands([Band("Shopify", [])], NOW - timedelta(days=days), NOW, BERLIN, NOW, "Status")
    return html.split("band-axis")[1]


@pytest.mark.parametrize("days", [2, 7, 30])
def test_bands_name_today_at_their_end(days: int) -> None:
    [last] = re.findall(r'<span class="end">([^<]*)</span>', axis(days))
    assert last == "25 Nov"


def test_what_has_room_behind_it_stands_at_its_place() -> None:
    drawn = re.findall(r'<span style="left:([\d.]+)%">', axis(7))
    assert len(drawn) == 6
    assert all(float(left) < 93 for left in drawn)


def test_the_map_of_hours_names_today_at_its_end() -> None:
    hours = [NOW - timedelta(minutes=15, hours=back) for back in range(24 * 7, -1, -1)]
    labels = _labels(hours, timedelta(hours=1), BERLIN)
    assert re.findall(r'<span class="end" style="grid-column:169 / -1">([^<]*)</span>', labels) == [
        "Wed 25 Nov"
    ]


def test_the_map_of_days_names_today_at_its_end() -> None:
    days = [NOW - timedelta(minutes=15, days=back) for back in range(30, -1, -1)]
    labels = re.findall(r">([^<]+)</span>", _labels(days, timedelta(days=1), BERLIN))
    assert labels[-1] == "25 Nov"
    assert len(labels) == 8
