"""How figures and names read."""

import pytest

from analytics.commands.words import bar, change, clean, count, level, share, sparkline


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Shop\x1b[31m red\x1b[0m", "Shop [31m red [0m"),
        ("a\r\nb\tc", "a b c"),
        ("title\x1b]0;owned\x07", "title ]0;owned"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\x9b2J", "2J"),
        ("Łódź ☃ [bold]", "Łódź ☃ [bold]"),
        ("\ud800", ""),
    ],
)
def test_nothing_is_left_that_a_terminal_would_obey(said: str, shown: str) -> None:
    assert clean(said) == shown


def test_a_share_is_never_rounded_up() -> None:
    assert [share(one) for one in (99.999, 100.0, 0.07, 99.9, None, float("nan"))] == [
        "99.99",
        "100.00",
        "0.07",
        "99.90",
        "–",
        "–",
    ]


def test_counts_are_short() -> None:
    assert [count(one) for one in (0, 999, 1000, 13_336, 107_000, 999_950, 3_000_000)] == [
        "0",
        "999",
        "1.0k",
        "13.3k",
        "107k",
        "1.0M",
        "3.0M",
    ]


def test_what_did_not_change_has_no_arrow() -> None:
    assert [change(one) for one in (12.4, -3.6, 0.4, None, float("nan"), float("inf"), 5000.0)] == [
        "▲12",
        "▼4",
        "",
        "",
        "",
        "",
        "▲>999",
    ]


def test_a_line_is_flat_where_there_is_only_noise() -> None:
    assert sparkline([100.0, 104.0, None, 101.0]) == "▄▄ ▄"
    assert sparkline([1.0, 2.0, 3.0]) == "▁▅█"
    assert sparkline([0.0, 0.0]) == "▄▄"
    assert sparkline([]) == ""


def test_minutes_of_a_day_are_seen() -> None:
    assert [level(one) for one in (0.0, 1 / 1440, 10 / 1440, 0.3, 1.0)] == ["▁", "▂", "▄", "▇", "█"]


def test_a_bar_is_never_longer_than_it_may_be() -> None:
    assert [bar(one, 4) for one in (-3.0, 0.0, 0.5, 1.0, 9.0)] == ["░░░░", "░░░░", "██░░", "████", "████"]
