"""/healthz and /metrics about alerts: whether they can be sent, and how many there are."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from analytics.alerting import ChannelHealth
from collector.heartbeat import HeartbeatState
from collector.receiver.health_routes import health, health_routes
from collector.receiver.live_metrics import LiveMetrics
from collector.receiver.live_state import AlertFigures, DeliveryHealth, LiveState
from tests.collector.receiver.receiving import ANY_PORT, NOW, Receiver

DOCUMENT = Path(__file__).parents[3] / "docs" / "watching-the-watcher.md"


@pytest.fixture
async def state() -> LiveState:
    """What a collector knows that is well and has nothing to deliver."""
    return Receiver(ANY_PORT).state()


def failing(minutes: float, name: str = "team") -> ChannelHealth:
    return ChannelHealth(name, 3, NOW - timedelta(minutes=minutes), 4, 0, "secret.example said no")


def problems(state: LiveState, deliveries: DeliveryHealth | None) -> tuple[int, list[str]]:
    status, content = health(replace(state, deliveries=lambda: deliveries))
    return status, content["problems"]


@pytest.mark.parametrize(
    "deliveries",
    [
        None,
        DeliveryHealth(),
        DeliveryHealth([ChannelHealth("team", 7, None, 0, 0, "")]),
        DeliveryHealth([failing(4.9)]),
    ],
)
async def test_a_collector_that_delivers_is_well(state: LiveState, deliveries: DeliveryHealth | None) -> None:
    assert problems(state, deliveries) == (200, [])


async def test_a_channel_that_took_nothing_for_five_minutes_makes_it_red(state: LiveState) -> None:
    found = problems(state, DeliveryHealth([failing(5), failing(1, "mail")]))
    assert found == (503, ["messages to team cannot be delivered since 2026-11-24T11:55:00.000Z"])


async def test_a_channel_that_refuses_everything_makes_it_red_though_nothing_waits(state: LiveState) -> None:
    refusing = ChannelHealth("team", 0, NOW - timedelta(minutes=5), 0, 2, "404 no_service")
    found = problems(state, DeliveryHealth([refusing]))
    assert found == (503, ["messages to team cannot be delivered since 2026-11-24T11:55:00.000Z"])


async def test_a_delivery_that_stopped_makes_it_red(state: LiveState) -> None:
    found = problems(state, DeliveryHealth(stopped=True))
    assert found == (503, ["alerts cannot be sent: the delivery loop stopped"])


#: What the line for cron in docs/watching-the-watcher.md looks for in the answer.
CRON = re.compile(r"^ +\* \* \* \* \* .*/healthz \| grep -q '(.+)' \|\| systemctl", re.M)
TOO_LATE = NOW + timedelta(minutes=3)


@pytest.mark.parametrize(
    ("known", "restarts"),
    [
        ({}, False),
        ({"deliveries": lambda: DeliveryHealth([failing(60)])}, False),
        ({"alerts_failure": lambda: "KeyError: hunter2"}, False),
        ({"write_failure": lambda: "the disk is full"}, False),
        ({"deliveries": lambda: DeliveryHealth(stopped=True)}, True),
        ({"now": lambda: TOO_LATE}, True),
        ({"now": lambda: TOO_LATE, "write_failure": lambda: "the disk is full"}, False),
        ({"deliveries": lambda: DeliveryHealth(stopped=True), "write_failure": lambda: "full"}, False),
    ],
)
async def test_the_line_for_cron_restarts_only_what_a_restart_mends(
    known: dict[str, Any], restarts: bool, state: LiveState
) -> None:
    (route, _) = health_routes(replace(state, **known))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(route), base_url="http://collector") as http:
        answer = await http.get("/healthz")
    assert answer.status_code == (503 if known else 200)
    (well,) = CRON.findall(DOCUMENT.read_text(encoding="utf-8"))
    assert (well not in answer.text) is restarts


async def test_every_problem_is_explained(state: LiveState) -> None:
    everything = {
        "now": lambda: TOO_LATE,
        "write_failure": lambda: "the disk is full",
        "alerts_failure": lambda: "KeyError: hunter2",
        "deliveries": lambda: DeliveryHealth([failing(60)], stopped=True),
    }
    _, content = health(replace(state, **everything))
    text = DOCUMENT.read_text(encoding="utf-8")
    assert len(content["problems"]) == 5
    for problem in content["problems"]:
        assert f"| `{problem.partition(' since ')[0]}" in text


def lines(state: LiveState, **known: Any) -> list[str]:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(LiveMetrics(replace(state, **known)))
    return [line for line in generate_latest(registry).decode().splitlines() if line.startswith("health_")]


async def test_a_collector_that_knows_nothing_of_alerts_shows_none(state: LiveState) -> None:
    assert lines(state) == []


async def test_alerts_messages_feeds_and_the_heartbeat_are_figures(state: LiveState) -> None:
    figures = AlertFigures({"service_down": 2}, {"critical": 1}, {("team", "delivered"): 5})
    found = lines(
        state,
        alerts=lambda: figures,
        deliveries=lambda: DeliveryHealth([failing(5)]),
        vendor_feeds=lambda: {"openai": True, "fly": False},
        heartbeat=lambda: HeartbeatState(True, NOW),
    )
    assert found == [
        'health_alerts_firing{rule="service_down"} 2.0',
        'health_incidents_open{severity="critical"} 1.0',
        'health_notifications_total{channel="team",outcome="delivered"} 5.0',
        'health_notifications_waiting{channel="team"} 3.0',
        'health_notifications_failing_since_timestamp_seconds{channel="team"} 1.7955213e+09',
        "health_delivery_running 1.0",
        'health_vendor_feed_up{vendor="openai"} 1.0',
        'health_vendor_feed_up{vendor="fly"} 0.0',
        "health_heartbeat_up 1.0",
        "health_heartbeat_taken_timestamp_seconds 1.7955216e+09",
    ]


async def test_before_the_first_heartbeat_nothing_is_said_of_it(state: LiveState) -> None:
    assert lines(state, heartbeat=lambda: HeartbeatState(None, None)) == []
