"""What of each part has to be looked at: what could be bad by itself, and what is in trouble already."""

from collections.abc import Collection, Mapping
from operator import itemgetter

import numpy as np

from analytics.alerting import AlertPolicy, AlertRule, AlertState
from analytics.model import IncidentState, Policy, ServiceKey
from analytics.replay.evidence import RecordedEvidence
from analytics.replay.moments import BY_TABLES, blind_moments, watched_rules
from analytics.replay.recording import CheckColumns, Ints, Recording, to_microseconds
from analytics.replay.telling import BY_CHECKS, RULES_TOLD, telling_checks
from analytics.rules.alerting import AlertingState, remembered_for
from analytics.rules.alerting.step import RESOLVED_KEPT

_row = itemgetter(0)


class Attention:
    """Of one replay. `checks` are those of `recording`, as they were or judged again with `limits`."""

    def __init__(
        self,
        recording: Recording,
        checks: CheckColumns,
        evidence: RecordedEvidence,
        policy: AlertPolicy,
        limits: Mapping[ServiceKey, Policy],
    ) -> None:
        self._done = recording.done
        self._remembered = remembered_for(policy)
        self._places = {key: place for place, key in enumerate(recording.keys)}
        self._histories = [evidence.histories[key] for key in recording.keys]
        self._marks = telling_checks(recording, checks, policy, limits)
        #: Of each part the checks that could be bad: row, service and mark.
        self._telling: dict[int, list[tuple[int, int, int]]] = {}
        rows = np.flatnonzero(self._marks)
        columns = (checks.part[rows], rows, checks.service[rows], self._marks[rows])
        for part, row, service, mark in zip(*(column.tolist() for column in columns), strict=True):
            self._telling.setdefault(part, []).append((row, service, mark))
        self._blind = blind_moments(recording, evidence, policy, limits)
        #: Of each part the rules that could find a service bad by the tables.
        self._watched: dict[int, list[tuple[ServiceKey, AlertRule]]] = {}
        for pair, marked in watched_rules(recording, evidence, policy, limits).items():
            for part in np.flatnonzero(marked).tolist():
                self._watched.setdefault(part, []).append(pair)
        self.parts_that_tell = self._parts_that_tell(recording)
        #: Whether anything is in trouble, the services whose checks count then, and what is asked of tables.
        self._troubled = False
        self._by_checks: dict[int, set[AlertRule]] = {}
        self._by_tables: list[tuple[ServiceKey | None, AlertRule]] = []

    def _parts_that_tell(self, recording: Recording) -> Ints:
        marked = np.zeros(len(recording.done), dtype=np.bool_)
        marked[list(self._telling)] = True
        by_evidence = self._blind.copy()
        by_evidence[list(self._watched)] = True
        found: Ints = np.flatnonzero(marked | (by_evidence & recording.complete))
        return found

    def heed(self, state: AlertingState) -> None:
        """From now on `state` is what there is: good looks at what is in trouble count as well."""
        alerts = [one for one in state.alerts.values() if one.state is not AlertState.RESOLVED]
        opened = {one.service for one in state.incidents if one.state is not IncidentState.RESOLVED}
        self._troubled = bool(alerts or opened)
        self._by_tables = list({(one.service, one.rule): None for one in alerts if one.rule in BY_TABLES})
        self._by_checks = {self._places[service]: set() for service in opened}
        for one in alerts:
            if one.service is not None and one.rule in BY_CHECKS:
                self._by_checks.setdefault(self._places[one.service], set()).add(one.rule)

    def following(self, part: int, state: AlertingState) -> int:
        """The next part from `part` on at which anything can happen to `state`.

        While something fires or waits, or an incident is open, that is every part; otherwise one that could
        be bad, or the one with which something that was resolved is forgotten.
        """
        if self._troubled:
            return part
        telling, count = self.parts_that_tell, len(self._done)
        place = int(telling.searchsorted(part))
        following = int(telling[place]) if place < len(telling) else count
        over = [alert.since + RESOLVED_KEPT for alert in state.alerts.values()]
        over += [one.resolved_at + self._remembered for one in state.incidents if one.resolved_at is not None]
        if over:
            forgets = int(self._done.searchsorted(to_microseconds(min(over)), side="right"))
            following = min(following, max(part, forgets))
        return following

    def rows(self, part: int) -> list[tuple[int, Collection[AlertRule]]]:
        """The checks of `part` that could be bad, and the good ones of what is in trouble by its checks.

        With each the rules that it could matter to; in the order in which they were written.
        """
        found: list[tuple[int, Collection[AlertRule]]] = [
            (row, RULES_TOLD[mark])
            for row, service, mark in self._telling.get(part, ())
            if service not in self._by_checks
        ]
        for service, rules in self._by_checks.items():
            own = self._histories[service].written_with(part)
            found += [(row, rules | RULES_TOLD[self._marks.item(row)]) for row in own]
        return sorted(found, key=_row) if len(found) > 1 else found

    def asked(self, part: int) -> dict[ServiceKey | None, set[AlertRule]]:
        """What the tables are asked at the end of `part`: the rules by service (None: the collector)."""
        asked: dict[ServiceKey | None, set[AlertRule]] = {}
        for service, rule in (*self._by_tables, *self._watched.get(part, ())):
            asked.setdefault(service, set()).add(rule)
        if self._blind[part]:
            asked[None] = {AlertRule.COLLECTOR_BLIND}
        return asked if len(asked) < 2 else dict(sorted(asked.items(), key=self._place))

    def _place(self, of: tuple[ServiceKey | None, object]) -> int:
        """As the collector asks: the services in their order, and itself at last."""
        service, _ = of
        return len(self._places) if service is None else self._places[service]
