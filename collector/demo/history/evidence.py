"""What the alert rules saw beside the checks: the last minutes of traffic, at the moments that matter."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from analytics.alerting import AlertPolicy, AlertRule
from analytics.model import Basis, Policy, ServiceKey, Status, Window
from analytics.rules.signals import PRESENT_SPAN, REACH, Circuit, CommonFailure, Evidence, Looks
from analytics.rules.signals.settings import spans
from analytics.windows import failure_reason
from collector.demo.history.batch import HOUR, MINUTE, Bools, Coded, Ints, to_datetime
from collector.demo.history.checks import STATUSES, Checks, Words
from collector.demo.history.plan import Trouble, affecting
from collector.demo.history.traffic import Traffic
from collector.demo.history.windows import recent_windows

#: So long after a trouble of a source of traffic its present is looked at: an alert and its relapse are over.
_AFTERWARDS = 2 * HOUR + 30 * MINUTE
_RULES = {
    Basis.CALLS: (AlertRule.HIGH_ERROR_RATE, AlertRule.SLOW_RESPONSE),
    Basis.DELIVERIES: (AlertRule.WEBHOOK_VERIFICATION,),
}


class RecordedTraffic:
    """The evidence of traffic at the end of every cycle in which a source of it was, or had been, in trouble.

    `moments` are the ends of all cycles.
    """

    def __init__(self, moments: Ints, policy: AlertPolicy, limits: Mapping[ServiceKey, Policy]) -> None:
        self._moments = moments
        self._policy = policy
        self._limits = limits
        self._windows: dict[timedelta, dict[ServiceKey, dict[int, Window]]] = defaultdict(dict)
        self._traffic: dict[ServiceKey, Traffic] = {}
        self._circuits: list[tuple[int, Circuit]] = []
        self.watched: dict[ServiceKey, Bools] = {}

    def add(
        self, key: ServiceKey, traffic: Traffic, checks: Checks, words: Words, found: Sequence[Trouble]
    ) -> None:
        """The traffic of one service, with its checks and the troubles of the history."""
        own = checks.take(checks.service == words.services.index(key))
        watched = np.zeros(len(self._moments), dtype=np.bool_)
        watched[own.cycle[own.status != STATUSES.index(Status.HEALTHY)]] = True
        for trouble in affecting(found, key):
            watched |= (self._moments >= trouble.start) & (self._moments <= trouble.end + _AFTERWARDS)
        cycles = np.flatnonzero(watched)
        basis = self._limits[key].basis
        for span in {PRESENT_SPAN} | spans(self._policy, _RULES[basis]):
            windows = recent_windows(traffic, self._moments[cycles], basis, span)
            self._windows[span][key] = dict(zip(cycles.tolist(), windows, strict=True))
        self.watched[key] = watched
        self._traffic[key] = traffic
        self._circuits += _circuits(traffic)

    def at(self, cycle: int, now: datetime, looks: Mapping[ServiceKey, Looks]) -> Evidence:
        """What the tables said at the end of `cycle`; `looks` are those of the checks."""
        calls: dict[timedelta, dict[str, Window]] = {}
        deliveries: dict[timedelta, dict[str, Window]] = {}
        failures: dict[timedelta, dict[str, CommonFailure]] = defaultdict(dict)
        for span, services in self._windows.items():
            for key, windows in services.items():
                window = windows.get(cycle)
                if window is None or not window.total:
                    continue
                if self._limits[key].basis is not Basis.CALLS:
                    deliveries.setdefault(span, {})[key.service_name] = window
                    continue
                calls.setdefault(span, {})[key.service_name] = window
                if window.failed:
                    moment = int(self._moments[cycle])
                    failures[span][key.service_name] = _failure(self._traffic[key], moment, span)
        return Evidence(
            at=now,
            calls=calls,
            deliveries=deliveries,
            failures=failures,
            circuits=self._circuits_at(int(self._moments[cycle])),
            looks=looks,
        )

    def _circuits_at(self, moment: int) -> tuple[Circuit, ...]:
        oldest = moment - REACH // timedelta(microseconds=1)
        newest = {
            (circuit.api_name, circuit.origin): circuit
            for time, circuit in self._circuits
            if oldest < time <= moment
        }
        return tuple(newest.values())


def _circuits(traffic: Traffic) -> list[tuple[int, Circuit]]:
    if traffic.circuit_events is None:
        return []
    columns = traffic.circuit_events.columns
    times = columns["timestamp"]
    assert not isinstance(times, Coded)
    names = ("api_name", "origin", "new_state", "message")
    api, origin, state, message = ([_said(columns[name], at) for at in range(len(times))] for name in names)
    return [
        (time, Circuit(api[at], origin[at], state[at], to_datetime(time), message[at]))
        for at, time in enumerate(times.tolist())
    ]


def _said(column: object, place: int) -> str:
    assert isinstance(column, Coded)
    return column.texts.text(int(column.codes[place])) or ""


def _failure(traffic: Traffic, moment: int, span: timedelta) -> CommonFailure:
    """How most of the calls that failed in the `span` before `moment` failed."""
    begin, end = np.searchsorted(
        traffic.time, [moment - span // timedelta(microseconds=1), moment], side="right"
    )
    places = begin + np.flatnonzero(traffic.failed[begin:end])
    codes = np.nan_to_num(traffic.status[places]).astype(np.int64).tolist()
    words = traffic.reason.codes[places].tolist()
    ways = Counter((code, 0 if code >= 400 else word) for code, word in zip(codes, words, strict=True))
    (code, _), failed = ways.most_common(1)[0]
    last = max(at for at, status in enumerate(codes) if status == code)
    status = code or None
    reason = failure_reason(status, traffic.reason.texts.text(words[last]))
    return CommonFailure(reason, status, failed)
