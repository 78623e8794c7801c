"""Names, reasons, figures and times in words."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from analytics.model import Reason, ServiceKey, ServiceType, Status
from pages._ui import words


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("shopify", "Shopify"),
        ("github-official", "GitHub Official"),
        ("google_analytics", "Google Analytics"),
        ("google-analytics", "Google Analytics"),
        ("llamaindex-rag", "LlamaIndex RAG"),
        ("context7", "Context7"),
        ("openai", "OpenAI"),
        ("fly", "Fly.io"),
        ("mySQL-eu", "MySQL Eu"),
        ("--", "--"),
    ],
)
def test_service_names_are_those_people_know(key: str, name: str) -> None:
    assert words.service_name(key) == name


def test_what_a_service_is_stands_beside_a_name_that_several_have() -> None:
    assert words.label(ServiceKey(ServiceType.WEBHOOK, "shopify")) == "Shopify webhook"
    assert words.label(ServiceKey(ServiceType.INFRASTRUCTURE, "fly")) == "Fly.io infrastructure"
    assert words.service_label("queue", "jobs") == "Jobs queue", "a type of a later version"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (0, "<1 ms"),
        (0.99, "<1 ms"),
        (1, "1 ms"),
        (842.4, "842 ms"),
        (999.4, "999 ms"),
        (999.5, "1.0 s"),
        (3234, "3.2 s"),
        (59_949, "59.9 s"),
        (60_000, "1 min"),
        (150_000, "2 min"),
    ],
)
def test_milliseconds(value: float | None, said: str) -> None:
    assert words.milliseconds(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"),
        (100.0, "100 %"),
        (99.99, "99.9 %"),
        (93.75, "93.7 %"),
        (90.0, "90 %"),
        (0.0, "0 %"),
        (99.3, "99.3 %"),
    ],
)
def test_percent_is_never_rounded_up(value: float | None, said: str) -> None:
    assert words.percent(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0 s"),
        (0.9, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (599, "9 min 59 s"),
        (659, "10 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7199, "1 h 59 min"),
        (7200, "2 h"),
        (86_399, "23 h 59 min"),
        (90_000, "1 d 1 h"),
        (864_000, "10 d"),
    ],
)
def test_a_duration_reads_the_same_everywhere_and_is_never_rounded_up(seconds: float, said: str) -> None:
    assert words.span(timedelta(seconds=seconds)) == words.spelt(seconds) == said


def test_times_are_said_in_utc() -> None:
    moment = datetime(2026, 11, 23, 1, 30, 5, tzinfo=timezone(timedelta(hours=5)))

    assert words.clock(moment) == "20:30:05 UTC"
    assert words.day_and_clock(moment) == "2026-11-22 20:30:05 UTC"
    assert words.clock(moment.astimezone(UTC)) == "20:30:05 UTC"


def test_every_word_of_the_domain_has_its_words() -> None:
    assert set(words.REASONS) == set(Reason)
    assert set(words.STATUSES) == set(Status)
    assert set(words.GROUPS) == set(ServiceType)


def test_a_reason_of_a_newer_version_is_shown_as_it_is_spelt() -> None:
    assert words.reason("solar_flare") == "Solar flare"
    assert words.reason("http_5xx") == "Server error"


def test_what_went_wrong_is_rounded_up_so_that_nothing_is_nothing() -> None:
    said = [words.bad_share(one) for one in (0.0, 0.004, 0.42, 0.421, 12.34, 100.0, None)]
    assert said == ["0 %", "0.01 %", "0.42 %", "0.43 %", "12.34 %", "100 %", "–"]
