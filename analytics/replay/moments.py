"""The moments at which something could be bad: all the others are passed over while nothing is known to be.

A moment too many costs a little time, one too few would lose an alert. So each question is put to the
columns as a whole, and where it cannot be answered exactly that way the answer is yes.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import numpy as np

from analytics.alerting import AlertPolicy, AlertRule
from analytics.model import Basis, Policy, ServiceKey, Status
from analytics.replay.columns import running_sums
from analytics.replay.evidence import RecordedEvidence
from analytics.replay.recording import (
    STATUSES,
    Bools,
    Ints,
    Recording,
    to_microseconds,
)
from analytics.replay.traffic import CallColumns, DeliveryColumns, Small
from analytics.rules.signals import REACH
from analytics.rules.signals.settings import active
from analytics.rules.slo import SLOW

#: The rules that go by traffic, circuits, quotas or many checks.
BY_TABLES = frozenset(
    {
        AlertRule.HIGH_ERROR_RATE,
        AlertRule.SLOW_RESPONSE,
        AlertRule.CIRCUIT_OPEN,
        AlertRule.QUOTA_HEADROOM,
        AlertRule.WEBHOOK_VERIFICATION,
        AlertRule.SLO_BURN,
        AlertRule.COLLECTOR_BLIND,
    }
)
#: The rules that go by what clients said beside their calls.
BY_WORDS = frozenset({AlertRule.CIRCUIT_OPEN, AlertRule.QUOTA_HEADROOM})

_MICROSECOND = timedelta(microseconds=1)
_REACH = REACH // _MICROSECOND
_QUANTILE = 0.95


def watched_rules(
    recording: Recording,
    evidence: RecordedEvidence,
    policy: AlertPolicy,
    limits: Mapping[ServiceKey, Policy],
) -> dict[tuple[ServiceKey, AlertRule], Bools]:
    """At the ends of which parts a rule that goes by tables could find each service bad.

    What could never be is left out.
    """
    watched = {
        (key, rule): marked
        for key, own in limits.items()
        for rule, marked in _watched(recording, evidence, policy, key, own)
    }
    return {pair: marked for pair, marked in watched.items() if marked.any()}


def _watched(
    recording: Recording, evidence: RecordedEvidence, policy: AlertPolicy, key: ServiceKey, own: Policy
) -> Iterator[tuple[AlertRule, Bools]]:
    done, name = recording.done, recording.services[key].traffic_name
    if own.basis is Basis.CALLS:
        if name in recording.calls:
            calls = recording.calls[name]
            yield AlertRule.HIGH_ERROR_RATE, _calls_fail(calls, done, key, policy)
            yield AlertRule.SLOW_RESPONSE, _calls_slow(calls, done, key, own, policy)
        yield AlertRule.CIRCUIT_OPEN, _circuits_open(recording, name, key, policy)
        yield AlertRule.QUOTA_HEADROOM, _quotas_used(recording, name, key, policy)
    elif own.basis is Basis.DELIVERIES and name in recording.deliveries:
        yield (
            AlertRule.WEBHOOK_VERIFICATION,
            _deliveries_bad(recording.deliveries[name], done, key, policy),
        )
    if settings := active(policy, AlertRule.SLO_BURN, key):
        yield AlertRule.SLO_BURN, _was_down(evidence, key, done) >= max(1, settings.fewest)


def blind_moments(
    recording: Recording, evidence: RecordedEvidence, policy: AlertPolicy, limits: Mapping[ServiceKey, Policy]
) -> Bools:
    """At the ends of which parts the collector's own network could be lost."""
    marked = np.zeros(len(recording.done), dtype=np.bool_)
    if not active(policy, AlertRule.COLLECTOR_BLIND, None):
        return marked
    for key, own in evidence.histories.items():
        if not own.offline.any() or key not in limits:
            continue
        last = own.written - 1
        marked |= (last >= 0) & own.offline[np.maximum(last, 0)]
    return marked


