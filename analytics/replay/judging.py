"""The checks of the past judged again, with other limits, by the same rules."""

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from analytics.model import Basis, Policy, Reason, ServiceKey, Verdict
from analytics.replay.recording import REASONS, STATUSES, CheckColumns, Ints, Recording, to_datetime
from analytics.replay.windows import Recorded, of_probe, of_traffic
from analytics.rules.probed_calls import with_probe
from analytics.rules.status import decide


def judged_again(recording: Recording, limits: Mapping[ServiceKey, Policy]) -> tuple[CheckColumns, int]:
    """The checks as `limits` judge them, and how many are judged otherwise than they were.

    Those of services whose limits are the recorded ones stay as they are. A check counts as judged otherwise
    when its status or its reason is another.
    """
    checks = recording.checks
    judge = _Judge(checks)
    for place, key in enumerate(recording.keys):
        before, after = recording.services[key].policy, limits[key]
        if before == after:
            continue
        rows = np.flatnonzero(checks.service == place)
        if after.basis is Basis.PRESENT:
            judge.probes(rows, before, after)
        else:
            judge.traffic(rows, before, after)
    return judge.checks(), judge.changed


class _Judge:
    """Collects the verdicts that are other ones now."""

    def __init__(self, checks: CheckColumns) -> None:
        self._checks = checks
        self._status, self._reason = checks.status.copy(), checks.reason.copy()
        self._rate = checks.success_rate.copy()
        self._said: dict[int, str] = {}
        self.changed = 0

    def checks(self) -> CheckColumns:
        """The checks with the verdicts they have now."""
        if not self.changed:
            return self._checks
        return replace(
            self._checks, status=self._status, reason=self._reason, success_rate=self._rate, said=self._said
        )

    def probes(self, rows: Ints, before: Policy, after: Policy) -> None:
        """Of attempts only the figures matter: each different combination of them is judged once."""
        checks = self._checks
        columns = (checks.status, checks.reason, checks.errors, checks.response_ms)
        figures = np.stack([column[rows] for column in columns], axis=1)
        _, first, which = np.unique(figures, axis=0, return_index=True, return_inverse=True)
        which = which.reshape(-1)
        for number, place in enumerate(first.tolist()):
            if self._probe(int(rows[place]), before, after) is not None:
                for row in rows[which == number].tolist():
                    self._keep(row, self._probe(row, before, after))

    def traffic(self, rows: Ints, before: Policy, after: Policy) -> None:
        """The window of each look is in its details."""
        for row in rows.tolist():
            recorded = self._recorded(row)
            window, probe = of_traffic(recorded, before)
            if window is None:
                continue
            verdict = decide(window, after, recorded.at)
            if probe is not None:
                verdict = with_probe(verdict, probe.finding, probe.streak, after, probe.retried)
            if _is_another(verdict, recorded):
                self._keep(row, verdict)

    def _probe(self, row: int, before: Policy, after: Policy) -> Verdict | None:
        """What is decided of an attempt now; None when that is what was decided then."""
        recorded = self._recorded(row)
        window = of_probe(recorded, before)
        if window is None:
            return None
        verdict = decide(window, after, recorded.at)
        return verdict if _is_another(verdict, recorded) else None

    def _recorded(self, row: int) -> Recorded:
        checks = self._checks
        response, text = int(checks.response_ms[row]), checks.detail(row)
        details = json.loads(text) if text else {}
        word = REASONS[int(checks.reason[row])]
        return Recorded(
            at=to_datetime(int(checks.time[row])),
            status=STATUSES[int(checks.status[row])],
            reason=Reason(word) if word else None,
            message=checks.message(row),
            errors=int(checks.errors[row]),
            response_ms=None if response < 0 else float(response),
            attempt=int(checks.attempt[row]),
            details=details if isinstance(details, dict) else {},
        )

    def _keep(self, row: int, verdict: Verdict | None) -> None:
        if verdict is None:
            return
        self.changed += 1
        self._status[row] = STATUSES.index(verdict.status)
        self._reason[row] = REASONS.index(verdict.reason.value)
        self._rate[row] = -1.0 if verdict.success_rate is None else verdict.success_rate
        self._said[row] = verdict.message


def _is_another(verdict: Verdict, recorded: Recorded) -> bool:
    return (verdict.status, verdict.reason) != (recorded.status, recorded.reason)
