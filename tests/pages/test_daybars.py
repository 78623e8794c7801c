"""The bar of days: shares, tooltips, the sentence for those who cannot see it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pages._ui import words
from pages._ui.daybars import Day, daybar, exact_percent, shares, summary, tip

BERLIN = ZoneInfo("Europe/Berlin")
#: A Monday in Berlin.
BEGUN = datetime(2026, 11, 22, 23, tzinfo=UTC)
HOUR, WHOLE = 3600.0, 86_400.0
GOOD = Day(BEGUN, BEGUN + timedelta(days=1), healthy=WHOLE, checks=1440, uptime=100.0)
EMPTY = Day(BEGUN, BEGUN + timedelta(days=1))
BAD = replace(
    GOOD, healthy=18 * HOUR, degraded=3 * HOUR, down=2 * HOUR, unknown=0.5 * HOUR, uptime=91.306, checks=1380
)


def test_a_good_day_is_one_colour_and_one_line() -> None:
    html = daybar([GOOD], BERLIN)

    assert '<i class="h" data-tip="Mon 23 Nov\nHealthy all day, 1,440 checks"></i>' in html


def test_a_bad_day_says_all_of_it_to_the_minute() -> None:
    assert tip(BAD, BERLIN).splitlines() == [
        "Mon 23 Nov",
        "Uptime 91.30 % of 1,380 checks",
        "Down 2 h",
        "Degraded 3 h",
        "Healthy 18 h",
        "Unknown 30 min",
        "Not checked 30 min",
    ]


def test_a_day_without_data_is_hollow_and_says_so() -> None:
    assert '<i class="n" data-tip="Mon 23 Nov\nNo data"></i>' in daybar([EMPTY], BERLIN)


def test_the_day_is_the_one_of_the_zone() -> None:
    assert tip(GOOD, ZoneInfo("America/New_York")).startswith("Sun 22 Nov")


def test_incidents_are_named_up_to_three() -> None:
    lines = tip(replace(GOOD, incidents=("a", "b", "c", "d", "e")), BERLIN).splitlines()

    assert lines[-4:] == ["a", "b", "c", "and 2 more incidents"]
    assert tip(replace(GOOD, incidents=("a",)), BERLIN).splitlines()[-1] == "a"


def test_shares_of_a_long_trouble_are_exact() -> None:
    down, degraded, healthy = shares(replace(GOOD, healthy=12 * HOUR, degraded=6 * HOUR, down=6 * HOUR))

    assert (down, degraded, healthy) == pytest.approx((25, 50, 100))


def test_what_is_not_known_stays_free_at_the_top() -> None:
    down, degraded, healthy = shares(replace(GOOD, healthy=12 * HOUR, degraded=0, down=6 * HOUR))

    assert (down, degraded, healthy) == pytest.approx((25, 25, 75))


def test_a_minute_of_trouble_can_be_seen_and_takes_from_the_good() -> None:
    down, degraded, healthy = shares(replace(GOOD, healthy=WHOLE - 61, degraded=1, down=60))

    assert down == 18
    assert degraded - down == 9
    assert healthy == pytest.approx(100)


def test_trouble_in_a_day_hardly_known_never_leaves_the_slot() -> None:
    edges = shares(replace(EMPTY, degraded=60, down=60))

    assert list(edges) == sorted(edges)
    assert edges[2] <= 100


def test_the_sentence_counts_days() -> None:
    found = summary([EMPTY, GOOD, GOOD, BAD, replace(BAD, down=0)])

    assert found == "Last 5 days: 1 with down time, 1 degraded for a time, 2 without trouble, 1 without data."
    assert summary([]) == "No days yet."


def test_it_is_one_stop_of_the_tab_key_and_keeps_it() -> None:
    html = daybar([GOOD, BAD], BERLIN, keep='days-api/a"b')

    assert 'data-strip tabindex="0" role="img" data-keep="days-api/a&quot;b"' in html
    assert 'aria-label="Last 2 days: 1 with down time, 1 without trouble."' in html
    assert "data-keep" not in daybar([GOOD], BERLIN)


def test_titles_of_incidents_are_never_markup() -> None:
    html = daybar([replace(GOOD, incidents=('"><script>alert(1)</script>',))], BERLIN)

    assert "<script" not in html
    assert re.findall(r"<(\w+)", html) == ["span", "i"]


@pytest.mark.parametrize(
    ("value", "said"),
    [(100.0, "100 %"), (99.999, "99.99 %"), (99.9, "99.90 %"), (0.0, "0.00 %"), (None, "–")],
)
def test_uptime_is_cut_and_never_rounded_up(value: float | None, said: str) -> None:
    assert exact_percent(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (250, "4 min 10 s"),
        (3600, "1 h"),
        (85_299, "23 h 41 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_lengths_of_time_have_two_units(seconds: float, said: str) -> None:
    assert words.spelt(seconds) == said
