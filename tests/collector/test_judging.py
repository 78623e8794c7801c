"""What is kept of the window a service was judged by, so that it can be judged again."""

from datetime import UTC, datetime

import pytest

from analytics.model import Window
from collector.judging import window_details

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize("in_row", [1, 5])
def test_failures_in_a_row_are_kept(in_row: int) -> None:
    details = window_details(Window(total=9, failed=6, consecutive_failures=in_row, newest=NOW))
    assert details["in_row"] == in_row


def test_without_any_nothing_is_said_of_them() -> None:
    assert "in_row" not in window_details(Window(total=9, failed=6, newest=NOW))
