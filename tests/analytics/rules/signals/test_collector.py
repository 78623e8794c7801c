"""When the collector sees nothing, and when what it has to tell does not get through."""

from datetime import datetime

import pytest

from analytics.alerting import AlertPolicy, AlertRule, ChannelHealth, RuleSettings, Signal
from analytics.model import Reason, ServiceKey, Status
from analytics.rules.signals import Evidence, Looks, channel_signals, evidence_signals
from tests.analytics.rules.signals.samples import (
    CONTEXT7,
    CRITICAL,
    HOOKS,
    LIMITS,
    MINUTE,
    NOW,
    POLICY,
    REDIS,
    SHOPIFY,
    WARNING,
)


def blind(looks: dict[ServiceKey, Looks]) -> Signal:
    made = evidence_signals(Evidence(NOW, looks=looks), LIMITS, POLICY, NOW)
    [signal] = [signal for signal in made if signal.rule is AlertRule.COLLECTOR_BLIND]
    return signal


def well(at: datetime = NOW, offline_at: datetime | None = None) -> Looks:
    return Looks(at, Status.HEALTHY, Reason.OK, offline_at)


def offline(at: datetime = NOW) -> Looks:
    return Looks(at, Status.UNKNOWN, Reason.COLLECTOR_OFFLINE, at)


@pytest.mark.parametrize(
    ("looks", "bad"),
    [
        ({}, None),
        ({REDIS: well()}, False),
        ({REDIS: well(), SHOPIFY: offline()}, True),
        ({REDIS: offline(), SHOPIFY: offline()}, True),
        # Redis needs no network and was never out of sight: seeing it proves nothing
        ({REDIS: well(NOW), SHOPIFY: offline(NOW - MINUTE)}, True),
        # Shopify is back in sight, and Context7 has not been looked at since
        ({SHOPIFY: well(NOW, NOW - MINUTE), CONTEXT7: offline(NOW - MINUTE)}, False),
        ({SHOPIFY: well(NOW - MINUTE, NOW - 2 * MINUTE), CONTEXT7: offline(NOW)}, True),
        # too old to be the present
        ({SHOPIFY: offline(NOW - 6 * MINUTE)}, None),
        ({SHOPIFY: offline(NOW - 6 * MINUTE), REDIS: well()}, False),
        # not monitored any more
        ({ServiceKey(SHOPIFY.service_type, "gone"): offline()}, None),
        # unknown for another reason
        ({HOOKS: Looks(NOW, Status.UNKNOWN, Reason.NO_DATA)}, False),
    ],
)
def test_blindness(looks: dict[ServiceKey, Looks], bad: bool | None) -> None:
    signal = blind(looks)
    assert (signal.bad, signal.service, signal.severity) == (bad, None, CRITICAL)


def test_the_title_counts_what_cannot_be_seen() -> None:
    one, two = {SHOPIFY: offline(), REDIS: well()}, {SHOPIFY: offline(), CONTEXT7: offline()}
    said = "The collector's own network is lost"
    assert blind(one).title == f"{said}: 1 service cannot be seen"
    assert blind(two).title == f"{said}: 2 services cannot be seen"
    assert blind(two).reason is Reason.COLLECTOR_OFFLINE


@pytest.mark.parametrize(
    ("failing_since", "refused", "bad"),
    [(None, 0, False), (NOW, 0, True), (NOW - 10 * MINUTE, 0, True), (None, 1, True)],
)
def test_a_channel(failing_since: datetime | None, refused: int, bad: bool) -> None:
    channel = ChannelHealth("oncall", 3, failing_since, 5, refused, "answered 500")
    [signal] = channel_signals([channel], POLICY, NOW)
    assert (signal.bad, signal.service, signal.about, signal.severity) == (bad, None, "oncall", WARNING)
    assert signal.rule is AlertRule.DELIVERY_FAILING
    assert signal.message == ("answered 500" if bad else "")


def test_the_title_of_a_channel_says_what_became_of_its_messages() -> None:
    def title(waiting: int, refused: int) -> str:
        channel = ChannelHealth("oncall", waiting, NOW, 5, refused, "")
        return channel_signals([channel], POLICY, NOW)[0].title

    said = "Alerts do not get through to oncall"
    assert title(1, 0) == f"{said}: 1 message waits"
    assert title(3, 1) == f"{said}: 3 messages wait, 1 message refused for good"
    assert title(0, 2) == f"{said}: 2 messages refused for good"
    assert title(0, 0) == f"{said}: the last one failed"


def test_each_channel_has_its_own_signal() -> None:
    channels = [ChannelHealth(name, 0, None, 0, 0, "") for name in ("oncall", "team")]
    assert [signal.about for signal in channel_signals(channels, POLICY, NOW)] == ["oncall", "team"]
    off = AlertPolicy({AlertRule.DELIVERY_FAILING: RuleSettings(WARNING, enabled=False)})
    assert channel_signals(channels, off, NOW) == []
    assert channel_signals(channels, AlertPolicy({}), NOW) == []
