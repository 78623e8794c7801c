"""A rehearsal in one step, from settings as people write them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from analytics.alert_settings import read_limits, read_policy
from analytics.replay.engine import replay
from analytics.replay.rehearsal import Rehearsal, read_past, rehearse_past
from analytics.replay.rules_file import read_rules
from analytics.replay.setting_differences import differences
from analytics.replay.settings import changed_settings


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
    past = read_past(connection, since, until)
    half = 0.5 if changed.said else 1.0
    before = replay(past.recording, past.policy, past.limits, _part(progress, 0.0, half))
    return rehearse_past(past, changed, before, _part(progress, half, 1.0))


def _part(
    progress: Callable[[float], None] | None, begins: float, ends: float
) -> Callable[[float], None] | None:
    """For a part of the work that goes from the share `begins` to `ends` of the whole."""
    if progress is None:
        return None
    return lambda share: progress(begins + (ends - begins) * share)
