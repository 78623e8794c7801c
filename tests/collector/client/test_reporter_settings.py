"""Where a reporter sends, and what it refuses to start with."""

import pytest

from collector.client import HttpReporter
from tests.collector.client.reporting import row


def test_the_environment_says_where_to() -> None:
    reporter = HttpReporter.from_environment(
        {"HEALTH_COLLECTOR_URL": "http://c.test:1/x/?a=b", "HEALTH_TOKEN": "t" * 16}
    )
    assert str(reporter._url) == "http://c.test:1/x/"
    assert HttpReporter.from_environment({})._url == "http://127.0.0.1:8600"
    assert "t" * 16 not in repr(reporter)


def test_off_reports_to_nobody() -> None:
    reporter = HttpReporter.from_environment({"HEALTH_COLLECTOR_URL": "off"})
    reporter.record_call(row())
    assert (reporter.waiting, reporter.dropped, reporter.flush(0)) == (0, 0, True)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("127.0.0.1:18600", '"127.0.0.1:18600", which lacks http://; http://127.0.0.1:18600 would be right'),
        ("bob:geheim@c.test:1/geheim", '"c.test:1", which lacks http://; http://c.test:1 would be right'),
        ("ftp://x?geheim", '"ftp://x", which begins with neither http:// nor https://'),
        ("http://b:geheim@[/geheim", '"http://[", which is not the address of a collector'),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_its_secrets(url: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        HttpReporter.from_environment({"HEALTH_COLLECTOR_URL": url})
    assert str(caught.value).startswith(f"HEALTH_COLLECTOR_URL is {said}")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "ftp://x", "127.0.0.1:8600", "http://", "http://[", "http://a:b:c"])
def test_an_address_that_cannot_be_one_is_named(url: str) -> None:
    with pytest.raises(ValueError, match=r"HEALTH_COLLECTOR_URL.*http://127.0.0.1:8600 would be right"):
        HttpReporter(url)


def test_a_token_no_header_can_hold_is_refused_unseen() -> None:
    with pytest.raises(ValueError, match="HEALTH_TOKEN") as caught:
        HttpReporter(token="geheim\nx")
    assert "geheim" not in str(caught.value)
