"""How alerts read."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.model import Reason, ServiceKey, ServiceType
from analytics.rules.naming import label
from analytics.rules.signals.titles import LONGEST_TITLE, in_words, listed, one_line, plural, portion, trouble
from tests.analytics.rules.signals.samples import REDIS


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("api/shopify", "Shopify API"),
        ("mcp/shopify", "Shopify MCP server"),
        ("webhook/shopify", "Shopify webhooks"),
        ("mcp/github-official", "GitHub MCP server"),
        ("mcp/google-analytics", "Google Analytics MCP server"),
        ("api/google_analytics", "Google Analytics API"),
        ("api/openai", "OpenAI API"),
        ("infrastructure/fly", "Fly.io"),
        ("infrastructure/supabase", "Supabase"),
        ("infrastructure/redis", "Redis"),
        ("infrastructure/billing-db", "Billing Db"),
        ("infrastructure/eu_west_1", "Eu West 1"),
        ("api/PayPal", "PayPal API"),
        ("api/payPal-eu", "payPal Eu API"),
        ("infrastructure/--", "--"),
    ],
)
def test_labels(service: str, name: str) -> None:
    kind, _, own = service.partition("/")
    assert label(ServiceKey(ServiceType(kind), own)) == name


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (90, "90 seconds"),
        (300, "5 minutes"),
        (3600, "1 hour"),
        (5400, "90 minutes"),
        (7300, "2 hours"),
        (86400, "1 day"),
        (-5, "0 seconds"),
    ],
)
def test_durations(seconds: int, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (57, 312, "18 %"),
        (1, 1, "100 %"),
        (999, 1000, "99 %"),
        (1, 100, "1 %"),
        (7, 1000, "0.7 %"),
        (0, 0, "0 %"),
    ],
)
def test_portions(part: int, whole: int, words: str) -> None:
    assert portion(part, whole) == words


def test_plurals_and_lists() -> None:
    assert [plural(number, "delivery") for number in (0, 1, 2)] == [
        "0 deliveries",
        "1 delivery",
        "2 deliveries",
    ]
    assert plural(2, "day") == "2 days"
    assert [listed("abcde"[:number]) for number in range(6)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
        "a, b, c and 1 more",
        "a, b, c and 2 more",
    ]


@given(st.text(max_size=400))
def test_a_title_is_one_short_line_whatever_it_quotes(text: str) -> None:
    title = one_line("Redis not answering", text)
    assert title.isprintable()
    assert len(title) <= LONGEST_TITLE
    assert title == title.strip()


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words(reason: Reason) -> None:
    assert trouble(REDIS, reason, "what it said").startswith("Redis ")
    assert "_" not in trouble(REDIS, reason, "what it said")
