"""Slack, incoming webhook: blocks within its limits, every text from outside as plain text.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and /reference/block-kit.
"""

import json
import re
from dataclasses import replace
from typing import Any

from analytics.alerting import Action, Message
from analytics.model import Severity
from collector.notify.base import Outcome, Receipt
from collector.notify.http_answers import Endpoint
from collector.notify.options import SlackOptions
from collector.notify.wording import PRODUCT, facts, handles, headline, links, paragraph

#: Characters. All blocks together may have about 13,200 (slackapi/bolt-js issue 2509): these stay below.
_LONGEST_HEADER, _LONGEST_TEXT, _LONGEST_FIELD, _LONGEST_FALLBACK = 150, 2000, 600, 1000
_MOST_FIELDS, _LONGEST_LINK = 10, 500
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
#: Servers that speak Slack's webhooks take these words for a call even in plain text.
_CALLS = re.compile(r"@(?=(?:channel|here|everyone|all|group)\b)", re.IGNORECASE)

HINTS = {
    400: "Slack does not take the message",
    403: "Slack does not let this webhook post; is the app still allowed to?",
    404: "the webhook is gone; make a new one in the settings of the Slack app",
    410: "the channel is archived; make a webhook for another one",
}
_SIGNS = {Severity.CRITICAL: "\N{LARGE RED CIRCLE}", Severity.WARNING: "\N{LARGE ORANGE CIRCLE}"}


class Slack:
    """One channel of a Slack workspace."""

    def __init__(self, name: str, options: SlackOptions, endpoint: Endpoint) -> None:
        self.name = name
        self.kind = "slack"
        self.for_machines = False
        self._endpoint = replace(endpoint, url=options.url, timeout=options.timeout, hints=HINTS)

    def __repr__(self) -> str:
        return f"Slack({self.name!r})"

    def takes(self, message: Message) -> bool:
        """Everything but reports: those are mail."""
        return message.action is not Action.REPORT

    def rendered(self, message: Message) -> dict[str, Any]:
        """The whole body: `text` is what notifications show, `blocks` what the channel shows."""
        head = f"{_sign(message)} {headline(message)}"
        return {
            "text": escaped(head, _LONGEST_FALLBACK),
            "blocks": _blocks(message, head),
            "mrkdwn": False,
            "link_names": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }

    async def send(self, message: Message) -> Receipt:
        """One message. "ok" is accepted, a 4xx refused for good, 429 and all else failed for now."""
        body = json.dumps(self.rendered(message), ensure_ascii=False).encode()
        return await self._endpoint.post(body, {}, _judge)


def _judge(status: int, text: str) -> Outcome | None:
    """A success without Slack's "ok" comes from something else. Again would show people the same again."""
    return Outcome.REFUSED if 200 <= status < 300 and text.strip() != "ok" else None


def _sign(message: Message) -> str:
    if message.action is Action.TEST:
        return "\N{LARGE BLUE CIRCLE}"
    if message.over or message.action is Action.RESOLVE:
        return "\N{WHITE HEAVY CHECK MARK}"
    if message.action is Action.ACKNOWLEDGE:
        return "\N{EYES}"
    return _SIGNS.get(message.severity, "\N{LARGE BLUE CIRCLE}")


def _blocks(message: Message, head: str) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(head, _LONGEST_HEADER)}]
    text = paragraph(message.text, _LONGEST_TEXT)
    if text:
        blocks.append({"type": "section", "text": _plain(text, _LONGEST_TEXT)})
    fields = [_plain(f"{label}\n{value}", _LONGEST_FIELD) for label, value in facts(message)]
    blocks.append({"type": "section", "fields": fields[:_MOST_FIELDS]})
    ways = [f"<{escaped(url, 3000)}|{text}>" for text, url in links(message) if len(url) <= _LONGEST_LINK]
    elements: list[dict[str, Any]] = [{"type": "mrkdwn", "text": text} for text in [*ways, PRODUCT]]
    elements += [_plain(text, _LONGEST_FIELD) for text in handles(message)]
    blocks.append({"type": "context", "elements": elements})
    return blocks


def _plain(text: str, limit: int) -> dict[str, Any]:
    """Without `emoji`: ":smile:" in an error message stays what it is."""
    return {"type": "plain_text", "text": escaped(text, limit), "emoji": False}


def escaped(text: str, limit: int) -> str:
    """`text` with Slack's three characters escaped, in at most `limit` characters, no escape cut in two."""
    parts = [_ESCAPES.get(letter, letter) for letter in _CALLS.sub("@\u200b", text)]
    if sum(map(len, parts)) <= limit:
        return "".join(parts)
    room = limit - 1
    kept: list[str] = []
    for part in parts:
        room -= len(part)
        if room < 0:
            break
        kept.append(part)
    return "".join(kept).rstrip() + "…"
