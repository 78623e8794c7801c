"""From a `[[services]]` table to a `ServiceSpec` with every default filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from analytics.model import Basis, Policy, ServiceKey, ServiceType
from analytics.rules.freshness import stale_after
from collector.config.entries import CollectorTable, ServiceTable
from collector.config.faults import Fault, Where
from collector.config.sentences import Wording, sound_part
from collector.config.variables import broken_references
from collector.duration import written
from collector.probes.base import ProbeKind, ServiceSpec
from collector.probes.options import ProbeOptions
from collector.probes.registry import KINDS

_COMMON = list(ServiceTable.model_fields)

#: The design document calls an API down after more than 5 failures in a row; the others are sure sooner.
_SURE_AFTER_CALLS = 6
_SURE_AFTER = 3
_STALE_DELIVERIES = timedelta(hours=1)


@dataclass(frozen=True)
class Draft:
    """One `[[services]]` table as far as it could be read. `faults` are those of this table alone.

    `common` and `options` hold the keys that are right; `options` is None when they are not enough.
    """

    index: int
    table: Mapping[str, Any]
    common: ServiceTable
    kind: ProbeKind | None = None
    options: ProbeOptions | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def where(self) -> Where:
        return ("services", self.index)

    @property
    def key(self) -> ServiceKey | None:
        """Type and name, also when something else in the table is wrong."""
        service_type, name = self.table.get("type"), self.table.get("name")
        if not isinstance(service_type, str) or service_type not in list(ServiceType):
            return None
        return ServiceKey(ServiceType(service_type), name) if isinstance(name, str) else None

    def is_wrong(self, *names: str) -> bool:
        """Whether one of these keys has a fault already, so that nothing may be concluded from it."""
        return any(fault.where[2:3] == (name,) for fault in self.faults for name in names)


def read_service(index: int, table: Any) -> Draft:
    """Validate one table by itself: the common keys, the options of its probe, its variables."""
    where: Where = ("services", index)
    if not isinstance(table, Mapping):
        fault = Fault(where, "is no table; write it as [[services]]")
        return Draft(index, {}, ServiceTable(), faults=(fault,))
    common, faults = _common(table, where)
    kind = KINDS[common.probe] if common.probe else None
    options = None
    beside = {key: value for key, value in table.items() if key not in _COMMON}
    broken = list(broken_references(beside, where))
    if kind is not None:
        options, wrong = sound_part(kind.options, beside, where, Wording(also_known=_COMMON))
        told = {fault.where for fault in broken}
        faults += [fault for fault in wrong if fault.where not in told]
    return Draft(index, table, common, kind, options, tuple(faults + broken))


def _common(table: Mapping[str, Any], where: Where) -> tuple[ServiceTable, list[Fault]]:
    shared = {key: value for key, value in table.items() if key in _COMMON}
    common, faults = sound_part(ServiceTable, shared, where)
    missing = [name for name in ServiceTable.REQUIRED if name not in table]
    faults += [Fault((*where, name), "is missing; every service needs it") for name in missing]
    return common or ServiceTable(), faults


def misfits(draft: Draft, collector: CollectorTable | None) -> list[Fault]:
    """What is right by itself but not together: probe and type, the two limits, timeout and interval.

    `collector` is None when `[collector]` has faults of its own.
    """
    found = []
    if draft.kind is not None:
        found = [_wrong_type(draft.common.type, draft.kind)]
        if not draft.is_wrong("healthy_ms", "down_ms"):
            found.append(_wrong_limits(draft.common, draft.kind))
    found.append(_wrong_timeout(draft, collector))
    return [Fault((*draft.where, *fault.where), fault.text) for fault in found if fault]


def _wrong_type(service_type: ServiceType | None, kind: ProbeKind) -> Fault | None:
    """Traffic is judged as what it is: calls belong to an API, deliveries to a webhook source."""
    belongs = {Basis.CALLS: ServiceType.API, Basis.DELIVERIES: ServiceType.WEBHOOK}.get(kind.basis)
    if service_type is None:
        return None
    if belongs is not None and service_type is not belongs:
        text = f'"{kind.name}" fits only services of type "{belongs}", and this one is "{service_type}"'
        return Fault(("probe",), text)
    if service_type is ServiceType.WEBHOOK and kind.basis is not Basis.DELIVERIES:
        text = f'"{kind.name}" does not fit type "webhook", which is judged by deliveries; write "webhook"'
        return Fault(("probe",), text)
    return None


def _wrong_limits(common: ServiceTable, kind: ProbeKind) -> Fault | None:
    healthy, down = common.healthy_ms, common.down_ms
    if healthy is not None and down is not None and healthy > down:
        return Fault(("healthy_ms",), f"{healthy:g} is more than down_ms ({down:g}); it must not be above it")
    if kind.basis is not Basis.CALLS:
        return None
    if healthy is not None and down is None and healthy > kind.down_ms:
        text = f"{healthy:g} is more than the down limit of {kind.name} ({kind.down_ms:g}); set down_ms too"
        return Fault(("healthy_ms",), text)
    if down is not None and healthy is None and down < kind.healthy_ms:
        limit = f"{kind.healthy_ms:g}"
        text = f"{down:g} is less than the healthy limit of {kind.name} ({limit}); set healthy_ms too"
        return Fault(("down_ms",), text)
    return None


def _wrong_timeout(draft: Draft, collector: CollectorTable | None) -> Fault | None:
    """A check must be over when the next one is due. Not told while the interval itself is in doubt."""
    interval, timeout = draft.common.interval, draft.common.timeout
    if interval is None and collector is not None and draft.kind is not None and draft.options is not None:
        interval = _inherited_interval(draft.kind, draft.options, collector)
    if timeout is None or interval is None or timeout <= interval or draft.is_wrong("interval"):
        return None
    text = f"{written(timeout)} is longer than the interval of this service ({written(interval)})"
    return Fault(("timeout",), text)


def _inherited_interval(kind: ProbeKind, options: ProbeOptions, collector: CollectorTable) -> timedelta:
    """The longer of the collector's interval and the one the probe asks for."""
    return max(collector.interval, kind.interval(options) or collector.interval)


def build(draft: Draft, collector: CollectorTable, known: Mapping[str, ServiceKey]) -> ServiceSpec:
    """The spec of a draft without faults. `known` has the key of every service of the file."""
    common, kind, options = draft.common, draft.kind, draft.options
    assert kind is not None
    assert options is not None
    assert draft.key is not None
    interval = common.interval or _inherited_interval(kind, options, collector)
    inherited = max(collector.timeout, kind.timeout(options) or collector.timeout)
    return ServiceSpec(
        key=draft.key,
        kind=kind,
        options=options,
        interval=interval,
        timeout=common.timeout or min(inherited, interval),
        policy=_policy(common, kind, options, interval),
        enabled=common.enabled,
        depends_on=tuple(known[name] for name in dict.fromkeys(common.depends_on)),
        runbook=common.runbook,
    )


def _policy(common: ServiceTable, kind: ProbeKind, options: ProbeOptions, interval: timedelta) -> Policy:
    healthy_ms = common.healthy_ms or kind.healthy_ms_for(options) or kind.healthy_ms
    down_ms = common.down_ms or kind.down_ms
    deliveries = kind.basis is Basis.DELIVERIES
    return Policy(
        basis=kind.basis,
        healthy_ms=healthy_ms,
        down_ms=max(down_ms, healthy_ms),
        sure_after=_SURE_AFTER_CALLS if common.type is ServiceType.API else _SURE_AFTER,
        stale_after=_STALE_DELIVERIES if deliveries else stale_after(interval),
    )
