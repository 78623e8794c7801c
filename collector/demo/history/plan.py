"""What went wrong in the past of the demo: some two dozen troubles, two gaps, and once our own network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

import numpy as np

from analytics.model import Reason, ServiceKey, ServiceType
from collector.demo.history.batch import HOUR, MINUTE, from_datetime
from collector.demo.history.maintenance import MAINTENANCE, newest_maintenance


class Effect(StrEnum):
    """What a trouble does."""

    FAILS = "fails"
    """Every attempt of a probe fails; for an API the `share` of its calls."""
    SLOW = "slow"
    """Answers take `factor` times as long."""
    UNVERIFIED = "unverified"
    """The `share` of the deliveries that carry a wrong signature."""
    OFFLINE = "offline"
    """The network of the collector itself is gone."""
    GAP = "gap"
    """The collector does not run."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that went wrong, from `start` to `end` (microseconds since 1970).

    `status` is the HTTP status of failed calls, None when no answer came. `note` is what a person wrote into
    the incident when it was over.
    """

    effect: Effect
    services: tuple[ServiceKey, ...]
    start: int
    end: int
    reason: Reason = Reason.OK
    message: str = ""
    status: int | None = None
    share: float = 1.0
    factor: float = 1.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Planned:
    days_ago: int
    hour: float
    minutes: float
    effect: Effect
    services: tuple[str, ...] = ()
    reason: Reason = Reason.OK
    message: str = ""
    status: int | None = None
    share: float = 1.0
    factor: float = 1.0
    note: str = ""
    #: Minutes from its begin to when it came back, each time for as long.
    again: tuple[float, ...] = ()


_PLAN = (
    _Planned(
        28, 9.2, 40, Effect.FAILS, ("mcp/fly",), Reason.CONNECT, "connection refused",
        note="The MCP server had died with its host's reboot. It is started by systemd now.",
    ),
    _Planned(
        26, 14.5, 25, Effect.FAILS, ("api/shopify",),
        Reason.RATE_LIMITED, "answered 429 Too Many Requests", 429, 0.4,
        note="The nightly import ran in the afternoon. It has a rate of its own now.",
    ),
    _Planned(25, 3.6, 22, Effect.GAP),
    _Planned(
        22, 18.2, 170, Effect.SLOW, ("api/openai",), factor=2.3,
        note="Slow for everybody, as their status page said. Nothing to do on our side.",
    ),
    _Planned(
        20, 11.1, 18, Effect.FAILS,
        ("infrastructure/supabase", "mcp/supabase", "mcp/llamaindex-rag"),
        Reason.HTTP_5XX, "HTTP 503 Service Unavailable",
        note="Supabase restarted the project's database for maintenance.",
    ),
    _Planned(
        18, 10.4, 75, Effect.UNVERIFIED, ("webhook/chatwoot",), share=0.6,
        note="The webhook's secret had been rotated in Chatwoot. Set the new one here.",
    ),
    _Planned(
        16, 7.7, 6, Effect.FAILS, ("mcp/llamaindex-rag",), Reason.DNS, "the name cannot be resolved",
        note="A blip of the name servers.",
    ),
    _Planned(
        14, 13.0, 150, Effect.FAILS, ("mcp/github-official",), Reason.AUTH, "HTTP 401 Unauthorized", 401,
        note="The personal access token had expired. Replaced, with a reminder a week before the next time.",
    ),
    _Planned(13, 5.2, 7, Effect.OFFLINE),
    _Planned(
        11, 16.3, 26, Effect.SLOW, ("infrastructure/redis",), factor=400.0,
        note="KEYS * in a script of ours. It uses SCAN now.",
    ),
    _Planned(
        9, 12.6, 20, Effect.FAILS, ("api/google_analytics",),
        Reason.QUOTA_EXHAUSTED, "answered 429: RESOURCE_EXHAUSTED", 429, 0.7,
        note="The hourly quota of the property was used up by a dashboard left open.",
    ),
    _Planned(
        8, 20.1, 9, Effect.FAILS, ("mcp/context7",), Reason.TLS, "certificate has expired",
        note="Their certificate was renewed within ten minutes.",
    ),
    _Planned(6, 22.9, 12, Effect.GAP),
    _Planned(
        5, 8.8, 55, Effect.FAILS, ("mcp/llamaindex-rag",), Reason.HTTP_5XX, "HTTP 500 Internal Server Error",
        note="The index file was corrupt after a full disk. Rebuilt.",
    ),
    _Planned(
        4, 18.6, 130, Effect.SLOW, ("api/openai",), factor=2.5,
        note="Slow again in the evening. We try a smaller model for the drafts.",
    ),
    _Planned(
        3, 15.4, 14, Effect.FAILS, ("infrastructure/fly",), Reason.UNHEALTHY,
        "servicecheck-00-http-8080 is critical on d8901fa3",
        note="A machine ran out of memory and was restarted by Fly.",
    ),
    _Planned(
        2, 9.6, 12, Effect.FAILS, ("api/chatwoot",), Reason.HTTP_5XX, "answered 502 Bad Gateway", 502, 0.8,
        note="Their deployment took longer than planned.",
    ),
    _Planned(
        1, 13.7, 20, Effect.FAILS, ("api/shopify",),
        Reason.RATE_LIMITED, "answered 429 Too Many Requests", 429, 0.19,
        note="A flash sale. The order sync backs off now when the bucket is nearly empty.",
    ),
    _Planned(
        1, 4.1, 45, Effect.FAILS, ("mcp/google-analytics",), Reason.EXITED,
        "the server ended at once with exit code 1",
        note="pipx had upgraded it to a version that needs another Python. Pinned.",
    ),
    _Planned(
        10, 15.1, 8, Effect.FAILS, ("mcp/shopify",), Reason.HTTP_5XX, "HTTP 502 Bad Gateway",
        note="Its container ran out of memory again and again. It has twice as much now.", again=(31, 66),
    ),
)  # fmt: skip

#: Nothing begins this soon after the start of the history, and everything is over this long before now.
_MARGIN_BEFORE = 2 * HOUR
_MARGIN_AFTER = 3 * HOUR
_JITTER_MINUTES = 20.0
#: The maintenance with trouble in it is the last one that began so long ago.
_RESTARTED_BEFORE = timedelta(days=5)


def troubles(now: datetime, days: int, seed: int) -> list[Trouble]:
    """What went wrong in the `days` before `now`, in the order of time. The seed moves each a little."""
    chance = np.random.default_rng([seed, 1])
    earliest = from_datetime(now - timedelta(days=days)) + _MARGIN_BEFORE
    latest = from_datetime(now) - _MARGIN_AFTER
    dated = [
        trouble for planned in _PLAN for trouble in _dated(planned, now, float(chance.uniform(-1.0, 1.0)))
    ]
    return sorted(
        (
            trouble
            for trouble in [*dated, _restart(now)]
            if trouble.start >= earliest and trouble.end <= latest
        ),
        key=lambda trouble: trouble.start,
    )


def affecting(found: Sequence[Trouble], service: ServiceKey) -> list[Trouble]:
    """Those of `found` that are about `service`."""
    return [trouble for trouble in found if service in trouble.services]


def _dated(planned: _Planned, now: datetime, jitter: float) -> Iterator[Trouble]:
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    begin = midnight - timedelta(days=planned.days_ago) + timedelta(hours=planned.hour)
    first = from_datetime(begin) + int(jitter * _JITTER_MINUTES * MINUTE)
    for minutes in (0.0, *planned.again):
        start = first + int(minutes * MINUTE)
        yield Trouble(
            planned.effect,
            tuple(_key(name) for name in planned.services),
            start,
            start + int(planned.minutes * MINUTE),
            planned.reason,
            planned.message,
            planned.status,
            planned.share,
            planned.factor,
            planned.note,
        )


def _restart(now: datetime) -> Trouble:
    """What is worked on in maintenance does not answer for a while; nobody is told of it."""
    announced, _ = newest_maintenance(now - _RESTARTED_BEFORE)
    start = from_datetime(announced) + 12 * MINUTE
    services = tuple(MAINTENANCE.services or ())
    return Trouble(Effect.FAILS, services, start, start + 7 * MINUTE, Reason.CONNECT, "connection refused")


def _key(text: str) -> ServiceKey:
    service_type, _, name = text.partition("/")
    return ServiceKey(ServiceType(service_type), name)
