"""PagerDuty, Events API v2: trigger, acknowledge and resolve by dedup key.

https://developer.pagerduty.com/docs/events-api-v2-overview, limits and answers after its reference.
"""

import hashlib
import json
from dataclasses import replace
from typing import Any

from analytics.alerting import Action, Message
from analytics.model import Severity
from collector.notify.base import Outcome, Receipt
from collector.notify.http_answers import Endpoint
from collector.notify.options import PagerDutyOptions
from collector.notify.wording import PRODUCT, cut, is_absolute, line, links, mark, paragraph

_LONGEST_SUMMARY, _LONGEST_KEY, _LONGEST_DETAIL, _LONGEST_FIELD = 1024, 255, 8000, 255
_MOST_AFFECTED = 50
#: Its documentation asks for a pause of minutes after a 429; it counts calls by the minute.
_PAUSE_AFTER_429 = 60.0

HINTS = {
    400: "PagerDuty does not take the event; is routing_key that of an Events API v2 integration?",
    401: "PagerDuty does not know the routing_key",
    403: "PagerDuty does not let this routing_key in",
    404: "there is no Events API at this url",
}
_ACTIONS = {Action.ACKNOWLEDGE: "acknowledge", Action.RESOLVE: "resolve"}


class PagerDuty:
    """One integration of a PagerDuty service."""

    def __init__(self, name: str, options: PagerDutyOptions, endpoint: Endpoint) -> None:
        self.name = name
        self.kind = "pagerduty"
        self.for_machines = True
        self._routing_key = options.routing_key
        self._endpoint = replace(endpoint, url=options.url, timeout=options.timeout, hints=HINTS)

    def __repr__(self) -> str:
        return f"PagerDuty({self.name!r})"

    def takes(self, message: Message) -> bool:
        """Everything but reports: there is nothing to answer to one."""
        return message.action is not Action.REPORT

    def rendered(self, message: Message) -> dict[str, Any]:
        """The event without its routing key."""
        action = _ACTIONS.get(message.action, "trigger")
        event: dict[str, Any] = {"event_action": action, "dedup_key": dedup_key(message.dedup_key)}
        if action != "trigger":
            return event
        event["payload"] = _payload(message)
        found = links(message)
        if found:
            event["links"] = [{"href": url, "text": text} for text, url in found]
        event["client"] = PRODUCT
        if is_absolute(message.dashboard):
            event["client_url"] = message.dashboard
        return event

    async def send(self, message: Message) -> Receipt:
        """One event. 202 is accepted, a 4xx refused for good, all else failed for now."""
        event = {"routing_key": self._routing_key, **self.rendered(message)}
        body = json.dumps(event, ensure_ascii=False).encode()
        receipt = await self._endpoint.post(body, {}, _judge)
        if receipt.answer.startswith("429 ") and receipt.retry_after is None:
            return replace(receipt, retry_after=_PAUSE_AFTER_429)
        return receipt


def _judge(status: int, _text: str) -> Outcome | None:
    """Only 202 is PagerDuty's yes; another 2xx is somebody else's, and a repeat does no harm."""
    return Outcome.FAILED if 200 <= status < 300 and status != 202 else None


def dedup_key(key: str) -> str:
    """`key` within PagerDuty's 255 characters: a longer one ends in its SHA-256 and stays one of its own."""
    if len(key) <= _LONGEST_KEY:
        return line(key, _LONGEST_KEY)
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return f"{line(key, _LONGEST_KEY - len(digest) - 1)}-{digest}"


def _payload(message: Message) -> dict[str, Any]:
    group, _, component = message.service.partition("/")
    title = line(message.title, _LONGEST_SUMMARY)
    # What is over already must wake nobody, however bad it was.
    harmless = message.over or message.action is Action.TEST
    payload = {
        "summary": cut(f"{mark(message)}{title}", _LONGEST_SUMMARY),
        "source": line(message.service, _LONGEST_FIELD),
        "severity": str(Severity.INFO if harmless else message.severity),
        "timestamp": message.at.isoformat(timespec="milliseconds"),
        "component": line(component or message.service, _LONGEST_FIELD),
        "group": line(group, _LONGEST_FIELD),
        "class": line(message.reason or message.rule, _LONGEST_FIELD),
        "custom_details": _details(message),
    }
    return {key: value for key, value in payload.items() if value}


def _details(message: Message) -> dict[str, Any]:
    details: dict[str, Any] = {
        "why": paragraph(message.text, _LONGEST_DETAIL),
        "rule": line(message.rule, _LONGEST_FIELD),
        "began_at": message.began_at.isoformat(timespec="milliseconds"),
        "ended_at": message.ended_at.isoformat(timespec="milliseconds") if message.ended_at else "",
        "came_back": message.relapses,
        "affected": [line(name, _LONGEST_FIELD) for name in message.affected[:_MOST_AFFECTED]],
        "vendor_reports": line(message.vendor, 1000),
        "runbook": line(message.runbook, 2000),
        "author": line(message.author, _LONGEST_FIELD),
        "note": paragraph(message.note, _LONGEST_DETAIL),
        "incident": line(message.incident_id, _LONGEST_FIELD),
    }
    return {key: value for key, value in details.items() if value}
