"""What is taken over from an answer: one short line without addresses and tokens, at a bounded cost."""

import json

import httpx
import pytest

from collector.probes import google_analytics, shopify
from collector.probes.api_answer import MOST_ERRORS, text
from collector.probes.http_fetch import Fetched


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("ask bob@example.com.", "ask (an e-mail address)."),
        ("<bob@example.com>, (eve@b.test)", "<(an e-mail address)>, ((an e-mail address))"),
        ("a@b.test,c@d.test;x", "(an e-mail address);x"),
        (f"{'x' * 300}@example.com", "(an e-mail address)"),
        ("at @home @", "at @home @"),
        ("a@b", "a@b"),
        ("key sk-abc123 of bob@b.test", "key *** of (an e-mail address)"),
    ],
)
def test_addresses_and_tokens_are_left_out(said: str, shown: str) -> None:
    assert text(said) == shown


@pytest.mark.parametrize("piece", ["a", "@", "a@", "@.", "eyJ-", "bearer ", ".@a", "@-"])
def test_a_hostile_text_is_looked_through_only_so_far(piece: str) -> None:
    """A pattern that tries again from every character would meet the time limit of a test here."""
    hostile = piece * 300_000
    for _ in range(200):
        assert len(text(hostile)) <= 200
    assert text(f"{' ' * 1000}too far") == ""


def fetched(body: object, status: int) -> Fetched:
    content = json.dumps(body).encode()
    return Fetched(
        status, httpx.Headers({"content-type": "application/json"}), content, False, 1.0, "http://a"
    )


def test_of_a_long_list_of_errors_the_first_are_read() -> None:
    errors = [{"extensions": {"code": f"CODE_{number}"}} for number in range(20_000)]
    finding = shopify.judge(fetched({"errors": errors}, 200), "2026-10")
    assert finding.details["errors"] == [f"CODE_{number}" for number in range(MOST_ERRORS)]
    details = [{"reason": ""}] * MOST_ERRORS + [{"reason": "SERVICE_DISABLED"}]
    assert google_analytics._why({"details": details}) == ""
    assert google_analytics._why({"details": details[1:]}) == "SERVICE_DISABLED"
