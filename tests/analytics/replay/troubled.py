"""Some hours with much trouble, lived through by the real rules on a real file: what a replay finds again."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from analytics.alerting import AlertPolicy, AlertRule, Mute, RuleSettings
from analytics.ids import uuid7
from analytics.model import CheckResult, Reason, ServiceInfo, Severity, Status, Verdict
from analytics.rules.maintenance import OneOff
from collector.probes.traffic import window_name
from collector.store import replace_services
from collector.store_actions import insert_mute
from tests.collector.alerting_stage import MINUTE, SECOND, START, Stage, key

SERVICES = (
    "mcp/context7",
    "mcp/fly",
    "infrastructure/fly",
    "infrastructure/supabase",
    "api/shopify",
    "api/openai",
    "webhook/shopify",
)
PROBED, TRAFFIC = SERVICES[:4], SERVICES[4:]
MINUTES = 150

_OFFLINE = range(45, 49)
_WORKED_ON = OneOff(
    "deploy", frozenset({key("infrastructure/supabase")}), START + 90 * MINUTE, START + 110 * MINUTE
)
_QUICK = {
    AlertRule.WEBHOOK_VERIFICATION: RuleSettings(
        Severity.CRITICAL, lasting=5 * MINUTE, window=20 * MINUTE, limit=90, fewest=6
    ),
    AlertRule.SLOW_RESPONSE: RuleSettings(Severity.WARNING, lasting=3 * MINUTE, window=10 * MINUTE),
    AlertRule.QUOTA_HEADROOM: RuleSettings(Severity.WARNING, limit=90, lasting=2 * MINUTE),
    AlertRule.CERTIFICATE_EXPIRY: RuleSettings(Severity.WARNING, limit=14),
}


@dataclass
class Hours:
    """The stage on which they pass, and the chance that decides."""

    stage: Stage
    chance: Random
    policy: AlertPolicy
    _in_row: dict[str, int] = field(default_factory=dict)

    def live(self) -> None:
        """From the first minute to the last."""
        self.write_what_is_known()
        for minute in range(MINUTES):
            self._minute(minute)

    def write_what_is_known(self) -> None:
        """What is monitored, and all traffic: no look sees what is later than itself."""
        self.stage.transact(self.write_services)
        self.stage.record("api_metrics", list(self._calls()))
        self.stage.record("webhook_metrics", list(self._deliveries()))
        self.stage.record("circuit_events", list(self._circuits()))

    def write_services(self, connection: Any) -> None:
        """What is monitored, as the collector writes it at its start."""
        infos = [
            ServiceInfo(
                service=spec.key,
                probe=spec.kind.name,
                target="",
                interval=spec.interval,
                policy=spec.policy,
                depends_on=spec.depends_on,
                runbook=spec.runbook,
                traffic_name=window_name(spec),
            )
            for spec in self.stage.setup.services.values()
        ]
        replace_services(connection, infos, START)

    def _minute(self, minute: int) -> None:
        stage = self.stage
        stage.now = START + minute * MINUTE + timedelta(microseconds=self.chance.randrange(900_000))
        self._people(minute)
        first, second = [], []
        for name in PROBED:
            rows = list(self._attempts(name, minute))
            first.append(rows[0])
            second += rows[1:]
        if second:
            stage.part(first, traffic=TRAFFIC, complete=False)
            stage.now += 9 * SECOND
            stage.part(second)
        else:
            stage.part(first, traffic=TRAFFIC)

    def _attempts(self, name: str, minute: int) -> Iterator[CheckResult]:
        """One that passes, a failure that is confirmed at once, or one that passes on retry."""
        found = self._found(name, minute)
        if found != "failing":
            self._in_row[name] = self._in_row.get(name, 0) + 1 if found == "down" else 0
            yield self._check(name, found, 1, max(3, self._in_row[name]) if found == "down" else 0)
            return
        yield self._check(name, "failing", 1, 1)
        if self.chance.random() < 0.3:
            retried = Verdict(Status.DEGRADED, Reason.PASSED_ON_RETRY, "passed on retry", True, 100.0, 20.0)
            yield CheckResult(key(name), self.stage.now + 5 * SECOND, retried, attempt=2)
            return
        yield self._check(name, "failing", 2, 2, 4 * SECOND)
        yield self._check(name, "down", 3, 3, 8 * SECOND)

    def _found(self, name: str, minute: int) -> str:
        """Troubles of minutes up to half an hour, at places of their own; the last of them come in a row."""
        if minute in _OFFLINE:
            return "unknown"
        place = (minute + 17 * SERVICES.index(name)) % 80
        if place in (20, 60):
            return "failing"
        if 20 < place < 34 or 60 < place < 63 or place in (70, 71, 72, 75, 76, 77):
            return "down"
        if name == "mcp/context7" and 35 < place < 50:
            return "slow"
        return "failing" if self.chance.random() < 0.01 else "ok"

    def _check(
        self, name: str, found: str, attempt: int, in_row: int, after: timedelta = timedelta(0)
    ) -> CheckResult:
        made = self.stage.probed(name, found)
        days = (
            {"tls_days_left": 12 - self.chance.randrange(11)} if name == "mcp/fly" and found == "ok" else {}
        )
        return replace(
            made, timestamp=made.timestamp + after, attempt=attempt, error_count=in_row, details=days
        )

    def _moments(self, each_minute: float) -> Iterator[tuple[datetime, float]]:
        at, end = START - 30 * MINUTE, START + MINUTES * MINUTE
        while at < end:
            yield at, (at - START) / MINUTE
            at += timedelta(microseconds=1 + int(60e6 * self.chance.expovariate(each_minute)))

    def _calls(self) -> Iterator[dict[str, Any]]:
        for api, pace in (("shopify", 8.0), ("openai", 5.0)):
            for at, minute in self._moments(pace):
                yield self._call(api, at, minute)

    def _call(self, api: str, at: datetime, minute: float) -> dict[str, Any]:
        chance = self.chance
        bad = chance.random() < (0.6 if api == "shopify" and minute % 100 > 80 else 0.02)
        slow = api == "openai" and 30 < minute % 110 < 50
        row: dict[str, Any] = {
            "timestamp": at,
            "api_name": api,
            "origin": chance.choice(("app", "worker", "probe", None)),
            "status_code": chance.choice((500, 503, 429, 401, None)) if bad else 200,
            "response_time_ms": chance.randrange(20, 600) + (4000 if slow else 0),
            "error_message": chance.choice(("it broke", None)) if bad else None,
            "reason": chance.choice((None, "timeout", "of another version")) if bad else None,
            "retries": chance.choice((0, 0, 1)),
        }
        if api == "openai" and chance.random() < 0.5:
            full = 60 < minute % 90 < 75
            row |= {"quota_name": chance.choice(("tokens", "requests")), "quota_limit": 100.0}
            row["quota_used"] = float(chance.randrange(91, 101) if full else chance.randrange(5, 92))
            row["quota_reset_at"] = at + 3 * MINUTE if chance.random() < 0.7 else None
        return row

    def _deliveries(self) -> Iterator[dict[str, Any]]:
        chance = self.chance
        for at, minute in self._moments(4.0):
            bad = chance.random() < (0.5 if 60 < minute < 95 else 0.02)
            yield {
                "timestamp": at,
                "source": "shopify",
                "verified": None if chance.random() < 0.05 else not bad,
                "processed": None if bad else chance.random() < (0.7 if 110 < minute < 120 else 0.99),
                "processing_time_ms": chance.randrange(5, 90),
                "error_message": "wrong signature" if bad else None,
            }

    def _circuits(self) -> Iterator[dict[str, Any]]:
        for origin in ("app", "worker"):
            state = "closed"
            for minute in sorted(self.chance.sample(range(MINUTES - 65), 8)):
                old, state = state, self.chance.choice(("open", "half_open", "closed"))
                at = START + minute * MINUTE + timedelta(seconds=self.chance.random())
                yield {
                    "timestamp": at,
                    "api_name": "shopify",
                    "origin": origin,
                    "old_state": old,
                    "new_state": state,
                    "message": f"{origin} says {state}",
                }

    def _people(self, minute: int) -> None:
        """Somebody acknowledges, somebody closes, somebody does not want to hear of it."""
        stage, now = self.stage, self.stage.now - SECOND
        if minute == 50:
            mute = Mute(uuid7(), key("mcp/context7"), None, now + 40 * MINUTE, "ada", "known")
            stage.transact(lambda connection: insert_mute(connection, mute, now))
        if minute % 9 != 5:
            return
        (row,) = stage.fetch("SELECT max(id) FROM integration_incidents WHERE status = 'open'")
        if row[0] is None:
            return
        act = stage.alerting.resolve if minute % 27 == 5 else stage.alerting.acknowledge
        note = "on it" if minute % 2 == 1 else ""
        stage.transact(lambda connection: act(connection, row[0], "ada", note, now))


def quick_rules(stage: Stage) -> AlertPolicy:
    """Those that are shipped, but for what takes an hour."""
    shipped = stage.setup.policy
    return replace(shipped, rules={**shipped.rules, **_QUICK})


def live_through(folder: Path, seed: int = 1) -> tuple[Stage, AlertPolicy]:
    """The stage after those hours, its file closed, and the rules it was judged by."""
    stage = Stage(folder, SERVICES, {"mcp/fly": ["infrastructure/fly"]}, now=START)
    policy = quick_rules(stage)
    stage.restart(replace(stage.setup, policy=policy, maintenance=(_WORKED_ON,)))
    Hours(stage, Random(seed), policy).live()
    stage.close()
    return stage, policy
