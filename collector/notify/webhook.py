"""A generic webhook, signed after Standard Webhooks: whatever else shall know can be told by it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from analytics.alerting import Action, Message
from collector.notify.base import Receipt
from collector.notify.http_answers import Endpoint
from collector.notify.options import WebhookOptions
from collector.notify.wording import headline, line, paragraph

_LONGEST_LINE, _LONGEST_TEXT, _MOST_AFFECTED = 1000, 8000, 50

HINTS = {
    401: "the receiver does not accept the signature; is secret the same on both sides?",
    403: "the receiver does not let this webhook in",
    404: "there is no webhook at this url",
    410: "the receiver wants no more messages",
}


class Webhook:
    """One URL that is sent a signed JSON document for each message."""

    def __init__(self, name: str, options: WebhookOptions, endpoint: Endpoint) -> None:
        self.name = name
        self.kind = "webhook"
        self.for_machines = True
        self._key = base64.b64decode(options.secret.removeprefix("whsec_"))
        self._endpoint = replace(endpoint, url=options.url, timeout=options.timeout, hints=HINTS)

    def __repr__(self) -> str:
        return f"Webhook({self.name!r})"

    def takes(self, message: Message) -> bool:
        """Everything but reports: those are files."""
        return message.action is not Action.REPORT

    def rendered(self, message: Message) -> dict[str, Any]:
        """The whole body. Every key of `data` is always there; what is not known is null."""
        return {
            "type": f"alert.{message.action}",
            "timestamp": _written(message.at),
            "data": _data(message),
        }

    async def send(self, message: Message) -> Receipt:
        """One delivery. 2xx is accepted, 4xx refused for good, but for 408, 425 and 429; all else failed."""
        body = json.dumps(self.rendered(message), ensure_ascii=False).encode()
        seconds = int(self._endpoint.clock())
        return await self._endpoint.post(body, signed_headers(self._key, webhook_id(message), seconds, body))


def webhook_id(message: Message) -> str:
    """The same for every repetition of one message, so that the receiver recognises them."""
    said = f"{message.dedup_key}\n{message.action}\n{message.at.isoformat()}"
    return f"msg_{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:32]}"


def signed_headers(key: bytes, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks: HMAC-SHA256 over "id.timestamp.body", seconds since 1970."""
    digest = hmac.digest(key, f"{message_id}.{seconds}.".encode("ascii") + body, "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode('ascii')}",
    }


def _data(message: Message) -> dict[str, Any]:
    return {
        "dedup_key": line(message.dedup_key, _LONGEST_LINE),
        "service": line(message.service, _LONGEST_LINE),
        "severity": str(message.severity),
        "headline": headline(message),
        "title": line(message.title, _LONGEST_LINE),
        "text": paragraph(message.text, _LONGEST_TEXT),
        "rule": line(message.rule, _LONGEST_LINE) or None,
        "reason": line(message.reason, _LONGEST_LINE) or None,
        "incident_id": line(message.incident_id, _LONGEST_LINE) or None,
        "began_at": _written(message.began_at),
        "ended_at": _written(message.ended_at) if message.ended_at else None,
        "over": message.over,
        "relapses": message.relapses,
        "affected": [line(name, _LONGEST_LINE) for name in message.affected[:_MOST_AFFECTED]],
        "vendor": line(message.vendor, _LONGEST_LINE) or None,
        "author": line(message.author, _LONGEST_LINE) or None,
        "note": paragraph(message.note, _LONGEST_TEXT) or None,
        "runbook": line(message.runbook, 2000) or None,
        "dashboard": line(message.dashboard, 2000) or None,
    }


def _written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
