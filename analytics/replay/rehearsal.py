"""A rehearsal of other settings over recorded history: what was, what the rules in force make of it, and what
the changed ones would have made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from analytics.alert_settings import read_limits, read_policy
from analytics.alerting import Route
from analytics.beginnings import single_since
from analytics.model import Severity
from analytics.replay.comparison import Comparison, compare
from analytics.replay.engine import replay
from analytics.replay.outcome import Account, account
from analytics.replay.past import read_recorded
from analytics.replay.reading import read_recording
from analytics.replay.rules_file import read_rules
from analytics.replay.setting_differences import differences
from analytics.replay.settings import Changed, changed_settings

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


def rehearse(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    settings: Sequence[str] | Mapping[str, Any] = (),
    progress: Callable[[float], None] | None = None,
    rules: Path | None = None,
) -> Rehearsal:
    """Replay [since, until) with the rules in force and with `settings` (see `analytics.replay.settings`).

    `rules` is a services.toml whose rules and limits are taken for those in force, `settings` beat them.
    Raises `WrongSettings`, before anything is replayed. `progress` is told the share that is done, 0 to 1.
    """
    policy, limits = read_policy(connection), read_limits(connection)
    changed = changed_settings(*(policy, limits) if rules is None else read_rules(rules, limits), settings)
    said = tuple(differences(policy, changed.policy, limits, changed.limits))
    changed = replace(changed, said=said)
    recording = read_recording(connection, since, until)
    recording = replace(recording, routes=recording.routes or (ANYBODY,))
    recorded = read_recorded(connection, since, until)
    half = 0.5 if changed.said else 1.0
    before = replay(recording, policy, limits, _part(progress, 0.0, half))
    after = before
    if changed.said:
        after = replay(recording, changed.policy, changed.limits, _part(progress, half, 1.0))
    return Rehearsal(
        settings=changed,
        recorded=recorded,
        baseline=account(before, since, until),
        rehearsed=account(after, since, until),
        verdicts_changed=after.verdicts_changed,
        data_since=single_since(connection),
    )


def _part(
    progress: Callable[[float], None] | None, begins: float, ends: float
) -> Callable[[float], None] | None:
    """For a part of the work that goes from the share `begins` to `ends` of the whole."""
    if progress is None:
        return None
    return lambda share: progress(begins + (ends - begins) * share)
