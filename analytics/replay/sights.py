"""The checks of the past as the rules saw them when they were written: each one's observation and health."""

from collections.abc import Collection, Mapping

from analytics.alerting import Health
from analytics.model import Basis, Policy, ServiceKey, Status
from analytics.replay.evidence import RecordedEvidence
from analytics.replay.lazy import Parsed
from analytics.replay.recording import REASONS, STATUSES, CheckColumns, Recording, to_datetime
from analytics.rules.signals import Evidence, Observation, health, present_status, recorded_observation

_HEALTHY = STATUSES.index(Status.HEALTHY)


class Sights:
    """What was seen. `checks` are those of `recording`, as they were or judged again with `limits`."""

    def __init__(
        self,
        recording: Recording,
        checks: CheckColumns,
        evidence: RecordedEvidence,
        limits: Mapping[ServiceKey, Policy],
    ) -> None:
        self._recording = recording
        self._checks = checks
        self._evidence = evidence
        self._limits = limits
        self._newest_evidence: tuple[int, Evidence] | None = None
        self._healths: dict[int, Health] = {}

    def evidence(self, part: int, spoken_of: Collection[ServiceKey]) -> Evidence:
        """What the tables said at the end of `part`; of circuits and quotas only those of `spoken_of`."""
        found = self._traffic(part)
        if not spoken_of:
            return found
        services = self._recording.services
        return self._evidence.with_words(found, part, {services[key].traffic_name for key in spoken_of})

    def _traffic(self, part: int) -> Evidence:
        """Without circuits and quotas; the one that was asked for last is kept, with the windows it made."""
        if self._newest_evidence is None or self._newest_evidence[0] != part:
            self._newest_evidence = (part, self._evidence.at(part, ()))
        return self._newest_evidence[1]

    def observation(self, row: int) -> Observation:
        """The check of that row."""
        checks = self._checks
        key = self._recording.keys[checks.service.item(row)]
        response, rate = checks.response_ms.item(row), checks.success_rate.item(row)
        return recorded_observation(
            key,
            to_datetime(checks.time.item(row)),
            STATUSES[checks.status.item(row)],
            REASONS[checks.reason.item(row)],
            checks.message(row),
            checks.errors.item(row),
            None if response < 0 else float(response),
            None if rate < 0 else rate,
            Parsed(lambda: checks.detail(row)),
            self._limits[key],
        )

    def look(self, row: int, part: int) -> tuple[Observation, Status | None, Health]:
        """The check of that row, of `part`: what it saw, the present beside it, and how the service is."""
        seen = self.observation(row)
        present = self.present(seen, part)
        self._healths[row] = health(seen, present)
        return seen, present, self._healths[row]

    def present(self, seen: Observation, part: int) -> Status | None:
        """The status of the last minutes of traffic at the end of `part`, of which the check is."""
        if seen.policy.basis is Basis.PRESENT:
            return seen.status
        evidence = self._traffic(part)
        return present_status(seen.service, seen.policy, evidence, evidence.at)

    def newest(self, service: ServiceKey, part: int) -> Health | None:
        """The newest look at `service` when `part` was written, None before the first."""
        history = self._evidence.histories[service]
        place = history.visible(part) - 1
        if place < 0:
            return None
        row = int(history.row[place])
        if row not in self._healths:
            self._healths[row] = self._health(service, row)
        return self._healths[row]

    def _health(self, service: ServiceKey, row: int) -> Health:
        checks = self._checks
        if checks.status[row] == _HEALTHY and self._limits[service].basis is Basis.PRESENT:
            return Health(service, to_datetime(int(checks.time[row])), Status.HEALTHY, True)
        return self.look(row, int(checks.part[row]))[2]
