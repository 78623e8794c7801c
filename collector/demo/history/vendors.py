"""What the vendors reported of the troubles of the past: a little late, and in a few words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from analytics.model import Reason, ServiceKey
from analytics.rules.vendors import STILL_TOLD, VendorIncident, report
from collector.demo.history.batch import MINUTE, to_datetime
from collector.demo.history.plan import Effect, Trouble
from collector.demo.status_pages import VENDORS

_NAMES = {
    Reason.OK: "Elevated latency",
    Reason.RATE_LIMITED: "Admin API requests are being rate limited",
    Reason.HTTP_5XX: "Database restarts in eu-central-1",
    Reason.UNHEALTHY: "Some machines are unhealthy",
}
#: From the begin of the trouble: when they say it began, and when the page first said so.
_SINCE, _TOLD_AFTER = 2 * MINUTE, 6 * MINUTE
#: From its end: when the page said that it was over.
_OVER_AFTER = 9 * MINUTE


@dataclass(frozen=True, slots=True)
class VendorState:
    """What the page of `vendor` said of one incident from `at` on."""

    at: datetime
    vendor: str
    service: ServiceKey
    incident: VendorIncident


def vendor_states(found: Sequence[Trouble]) -> list[VendorState]:
    """Everything the vendors reported of the troubles `found`, in the order of time."""
    states = [state for trouble in found for state in _states(trouble)]
    return sorted(states, key=lambda state: state.at)


def newest_states(states: Sequence[VendorState]) -> list[VendorState]:
    """How each incident of a vendor ended."""
    return list({(state.vendor, state.incident.vendor_id): state for state in states}.values())


def vendor_notes_at(states: Sequence[VendorState], now: datetime) -> Mapping[ServiceKey, str]:
    """One line of what the vendor of a service says at `now`, or said to be over just before."""
    notes = {}
    for state in newest_states([state for state in states if state.at <= now]):
        ended = state.incident.resolved_at
        if ended is None or now - ended <= STILL_TOLD:
            notes[state.service] = report(state.vendor, state.incident, now)
    return notes


def _states(trouble: Trouble) -> Iterator[VendorState]:
    if trouble.effect not in (Effect.FAILS, Effect.SLOW):
        return
    for vendor, service in VENDORS.items():
        if service in trouble.services:
            begun, told = to_datetime(trouble.start + _SINCE), to_datetime(trouble.start + _TOLD_AFTER)
            over = to_datetime(trouble.end + _OVER_AFTER)
            identified = told + (over - told) / 2
            first = VendorIncident(
                vendor_id=f"demo-{begun:%Y%m%d%H%M}",
                name=_NAMES[trouble.reason],
                impact="major" if trouble.effect is Effect.FAILS else "minor",
                state="investigating",
                started_at=begun,
                updated_at=told,
                components=(service.service_name,),
            )
            yield VendorState(told, vendor, service, first)
            if identified - told > timedelta(minutes=10):
                following = replace(first, state="identified", updated_at=identified)
                yield VendorState(identified, vendor, service, following)
            ended = replace(first, state="resolved", updated_at=over, resolved_at=over)
            yield VendorState(over, vendor, service, ended)
