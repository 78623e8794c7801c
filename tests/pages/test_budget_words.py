"""One language for what is left of an error budget."""

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pages._ui import budget_words

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("percent", "said"),
    [
        (100.0, "100 % left"),
        (99.99, "99.9 % left"),
        (46.18, "46.1 % left"),
        (0.04, "<0.1 % left"),
        (0.0, "used up"),
        (-20.0, "20 % over"),
        (-20.4, "21 % over"),
        (-30.000000000004, "30 % over"),
        (-1234.0, "1,234 % over"),
        (-math.inf, "used up"),
        (None, "–"),
    ],
)
def test_what_is_left(percent: float | None, said: str) -> None:
    assert budget_words.left(percent) == said


@pytest.mark.parametrize(
    ("percent", "minutes", "said"),
    [(46.0, 20.0, "20 min"), (100.0, 43.2, "43 min"), (0.0, 0.0, ""), (-20.0, 9.0, ""), (None, None, "")],
)
def test_an_outage_is_told_only_while_something_is_left(
    percent: float | None, minutes: float | None, said: str
) -> None:
    assert budget_words.outage(percent, minutes) == said


def test_what_is_used_up_never_says_that_it_lasts() -> None:
    def said(percent: float | None, gone_at: datetime | None) -> str:
        return budget_words.used_up(percent, gone_at, UTC_ZONE, NOW)

    assert "already" in said(-20.0, None)
    assert "already" in said(0.0, NOW)
    assert "already" in said(0.01, NOW)
    assert said(100.0, None) == "not in 30 days"
    assert said(12.0, NOW + timedelta(days=6)).endswith(", in 6 d")
    assert said(None, None) == "–"
