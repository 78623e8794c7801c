"""Every channel kind, and how the configured channels become ones that can send."""

import time
from collections.abc import Callable, Mapping, Sequence

import httpx

from collector.notify.base import Channel
from collector.notify.email import Email
from collector.notify.http_answers import Endpoint
from collector.notify.options import (
    ChannelOptions,
    ChannelSpec,
    EmailOptions,
    PagerDutyOptions,
    SlackOptions,
    WebhookOptions,
)
from collector.notify.pagerduty import PagerDuty
from collector.notify.slack import Slack
from collector.notify.webhook import Webhook
from collector.secrets import MissingVariables, Redactor


def open_channels(
    specs: Sequence[ChannelSpec],
    environment: Mapping[str, str],
    http: httpx.AsyncClient,
    redactor: Redactor,
    clock: Callable[[], float] = time.time,
) -> tuple[list[Channel], dict[str, list[str]]]:
    """The channels that can send, in order, and for those that are off the variables that are not set.

    `http` is `collector.probes.http_transport.probe_client`'s or any other; `clock` gives seconds since 1970.
    The redactor learns every secret. Raises `collector.notify.options.WrongOptions` for a value of the
    environment that cannot be; `--check-config` tells of it before.
    """
    channels: list[Channel] = []
    off: dict[str, list[str]] = {}
    for spec in specs:
        try:
            options = spec.options.resolve(environment, redactor)
        except MissingVariables as missing:
            off[spec.name] = missing.names
        else:
            channels.append(_open(spec.name, options, http, redactor, clock))
    return channels, off


def _open(
    name: str,
    options: ChannelOptions,
    http: httpx.AsyncClient,
    redactor: Redactor,
    clock: Callable[[], float],
) -> Channel:
    endpoint = Endpoint(http, "", options.timeout, redactor, clock)
    match options:
        case PagerDutyOptions():
            return PagerDuty(name, options, endpoint)
        case SlackOptions():
            return Slack(name, options, endpoint)
        case EmailOptions():
            return Email(name, options, redactor, clock)
        case WebhookOptions():
            return Webhook(name, options, endpoint)
    raise TypeError(f"no channel is made of {type(options).__name__}")
