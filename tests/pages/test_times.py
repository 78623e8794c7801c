"""Times within sentences, and the time that is looked at, by the viewer's clock."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pages._ui.times import stretch, told

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 29, 0, 30, tzinfo=UTC)


def plain(html: str) -> str:
    return re.sub("<[^>]*>", "", html)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flapping: told 3 times since 00:10 UTC", "flapping: told 3 times since 01:10"),
        ("slow since 23:50 UTC (resolved 00:05 UTC)", "slow since 00:50 (resolved 01:05)"),
        ("slow since 2026-11-27 23:50 UTC (monitoring)", "slow since 28 Nov 00:50 (monitoring)"),
        ("bad in a row since 00:10:13 UTC; rule", "bad in a row since 01:10; rule"),
        ("no time in it", "no time in it"),
        ("2026-02-30 10:00 UTC and 25:00 UTC", "2026-02-30 10:00 UTC and 25:00 UTC"),
        ("<b>00:10 UTC</b>", "&lt;b&gt;01:10&lt;/b&gt;"),
    ],
)
def test_times_in_a_sentence_are_of_the_viewers_clock(text: str, said: str) -> None:
    assert plain(told(text, BERLIN, NOW)) == said


def test_a_time_without_a_date_is_of_the_last_day_and_says_utc_on_hover() -> None:
    assert 'title="2026-11-28 23:50:00 UTC"' in told("since 23:50 UTC", BERLIN, NOW)
    assert 'title="2026-11-29 00:30:00 UTC"' in told("since 00:30 UTC", BERLIN, NOW)


def test_the_time_that_is_looked_at_names_its_clock() -> None:
    day = timedelta(days=1)
    assert plain(stretch(NOW - day, NOW, BERLIN, NOW)) == "28 Nov 01:30 to now · Europe/Berlin (UTC+1)"
    assert plain(stretch(NOW - 2 * day, NOW - day, BERLIN, NOW)).startswith("27 Nov 01:30 to 28 Nov 01:30")