def _calls_fail(calls: CallColumns, done: Ints, key: ServiceKey, policy: AlertPolicy) -> Bools:
    settings = active(policy, AlertRule.HIGH_ERROR_RATE, key)
    if not settings:
        return np.zeros(len(done), dtype=np.bool_)
    begin, end = _bounds(calls.time, done, settings.window // _MICROSECOND)
    failed = calls.failed_before[end] - calls.failed_before[begin]
    found: Bools = (100 * failed > settings.limit * (end - begin)) & (failed >= settings.fewest)
    return found


def _calls_slow(calls: CallColumns, done: Ints, key: ServiceKey, own: Policy, policy: AlertPolicy) -> Bools:
    settings = active(policy, AlertRule.SLOW_RESPONSE, key)
    if not settings:
        return np.zeros(len(done), dtype=np.bool_)
    timed = calls.succeeded & (calls.response_ms >= 0)
    begin, end = _bounds(calls.time, done, settings.window // _MICROSECOND)
    return _p95_reaches(calls.response_ms, timed, own.healthy_ms, begin, end)


def _p95_reaches(response_ms: Small, timed: Bools, limit: float, begin: Ints, end: Ints) -> Bools:
    """Whether the P95 could reach `limit`: only when the value above its place does."""
    many, slow = running_sums(timed), running_sums(timed & (response_ms >= limit))
    count, slower = many[end] - many[begin], slow[end] - slow[begin]
    # A little more than the place: a rounding error must not lose one.
    above = np.ceil(_QUANTILE * (count - 1) + 1e-6).astype(np.int64)
    found: Bools = (count > 0) & (slower >= np.maximum(count - above, 1))
    return found


def _deliveries_bad(columns: DeliveryColumns, done: Ints, key: ServiceKey, policy: AlertPolicy) -> Bools:
    settings = active(policy, AlertRule.WEBHOOK_VERIFICATION, key)
    if not settings:
        return np.zeros(len(done), dtype=np.bool_)
    begin, end = _bounds(columns.time, done, settings.window // _MICROSECOND)
    genuine, judged = running_sums(columns.verified == 1), running_sums(columns.verified >= 0)
    good, total = genuine[end] - genuine[begin], judged[end] - judged[begin]
    bad: Bools = (100 * good < settings.limit * total) & (total - good >= settings.fewest)
    return bad


def _circuits_open(recording: Recording, name: str, key: ServiceKey, policy: AlertPolicy) -> Bools:
    marked = np.zeros(len(recording.done), dtype=np.bool_)
    if not active(policy, AlertRule.CIRCUIT_OPEN, key):
        return marked
    for (api_name, _), changes in recording.circuits.items():
        if api_name == name:
            for one in changes:
                if one.state != "closed":
                    _mark(marked, recording.done, to_microseconds(one.changed_at))
    return marked


def _quotas_used(recording: Recording, name: str, key: ServiceKey, policy: AlertPolicy) -> Bools:
    """A level holds for an hour, unless a newer one of the same series takes its place."""
    marked = np.zeros(len(recording.done), dtype=np.bool_)
    settings = active(policy, AlertRule.QUOTA_HEADROOM, key)
    if not settings:
        return marked
    for series in recording.quotas:
        if series.name == name and len(series.time):
            over = 100.0 * series.used / series.most >= settings.limit
            last = np.searchsorted(series.time, recording.done, side="right") - 1
            fresh = (last >= 0) & (series.time[np.maximum(last, 0)] > recording.done - _REACH)
            marked |= fresh & over[np.maximum(last, 0)]
    return marked


def _was_down(evidence: RecordedEvidence, key: ServiceKey, done: Ints) -> Ints:
    """How many attempts of the longer one of the short windows found it down."""
    own = evidence.histories[key]
    down = running_sums(own.status == STATUSES.index(Status.DOWN))
    end = own.written
    begin = np.searchsorted(own.time, done - SLOW.short // _MICROSECOND, side="right")
    counted: Ints = down[end] - down[np.minimum(begin, end)]
    return counted


def _mark(marked: Bools, done: Ints, at: int) -> None:
    begin, end = np.searchsorted(done, (at, at + _REACH), side="left")
    marked[begin:end] = True


def _bounds(time: Ints, done: Ints, span: int) -> tuple[Ints, Ints]:
    return np.searchsorted(time, done - span, side="right"), np.searchsorted(time, done, side="right")
