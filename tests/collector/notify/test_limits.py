"""What the vendors' documentation says of an event and of a message, as JSON Schema, for every case."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from analytics.alerting import Action
from collector.notify.pagerduty import dedup_key
from tests.collector.notify.channels import client, opened
from tests.collector.notify.messages import CASES, HOSTILE, LONG

TEXT = {"type": "string", "minLength": 1}
PAGERDUTY = {
    "type": "object",
    "required": ["event_action", "dedup_key"],
    "additionalProperties": False,
    "properties": {
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {**TEXT, "maxLength": 255},
        "client": TEXT,
        "client_url": {**TEXT, "pattern": "^https?://"},
        "links": {
            "type": "array",
            "items": {
                "required": ["href", "text"],
                "properties": {"href": {"type": "string", "pattern": "^https?://"}, "text": TEXT},
            },
        },
        "payload": {
            "type": "object",
            "required": ["summary", "source", "severity"],
            "additionalProperties": False,
            "properties": {
                "summary": {**TEXT, "maxLength": 1024},
                "source": TEXT,
                "severity": {"enum": ["critical", "error", "warning", "info"]},
                "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$"},
                "component": TEXT,
                "group": TEXT,
                "class": TEXT,
                "custom_details": {"type": "object"},
            },
        },
    },
    "if": {"properties": {"event_action": {"const": "trigger"}}},
    "then": {"required": ["payload"]},
}


def plain_text(longest: int) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "text"],
        "properties": {"type": {"const": "plain_text"}, "text": {**TEXT, "maxLength": longest}},
    }


SLACK_BLOCK = {
    "oneOf": [
        {"properties": {"type": {"const": "header"}, "text": plain_text(150)}, "required": ["text"]},
        {"properties": {"type": {"const": "section"}, "text": plain_text(3000)}, "required": ["text"]},
        {
            "properties": {
                "type": {"const": "section"},
                "fields": {"type": "array", "minItems": 1, "maxItems": 10, "items": plain_text(2000)},
            },
            "required": ["fields"],
        },
        {
            "properties": {
                "type": {"const": "context"},
                "elements": {"type": "array", "minItems": 1, "maxItems": 10},
            },
            "required": ["elements"],
        },
    ]
}
SLACK = {
    "type": "object",
    "required": ["text", "blocks"],
    "properties": {
        "text": {**TEXT, "maxLength": 40000},
        "blocks": {"type": "array", "minItems": 1, "maxItems": 50, "items": SLACK_BLOCK},
    },
}


@pytest.mark.parametrize("case", CASES)
async def test_every_event_is_one_that_pagerduty_documents(case: str) -> None:
    rendered = await _rendered("pagerduty", case)
    jsonschema.validate(rendered, PAGERDUTY)
    assert len(json.dumps(rendered).encode()) < 512 * 1024


@pytest.mark.parametrize("case", CASES)
async def test_every_message_is_one_that_slack_documents(case: str) -> None:
    rendered = await _rendered("slack", case)
    jsonschema.validate(rendered, SLACK)
    assert sum(len(text) for text in texts(rendered["blocks"])) < 13_000
    assert rendered["link_names"] is rendered["mrkdwn"] is False


async def test_nothing_from_outside_can_ping_people_or_make_a_link_in_slack() -> None:
    async with client() as http:
        rendered = opened("slack", http).rendered(HOSTILE)
    assert isinstance(rendered, dict)
    for text in texts(rendered):
        assert "<" not in text
        assert "@here" not in text


async def test_links_that_are_no_http_urls_are_left_out_everywhere() -> None:
    async with client() as http:
        for kind in ("pagerduty", "slack", "email"):
            rendered = opened(kind, http).rendered(replace(HOSTILE, title="x", text="x"))
            assert "links" not in rendered
            assert "href=" not in json.dumps(rendered)


def test_a_dedup_key_that_is_too_long_stays_one_of_its_own() -> None:
    first, second = "notice/" + "k" * 400 + "1", "notice/" + "k" * 400 + "2"
    assert dedup_key(first) != dedup_key(second)
    assert len(dedup_key(first)) == 255
    assert dedup_key(first) == dedup_key(first)
    assert dedup_key("incident/1") == "incident/1"


@pytest.mark.parametrize("action", [Action.ACKNOWLEDGE, Action.RESOLVE, Action.UPDATE])
async def test_every_event_of_one_incident_has_the_same_dedup_key(action: Action) -> None:
    async with client() as http:
        channel = opened("pagerduty", http)
        begun, after = channel.rendered(LONG), channel.rendered(replace(LONG, action=action, over=True))
    assert isinstance(begun, dict)
    assert isinstance(after, dict)
    assert begun["dedup_key"] == after["dedup_key"]


async def test_reports_are_for_mail_alone() -> None:
    async with client() as http:
        report = replace(LONG, action=Action.REPORT)
        takers = [
            kind for kind in ("pagerduty", "slack", "email", "webhook") if opened(kind, http).takes(report)
        ]
    assert takers == ["email"]


async def _rendered(kind: str, case: str) -> dict[str, Any]:
    async with client() as http:
        rendered = opened(kind, http).rendered(CASES[case])
    assert isinstance(rendered, dict)
    return rendered


def texts(value: Any) -> Iterator[str]:
    """Every text in `value`, but for what makes a block what it is and our own links."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            return
        for key, item in value.items():
            if key != "type":
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value
