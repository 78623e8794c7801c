"""Checks of some services, and what they say by the hour and the second, worked out without SQL."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics.db import Location, transact
from analytics.ids import uuid7
from analytics.model import Basis, Policy, ServiceInfo, ServiceKey, ServiceType
from analytics.rollups import next_step, take
from collector.store import insert_rows, replace_services
from tests.analytics.rollups.by_hand import pace

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
STALE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
RUN = uuid7()
REASONS = {"healthy": ["ok"], "degraded": ["slow", "auth"], "down": ["timeout"], "unknown": ["no_data"]}

SHOP = ServiceKey(ServiceType.API, "shopify")
CHAT = ServiceKey(ServiceType.WEBHOOK, "chatwoot")
REDIS = ServiceKey(ServiceType.INFRASTRUCTURE, "redis")
#: Has checks, and is no longer monitored.
GONE = ServiceKey(ServiceType.API, "gone")

Row = dict[str, Any]


@dataclass(frozen=True)
class Held:
    """What one attempt said, and from when to when; `counts` when it is the last attempt of its check."""

    service: ServiceKey
    at: datetime
    status: str
    reason: str
    begun: datetime
    ended: datetime
    counts: bool
    in_maintenance: bool

    def seconds(self, since: datetime, until: datetime) -> float:
        return max(0.0, (min(self.ended, until) - max(self.begun, since)).total_seconds())


def at(**span: float) -> datetime:
    return NOON + timedelta(**span)


def service(key: ServiceKey, enabled: bool = True, interval: timedelta = MINUTE) -> ServiceInfo:
    policy = Policy(Basis.PRESENT, 1000, 3000, 3, max(STALE, 2.5 * interval))
    return ServiceInfo(key, "http", "https://one.example", interval, policy, enabled)


def check(key: ServiceKey, moment: datetime, status: str = "healthy", attempt: int = 1, **said: Any) -> Row:
    return {
        "id": uuid7(),
        "timestamp": moment,
        "service_type": key.service_type.value,
        "service_name": key.service_name,
        "status": status,
        "reason": REASONS[status][0],
        "attempt": attempt,
        "run_id": RUN,
        **said,
    }


def maintenance(key: ServiceKey, starts_at: datetime, ends_at: datetime) -> Row:
    place = {"service_type": key.service_type.value, "service_name": key.service_name}
    return {"id": uuid7(), "name": "move", **place, "starts_at": starts_at, "ends_at": ends_at}


def some_checks(random_: random.Random, key: ServiceKey, since: datetime, until: datetime) -> list[Row]:
    """Checks that stay as they are for a while, some of several attempts, some followed by a stop."""
    rows, moment, status, attempt = [], since, "healthy", 1
    while moment < until:
        if attempt == 1 and random_.random() < 0.1:
            status = random_.choices(list(REASONS), [6, 2, 3, 1])[0]
        reason = random_.choice(REASONS[status])
        rows.append(check(key, moment, status, attempt, reason=reason))
        again = status == "down" and attempt < 3 and random_.random() < 0.5
        attempt = attempt + 1 if again else 1
        # One long pause is no rhythm, two in a row would be.
        pause = 60 if rows[-2:-1] and moment - rows[-2]["timestamp"] > MINUTE else random_.choice(PAUSES)
        moment += timedelta(seconds=20 if again else pause, milliseconds=random_.randrange(1000))
    return rows


PAUSES = [40, 59, 59, 59, 59, 200, 700]


def held(checks: Sequence[Row], announced: Sequence[Row], interval: timedelta = MINUTE) -> list[Held]:
    """What each attempt said, and how long: until the next one, before a long pause for one pace."""
    found = []
    keys = {(row["service_type"], row["service_name"]) for row in checks}
    for place in sorted(keys):
        key = ServiceKey(ServiceType(place[0]), place[1])
        rows = sorted(
            (row for row in checks if (row["service_type"], row["service_name"]) == place),
            key=lambda row: row["timestamp"],
        )
        begun = []
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            moment = row["timestamp"]
            begun += [moment] if row["attempt"] == 1 else []
            pause = timedelta(seconds=pace(moment, begun, interval.total_seconds()))
            ended = moment + pause
            if following and following["timestamp"] - moment <= max(STALE, 2.5 * pause):
                ended = following["timestamp"]
            planned = any(
                (one["service_type"], one["service_name"]) == place
                and one["starts_at"] <= moment < one["ends_at"]
                for one in announced
            )
            counts = following is None or following["attempt"] <= row["attempt"]
            found.append(Held(key, moment, row["status"], row["reason"], moment, ended, counts, planned))
    return found


def write(
    location: Location, services: Sequence[ServiceInfo], checks: Sequence[Row], announced: Sequence[Row] = ()
) -> None:
    """A file with these rows, in the order of time."""

    def work(connection: Any) -> None:
        replace_services(connection, services, NOON)
        insert_rows(connection, "integration_health_checks", sorted(checks, key=lambda row: row["timestamp"]))
        insert_rows(connection, "maintenance", announced)

    transact(location, work)


def roll_up_until(location: Location, hour: datetime) -> None:
    """Roll up what is finished before the full `hour`."""

    def work(connection: Any) -> None:
        while (step := next_step(connection, hour, timedelta(0), timedelta(days=99))) is not None:
            take(connection, step)

    transact(location, work)
