"""The moments at which something could be bad: all the others are passed over while nothing is known to be.

A moment too many costs a little time, one too few would lose an alert. So each question is put to the
columns as a whole, and where it cannot be answered exactly that way the answer is yes.
"""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.alerting import AlertPolicy, AlertRule
from analytics.model import Basis, Policy, Reason, ServiceKey, Status
from analytics.replay.evidence import RecordedEvidence
from analytics.replay.recording import (
    STATUSES,
    Bools,
    CheckColumns,
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

_MICROSECOND = timedelta(microseconds=1)
_REACH = REACH // _MICROSECOND
_UNKNOWN = STATUSES.index(Status.UNKNOWN)
_BAD = (STATUSES.index(Status.DEGRADED), STATUSES.index(Status.DOWN))
_QUANTILE = 0.95


def telling_checks(
    recording: Recording, checks: CheckColumns, policy: AlertPolicy, limits: Mapping[ServiceKey, Policy]
) -> Bools:
    """Which checks could be bad by a rule that goes by checks."""
    telling = np.isin(checks.status, _BAD)
    silent = (checks.status == _UNKNOWN) & checks.with_reason(Reason.NO_DATA)
    for place, key in enumerate(recording.keys):
        own: Bools | None = None
        if settings := active(policy, AlertRule.CERTIFICATE_EXPIRY, key):
            own = checks.service == place
            telling |= own & (checks.days_left < settings.limit)
        if limits[key].basis is Basis.DELIVERIES and active(policy, AlertRule.WEBHOOK_SILENT, key):
            rows = np.flatnonzero(silent & (checks.service == place))
            telling[rows] = _rhythm_known(checks, rows)
    return telling


def _rhythm_known(checks: CheckColumns, rows: Ints) -> Bools:
    """Of a source that never spoke much, silence is no news."""
    if not len(rows):
        return np.zeros(0, dtype=np.bool_)
    texts = checks.details.take(pa.array(checks.text_place[rows]))
    found = pc.fill_null(pc.match_substring(pc.cast(texts, pa.string()), "_pause_seconds"), False)
    known: Bools = found.to_numpy(zero_copy_only=False).astype(np.bool_)
    return known


def watched_services(
    recording: Recording,
    evidence: RecordedEvidence,
    policy: AlertPolicy,
    limits: Mapping[ServiceKey, Policy],
) -> dict[ServiceKey, Bools]:
    """At the ends of which parts the traffic, the quotas or the error budget of each service could be bad."""
    done = recording.done
    watched = {}
    for key, own in limits.items():
        marked = np.zeros(len(done), dtype=np.bool_)
        name = recording.services[key].traffic_name
        if own.basis is Basis.CALLS:
            if name in recording.calls:
                marked |= _calls_bad(recording.calls[name], done, key, own, policy)
            marked |= _circuits_open(recording, name, key, policy)
            marked |= _quotas_used(recording, name, key, policy)
        elif own.basis is Basis.DELIVERIES and name in recording.deliveries:
            marked |= _deliveries_bad(recording.deliveries[name], done, key, policy)
        if settings := active(policy, AlertRule.SLO_BURN, key):
            marked |= _was_down(evidence, key, done) >= max(1, settings.fewest)
        watched[key] = marked
    return watched


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


def _calls_bad(calls: CallColumns, done: Ints, key: ServiceKey, own: Policy, policy: AlertPolicy) -> Bools:
    marked = np.zeros(len(done), dtype=np.bool_)
    if settings := active(policy, AlertRule.HIGH_ERROR_RATE, key):
        begin, end = _bounds(calls.time, done, settings.window // _MICROSECOND)
        failed = calls.failed_before[end] - calls.failed_before[begin]
        marked |= (100 * failed > settings.limit * (end - begin)) & (failed >= settings.fewest)
    if settings := active(policy, AlertRule.SLOW_RESPONSE, key):
        timed = calls.succeeded & (calls.response_ms >= 0)
        begin, end = _bounds(calls.time, done, settings.window // _MICROSECOND)
        marked |= _p95_reaches(calls.response_ms, timed, own.healthy_ms, begin, end)
    return marked


def _p95_reaches(response_ms: Small, timed: Bools, limit: float, begin: Ints, end: Ints) -> Bools:
    """Whether the P95 could reach `limit`: only when the value above its place does."""
    many, slow = _sums(timed), _sums(timed & (response_ms >= limit))
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
    genuine, judged = _sums(columns.verified == 1), _sums(columns.verified >= 0)
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
    down = _sums(own.status == STATUSES.index(Status.DOWN))
    end = own.written
    begin = np.searchsorted(own.time, done - SLOW.short // _MICROSECOND, side="right")
    counted: Ints = down[end] - down[np.minimum(begin, end)]
    return counted


def _mark(marked: Bools, done: Ints, at: int) -> None:
    begin, end = np.searchsorted(done, (at, at + _REACH), side="left")
    marked[begin:end] = True


def _bounds(time: Ints, done: Ints, span: int) -> tuple[Ints, Ints]:
    return np.searchsorted(time, done - span, side="right"), np.searchsorted(time, done, side="right")


def _sums(marked: Bools) -> Ints:
    sums: Ints = np.concatenate([[0], np.cumsum(marked, dtype=np.int64)])
    return sums
