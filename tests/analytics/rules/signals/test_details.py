"""What a check notes beside its verdict: tools, certificates, the silence of a webhook source."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.alerting import AlertRule, Signal
from analytics.model import Reason, ServiceKey, Severity, Status
from analytics.rules.signals import check_signals
from tests.analytics.rules.signals.samples import (
    CONTEXT7,
    CRITICAL,
    HOOKS,
    INFO,
    NOW,
    POLICY,
    REDIS,
    SHOPIFY,
    WARNING,
    only,
    seen,
)


def signal_of(rule: AlertRule, service: ServiceKey, *about: Any, **details: Any) -> Signal:
    return only(check_signals(seen(service, *about, **details), None, POLICY), rule)


def ago(**time: float) -> str:
    return (NOW - timedelta(**time)).isoformat()


def rhythm(usual: float, longest: float, extreme: float) -> dict[str, float]:
    """What a check notes of the rhythm of a source, in seconds."""
    return {
        "usual_pause_seconds": usual,
        "longest_pause_seconds": longest,
        "extreme_pause_seconds": extreme,
    }


@pytest.mark.parametrize(
    ("details", "bad"),
    [
        # three times the longest pause, and never less than five minutes
        ({"newest": ago(minutes=31), **rhythm(3, 600, 700)}, True),
        ({"newest": ago(minutes=30), **rhythm(3, 600, 700)}, None),
        ({"newest": ago(seconds=301), **rhythm(1, 2, 60)}, True),
        ({"newest": ago(seconds=300), **rhythm(1, 2, 60)}, None),
        # a source that speaks every two hours is unknown after one; that is no news
        ({"newest": ago(hours=3), **rhythm(7200, 9000, 9000)}, None),
        ({"newest": ago(hours=8), **rhythm(7200, 9000, 9000)}, True),
        # a shop that sleeps for ten hours has to be silent for fifteen
        ({"newest": ago(hours=10), **rhythm(60, 300, 36_000)}, None),
        ({"newest": ago(hours=15), **rhythm(60, 300, 36_000)}, None),
        ({"newest": ago(hours=15, seconds=1), **rhythm(60, 300, 36_000)}, True),
        # as long as no night is known, for twelve
        ({"newest": ago(hours=12), "usual_pause_seconds": 3, "longest_pause_seconds": 600}, None),
        ({"newest": ago(hours=12, seconds=1), "usual_pause_seconds": 3, "longest_pause_seconds": 600}, True),
        ({"newest": ago(hours=13), "usual_pause_seconds": 7200, "longest_pause_seconds": 18_000}, None),
        # only the median is known: twenty times that
        ({"newest": ago(seconds=601), "usual_pause_seconds": 30, "extreme_pause_seconds": 90}, True),
        ({"newest": ago(seconds=600), "usual_pause_seconds": 30, "extreme_pause_seconds": 90}, None),
        # too few pauses are a guess
        ({"newest": ago(hours=13), "usual_pause_seconds": 3, "pauses": 19}, None),
        ({"newest": ago(hours=13), "usual_pause_seconds": 3, "pauses": 20}, True),
        # strangers post, the source does not
        ({"newest": ago(seconds=5), "newest_genuine": ago(hours=1), **rhythm(3, 9, 90)}, True),
        # it never spoke, or nobody knows when
        ({}, None),
        ({"newest": ago(hours=9)}, None),
        ({"usual_pause_seconds": 3}, None),
        ({"newest": ago(hours=99), **rhythm(3, 9, 90), "extreme_pause_seconds": "long"}, True),
        ({"newest": "soon", "usual_pause_seconds": 3}, None),
        ({"newest": "2026-11-01T00:00:00", "usual_pause_seconds": 3}, None),
    ],
)
def test_silence(details: dict[str, Any], bad: bool | None) -> None:
    signal = signal_of(AlertRule.WEBHOOK_SILENT, HOOKS, Status.UNKNOWN, Reason.NO_DATA, **details)
    assert signal.bad is bad


@pytest.mark.parametrize("status", [Status.HEALTHY, Status.DEGRADED, Status.DOWN])
def test_a_source_that_speaks_is_not_silent(status: Status) -> None:
    details = {"newest": ago(hours=9), "usual_pause_seconds": 3}
    assert signal_of(AlertRule.WEBHOOK_SILENT, HOOKS, status, **details).bad is False


def test_silence_for_want_of_a_secret_is_ours() -> None:
    details = {"newest": ago(hours=9), "usual_pause_seconds": 3}
    signal = signal_of(AlertRule.WEBHOOK_SILENT, HOOKS, Status.UNKNOWN, Reason.MISSING_CREDENTIALS, **details)
    assert signal.bad is None


def test_the_title_of_a_silence() -> None:
    said = "no deliveries for 42 min; usually one every 3 s"
    signal = signal_of(
        AlertRule.WEBHOOK_SILENT,
        HOOKS,
        Status.UNKNOWN,
        Reason.NO_DATA,
        message=said,
        newest=ago(minutes=42),
        **rhythm(3, 9, 90),
    )
    assert signal.title == f"Shopify webhooks silent: {said}"


@pytest.mark.parametrize(
    ("service", "status", "reason", "bad"),
    [
        (CONTEXT7, Status.DEGRADED, Reason.SCHEMA_CHANGED, True),
        (CONTEXT7, Status.HEALTHY, Reason.OK, False),
        (CONTEXT7, Status.DEGRADED, Reason.SLOW, False),
        (CONTEXT7, Status.DOWN, Reason.TIMEOUT, False),
        (CONTEXT7, Status.UNKNOWN, Reason.MISSING_CREDENTIALS, None),
        (REDIS, Status.DEGRADED, Reason.SCHEMA_CHANGED, True),
    ],
)
def test_tools(service: ServiceKey, status: Status, reason: Reason, bad: bool | None) -> None:
    signal = signal_of(AlertRule.TOOLS_CHANGED, service, status, reason)
    assert (signal.bad, signal.severity) == (bad, INFO)


def test_nothing_is_said_of_the_tools_of_what_has_none() -> None:
    rules = {signal.rule for signal in check_signals(seen(REDIS, Status.HEALTHY), None, POLICY)}
    assert AlertRule.TOOLS_CHANGED not in rules


def test_a_tool_server_in_another_group_has_tools_too() -> None:
    assert signal_of(AlertRule.TOOLS_CHANGED, REDIS, Status.HEALTHY, tools_hash="ab").bad is False


def test_every_changed_tool_is_named() -> None:
    signal = signal_of(
        AlertRule.TOOLS_CHANGED,
        CONTEXT7,
        Status.DEGRADED,
        Reason.SCHEMA_CHANGED,
        tools_added=["new"],
        tools_removed=["old", "older"],
        tools_changed=[],
        tools_missing=["wanted"],
    )
    told = "missing wanted; removed old and older; added new"
    assert (signal.title, signal.message) == (f"Context7 MCP server changed its tools: {told}", told)


def test_of_a_thousand_tools_only_some_are_named() -> None:
    signal = signal_of(
        AlertRule.TOOLS_CHANGED,
        CONTEXT7,
        Status.DEGRADED,
        Reason.SCHEMA_CHANGED,
        tools_added=[f"tool-{number}" for number in range(1000)],
    )
    assert signal.message.endswith("tool-19 and 980 more")
    assert len(signal.title) <= 160


def test_the_name_of_a_tool_is_text_from_outside() -> None:
    signal = signal_of(
        AlertRule.TOOLS_CHANGED,
        CONTEXT7,
        Status.DEGRADED,
        Reason.SCHEMA_CHANGED,
        tools_added=["one\nline\x1b[31m", "x" * 9999, 7],
    )
    assert signal.message == f"added one line [31m, {'x' * 59}… and 7"


@pytest.mark.parametrize(
    ("days", "bad", "severity"),
    [
        (14, False, WARNING),
        (13, True, WARNING),
        (13.9, True, WARNING),
        (4, True, WARNING),
        (3, True, CRITICAL),
        (0, True, CRITICAL),
        (-2, True, CRITICAL),
    ],
)
def test_certificate(days: float, bad: bool, severity: Severity) -> None:
    signal = signal_of(AlertRule.CERTIFICATE_EXPIRY, SHOPIFY, Status.HEALTHY, tls_days_left=days)
    assert (signal.bad, signal.severity) == (bad, severity)


@pytest.mark.parametrize("days", [None, "5", True])
def test_without_a_certificate_there_is_nothing_to_say(days: Any) -> None:
    rules = {
        signal.rule
        for signal in check_signals(seen(SHOPIFY, Status.HEALTHY, tls_days_left=days), None, POLICY)
    }
    assert AlertRule.CERTIFICATE_EXPIRY not in rules


@pytest.mark.parametrize(
    ("days", "title"),
    [
        (5, "Shopify API: its certificate ends in 5 days"),
        (1, "Shopify API: its certificate ends in 1 day"),
        (0, "Shopify API: its certificate ends within a day"),
        (-1, "Shopify API: its certificate has ended"),
    ],
)
def test_the_title_says_when_the_certificate_ends(days: int, title: str) -> None:
    ends = "2026-11-28T12:00:00+00:00"
    signal = signal_of(
        AlertRule.CERTIFICATE_EXPIRY, SHOPIFY, Status.HEALTHY, tls_days_left=days, tls_not_after=ends
    )
    assert (signal.title, signal.message) == (title, f"it is valid until {ends}")
