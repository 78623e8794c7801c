"""The checks that could be bad by themselves: all others matter only while something is in trouble.

A check too many costs a little time, one too few would lose an alert.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from analytics.alerting import AlertPolicy, AlertRule
from analytics.model import Basis, Policy, Reason, ServiceKey, Status
from analytics.replay.recording import STATUSES, Bools, CheckColumns, Ints, Recording
from analytics.rules.signals.settings import active

#: The rules that go by single checks, by what it is in a check that could be bad by them.
_STATUS = frozenset({AlertRule.SERVICE_DOWN, AlertRule.SERVICE_DEGRADED, AlertRule.SLOW_RESPONSE})
_TOLD_BY = (
    _STATUS,
    frozenset({AlertRule.TOOLS_CHANGED}),
    frozenset({AlertRule.CERTIFICATE_EXPIRY}),
    frozenset({AlertRule.WEBHOOK_SILENT}),
)
BY_CHECKS = frozenset().union(*_TOLD_BY)

_BY_STATUS, _BY_TOOLS, _BY_CERTIFICATE, _BY_SILENCE = (1 << place for place in range(len(_TOLD_BY)))
#: The rules by which a check could be bad that is marked so by `telling_checks`.
RULES_TOLD: tuple[frozenset[AlertRule], ...] = tuple(
    frozenset().union(*(rules for place, rules in enumerate(_TOLD_BY) if mark >> place & 1))
    for mark in range(1 << len(_TOLD_BY))
)

_UNKNOWN = STATUSES.index(Status.UNKNOWN)
_BAD = (STATUSES.index(Status.DEGRADED), STATUSES.index(Status.DOWN))

Marks = npt.NDArray[np.uint8]


def telling_checks(
    recording: Recording, checks: CheckColumns, policy: AlertPolicy, limits: Mapping[ServiceKey, Policy]
) -> Marks:
    """Of each check a mark, the place in `RULES_TOLD` of the rules by which it could be bad; 0 for none."""
    marks = np.where(np.isin(checks.status, _BAD), np.uint8(_BY_STATUS), np.uint8(0))
    marks[checks.with_reason(Reason.SCHEMA_CHANGED)] |= _BY_TOOLS
    silent = (checks.status == _UNKNOWN) & checks.with_reason(Reason.NO_DATA)
    for place, key in enumerate(recording.keys):
        if settings := active(policy, AlertRule.CERTIFICATE_EXPIRY, key):
            ending = (checks.service == place) & (checks.days_left < settings.limit)
            marks[ending] |= _BY_CERTIFICATE
        if limits[key].basis is Basis.DELIVERIES and active(policy, AlertRule.WEBHOOK_SILENT, key):
            rows = np.flatnonzero(silent & (checks.service == place))
            marks[rows[_rhythm_known(checks, rows)]] |= _BY_SILENCE
    return marks


def _rhythm_known(checks: CheckColumns, rows: Ints) -> Bools:
    """Of a source that never spoke much, silence is no news."""
    if not len(rows):
        return np.zeros(0, dtype=np.bool_)
    texts = checks.details.take(pa.array(checks.text_place[rows]))
    found = pc.fill_null(pc.match_substring(pc.cast(texts, pa.string()), "_pause_seconds"), False)
    known: Bools = found.to_numpy(zero_copy_only=False).astype(np.bool_)
    return known
