"""Channels as the configuration opens them, with secrets that a test can look for."""

import ssl
from datetime import timedelta
from typing import Any

import httpx
from pydantic import create_model

from collector.duration import Duration
from collector.notify.base import Channel
from collector.notify.options import (
    CHANNEL_KINDS,
    DEFAULT_SEVERITIES,
    ChannelSpec,
)
from collector.notify.registry import open_channels
from collector.probes.http_transport import probe_client
from collector.secrets import Redactor

#: 2026-11-24 10:02:31 UTC, when everything is sent.
NOW = 1795514551.0
ROUTING_KEY = "R0utingKeyR0utingKeyR0utingKey12"
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PASSWORD = "correct-horse-battery"
SLACK_PATH = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
SECRETS = (ROUTING_KEY, WHSEC, PASSWORD, SLACK_PATH, "XXXXXXXXXXXXXXXXXXXXXXXX")

OPTIONS: dict[str, dict[str, Any]] = {
    "pagerduty": {"routing_key": ROUTING_KEY},
    "slack": {"url": f"https://hooks.slack.com{SLACK_PATH}"},
    "email": {
        "host": "127.0.0.1",
        "from": "health@example.com",
        "to": ["oncall@example.com", "Zoë <zoe@example.com>"],
    },
    "webhook": {"url": "https://receiver.example.com/alerts", "secret": WHSEC},
}


#: Loading the authorities of the world takes longer than a whole test.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


#: The options of each kind, with a timeout that may be as short as a test wants it.
QUICK = {
    kind: create_model(options.__name__, __base__=options, timeout=(Duration, timedelta(seconds=5)))
    for kind, options in CHANNEL_KINDS.items()
}


def client() -> httpx.AsyncClient:
    """The collector's own HTTP client, which trusts nobody."""
    return probe_client(NO_AUTHORITIES)


def spec(kind: str, timeout: float = 5.0, **options: Any) -> ChannelSpec:
    """A channel of `kind` named after it; `options` beat the usual ones."""
    table = {**OPTIONS[kind], "timeout": timedelta(seconds=timeout), **options}
    found = QUICK[kind].model_validate(table)
    return ChannelSpec(f"my-{kind}", kind, DEFAULT_SEVERITIES[kind], found)


def opened(kind: str, http: httpx.AsyncClient, timeout: float = 5.0, **options: Any) -> Channel:
    """The channel of `spec`, ready to send."""
    redactor = Redactor()
    channels, off = open_channels([spec(kind, timeout, **options)], {}, http, redactor, lambda: NOW)
    assert off == {}
    return channels[0]
