"""Verdicts on what is judged by traffic: an API by its calls and probe, a webhook source by deliveries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb

from analytics.model import Attempt, Basis, CheckResult, Finding, Rhythm, Window
from analytics.rules.probed_calls import patient, with_probe
from analytics.rules.status import decide
from analytics.windows import call_windows, delivery_rhythms, delivery_windows
from collector.probes.base import ServiceSpec
from collector.probes.traffic import unset_note, window_name

#: A rhythm is that of a week: it does not change within minutes, and reading it costs more than a window.
_RHYTHMS_KEPT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Look:
    """A service to be judged by its traffic and the newest `finding` of its probe, if it has one.

    `attempt` is what the probe did just now, None when it was not its turn.
    `streak` counts the probe's failures in a row that end now; `retried` says that an earlier attempt of the
    same check failed.
    """

    spec: ServiceSpec
    attempt: Attempt | None = None
    finding: Finding | None = None
    streak: int = 0
    retried: bool = False

    def as_of(self, now: datetime) -> datetime:
        """The moment this look is at: the end of its attempt, `now` without one."""
        if self.attempt is None:
            return now
        return self.attempt.started_at + timedelta(milliseconds=self.attempt.duration_ms)


@dataclass
class Judge:
    """Judges looks on a connection; `environment` only tells which variables of a service are unset."""

    environment: Mapping[str, str]
    _rhythms: Mapping[str, Rhythm] = field(default_factory=dict)
    _rhythms_at: datetime | None = None

    def verdicts(
        self, connection: duckdb.DuckDBPyConnection, looks: Sequence[Look], now: datetime
    ) -> list[CheckResult]:
        """One result a look, in order; the newest look at a service sees everything up to `now`."""
        newest = {look.spec.key: number for number, look in enumerate(looks)}
        calls: dict[datetime, dict[str, Window]] = {}
        deliveries: dict[str, Window] | None = None
        results = []
        for number, look in enumerate(looks):
            moment = now if newest[look.spec.key] == number else look.as_of(now)
            if look.spec.policy.basis is Basis.CALLS:
                if moment not in calls:
                    calls[moment] = call_windows(connection, moment)
                windows = calls[moment]
            else:
                if deliveries is None:
                    deliveries = delivery_windows(connection, now, self._known_rhythms(connection, now))
                windows = deliveries
            results.append(self._judge(look, windows.get(window_name(look.spec), Window()), moment))
        return results

    def _known_rhythms(self, connection: duckdb.DuckDBPyConnection, now: datetime) -> Mapping[str, Rhythm]:
        if self._rhythms_at is None or now - self._rhythms_at >= _RHYTHMS_KEPT:
            self._rhythms, self._rhythms_at = delivery_rhythms(connection, now), now
        return self._rhythms

    def _judge(self, look: Look, window: Window, now: datetime) -> CheckResult:
        spec, attempt = look.spec, look.attempt
        verdict = decide(window, patient(spec.policy, look.finding), now)
        if look.finding is not None:
            verdict = with_probe(verdict, look.finding, look.streak, spec.policy, look.retried)
        elif window.newest is None:
            verdict = unset_note(spec, verdict, self.environment)
        details = {**(look.finding.details if attempt and look.finding else {}), **window_details(window)}
        if attempt is not None:
            details["probe_failures_in_row"] = look.streak
        timestamp, number = (attempt.started_at, attempt.number) if attempt else (now, 1)
        return CheckResult(spec.key, timestamp, verdict, window.failed, window.retries, number, details)


def window_details(window: Window) -> dict[str, Any]:
    """What is kept of a window in the details of a check."""
    details: dict[str, Any] = {"total": window.total, "failed": window.failed, "p95_ms": window.p95_ms}
    if window.consecutive_failures:
        details["in_row"] = window.consecutive_failures
    if window.newest is not None:
        details["newest"] = window.newest.isoformat()
    if window.handed_on:
        details |= {"handed_on": window.handed_on, "unprocessed": window.unprocessed}
    if window.rhythm is not None and window.rhythm.pauses:
        details["pauses"] = window.rhythm.pauses
        details["usual_pause_seconds"] = round(window.rhythm.usual.total_seconds(), 1)
        details["longest_pause_seconds"] = round(window.rhythm.longest.total_seconds(), 1)
        if window.rhythm.extreme is not None:
            details["extreme_pause_seconds"] = round(window.rhythm.extreme.total_seconds(), 1)
        if window.newest_success is not None:
            details["newest_genuine"] = window.newest_success.isoformat()
    return details
