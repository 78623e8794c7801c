"""What the alert rules make of a recording."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from analytics.alerting import AlertEvent, AlertPolicy, Incident, IncidentEvent, Outgoing
from analytics.model import Policy, ServiceKey
from analytics.replay.judging import judged_again
from analytics.replay.recording import Recording
from analytics.replay.run import Left, Run
from analytics.replay.stretches import processes, run_all

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Outcome:
    """What the rules make of a recording, of its time from `since` on; what was over before is left out.

    Incidents are as they were at the end (open ones are not resolved), in the order in which they were
    opened; events and `messages` (when, and what to which channel) in the order of time. `verdicts_changed`
    counts the checks that other limits judge in another way.
    """

    incidents: tuple[Incident, ...]
    events: tuple[IncidentEvent, ...]
    alert_events: tuple[AlertEvent, ...]
    messages: tuple[tuple[datetime, Outgoing], ...]
    verdicts_changed: int = 0


def replay(
    recording: Recording,
    policy: AlertPolicy,
    limits: Mapping[ServiceKey, Policy],
    progress: Progress | None = None,
    most_processes: int | None = None,
) -> Outcome:
    """What the alert rules make of `recording` with `policy`, its checks judged with `limits`.

    A service without limits there keeps those of the recording. `progress` is told the share that is done,
    0 to 1. The same for the same arguments, in however many processes (one a core, at most
    `most_processes`); no clock, no database.
    """
    own = {key: limits.get(key, before) for key, before in recording.limits.items()}
    checks, changed = judged_again(recording, own)
    run = Run(recording, checks, policy, own)
    run_all(run, len(recording.done), most_processes or processes(), progress or (lambda _: None))
    return _outcome(run.left, recording.since, changed)


def _outcome(left: Left, since: datetime, verdicts_changed: int) -> Outcome:
    """What came about after the begin of the period."""
    return Outcome(
        incidents=tuple(
            one for one in left.incidents.values() if one.resolved_at is None or one.resolved_at > since
        ),
        events=tuple(one for one in left.events if one.at > since),
        alert_events=tuple(one for one in left.alert_events if one.at > since),
        messages=tuple(pair for pair in left.messages if pair[0] > since),
        verdicts_changed=verdicts_changed,
    )
