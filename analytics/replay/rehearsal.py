"""A rehearsal of other settings over recorded history: what was, what the rules in force make of it, and what
the changed ones would have made. In two steps, so that the database can be closed before the second one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from analytics.alert_settings import read_limits, read_policy
from analytics.alerting import AlertPolicy, Route
from analytics.beginnings import single_since
from analytics.model import Policy, ServiceKey, Severity
from analytics.replay.comparison import Comparison, compare
from analytics.replay.engine import Outcome, replay
from analytics.replay.outcome import Account, account
from analytics.replay.past import read_recorded
from analytics.replay.reading import read_recording
from analytics.replay.recording import Recording
from analytics.replay.settings import Changed

#: Where no channel is configured pages are those that somebody would have been sent who wants to hear of all.
ANYBODY = Route("anybody", frozenset(Severity))


@dataclass(frozen=True)
class Rehearsal:
    """One stretch of time told three times over.

    `recorded` is what the file has, `baseline` what a replay makes of it with the rules in force, `rehearsed`
    what it makes of it with the `settings`; without any it is the baseline. `verdicts_changed` counts the
    checks that other limits judge in another way. `data_since` is when the first single row happened, since
    before it there is nothing to replay; None when there is none.
    """

    settings: Changed
    recorded: Account
    baseline: Account
    rehearsed: Account
    verdicts_changed: int
    data_since: datetime | None

    @property
    def comparison(self) -> Comparison:
        """What the settings change: from the baseline to the rehearsed account."""
        return compare(self.baseline, self.rehearsed)

    @property
    def faithfulness(self) -> Comparison:
        """How near a replay comes to the past: from the recorded account to the baseline.

        Differences are rules that were others then, and people who acted.
        """
        return compare(self.recorded, self.baseline)


@dataclass(frozen=True)
class Past:
    """All that a rehearsal of [since, until) needs of the database, which may be closed then.

    `policy` and `limits` are those in force, `data_since` is when the first single row happened.
    """

    since: datetime
    until: datetime
    policy: AlertPolicy
    limits: Mapping[ServiceKey, Policy]
    recording: Recording
    recorded: Account
    data_since: datetime | None


def read_past(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> Past:
    """What happened in [since, until) (aware), with the rules and limits in force."""
    recording = read_recording(connection, since, until)
    return Past(
        since=since,
        until=until,
        policy=read_policy(connection),
        limits=read_limits(connection),
        recording=replace(recording, routes=recording.routes or (ANYBODY,)),
        recorded=read_recorded(connection, since, until),
        data_since=single_since(connection),
    )


def rehearse_past(
    past: Past, changed: Changed, baseline: Outcome, progress: Callable[[float], None] | None = None
) -> Rehearsal:
    """`past` with the rules of `changed`; no database, no clock.

    `baseline` is what a replay makes of `past` with the rules in force. `progress` is told the share that is
    done, 0 to 1.
    """
    after = baseline
    if changed.said:
        after = replay(past.recording, changed.policy, changed.limits, progress)
    return Rehearsal(
        settings=changed,
        recorded=past.recorded,
        baseline=account(baseline, past.since, past.until),
        rehearsed=account(after, past.since, past.until),
        verdicts_changed=after.verdicts_changed,
        data_since=past.data_since,
    )
