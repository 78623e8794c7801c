"""Whether what is to be told gets through. Pure functions."""

from collections.abc import Iterable
from datetime import datetime

from analytics.alerting import AlertPolicy, AlertRule, ChannelHealth, Signal
from analytics.rules.signals import titles
from analytics.rules.signals.settings import active


def channel_signals(channels: Iterable[ChannelHealth], policy: AlertPolicy, now: datetime) -> list[Signal]:
    """One signal a channel: a message waits after a failed attempt, or one never arrived.

    How long it may fail before it matters is the rule's `lasting`, counted from the first failure; what was
    refused for good, or expired, matters at once, until the channel takes something again.
    """
    settings = active(policy, AlertRule.DELIVERY_FAILING, None)
    if settings is None:
        return []
    signals = []
    for channel in channels:
        bad = channel.failing_since is not None or channel.refused > 0
        # A message that never arrives is trouble at once; one that waits may only be late.
        begun = now - settings.lasting if channel.refused else channel.failing_since
        title = titles.channel_failing(channel.channel, channel.waiting, channel.refused) if bad else ""
        signals.append(
            Signal(
                AlertRule.DELIVERY_FAILING,
                None,
                now,
                bad,
                settings.severity,
                title=title,
                message=channel.last_error if bad else "",
                about=channel.channel,
                begun=begun,
            )
        )
    return signals
