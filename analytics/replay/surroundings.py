"""What held around the looks of the past: maintenance, mutes, what vendors reported, how each service was."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from analytics.alerting import AlertPolicy, Health, Mute
from analytics.model import ServiceKey
from analytics.replay.lazy import Computed
from analytics.replay.recording import Recording, VendorReport
from analytics.rules.alerting import Circumstances
from analytics.rules.freshness import stale_after
from analytics.rules.vendors import STILL_TOLD, VendorIncident, report

_MICROSECOND = timedelta(microseconds=1)


class Surroundings:
    """Circumstances at any moment of `recording` under `policy`.

    `newest` gives the newest look at a service after a part was written, None before the first.
    """

    def __init__(
        self, recording: Recording, policy: AlertPolicy, newest: Callable[[ServiceKey, int], Health | None]
    ) -> None:
        self._recording = recording
        self._newest = newest
        services = recording.services
        self._changes = sorted(set(_changes(recording)))
        self._part = -1
        #: What held is made once for all moments up to the next change, but for the looks.
        self._held: tuple[tuple[int, date], Circumstances] | None = None
        self._always = Circumstances(
            policy=policy,
            monitored=frozenset(services),
            routes=recording.routes,
            depends_on={key: one.depends_on for key, one in services.items() if one.depends_on},
            runbooks={key: one.runbook for key, one in services.items() if one.runbook},
            longest_gap={key: stale_after(one.interval) for key, one in services.items()},
        )

    def at(self, part: int, now: datetime) -> Circumstances:
        """What held at `now`, when everything up to `part` was written; until it is asked for another one."""
        self._part = part
        stretch = (bisect_right(self._changes, now), now.date())
        if self._held is None or self._held[0] != stretch:
            maintenance = {
                one.service: f"maintenance: {one.name}, until {one.ends_at:%Y-%m-%d %H:%M} UTC"
                for one in self._recording.maintenance
                if one.starts_at <= now < one.ends_at
            }
            held = replace(
                self._always,
                health=Computed(self._recording.keys, lambda key: self._newest(key, self._part)),
                maintenance=maintenance,
                mutes=self._mutes(now),
                vendor=self._vendor(now),
            )
            self._held = (stretch, held)
        return self._held[1]

    def _mutes(self, now: datetime) -> tuple[Mute, ...]:
        return tuple(one.mute for one in self._recording.mutes if one.since <= now < one.mute.until)

    def _vendor(self, now: datetime) -> dict[ServiceKey, str]:
        """One line a service: the newest incident that went on, or had just ended."""
        reports = [(one, _as_of(one, now)) for one in self._recording.vendors if _told_at(one, now)]
        reports.sort(key=lambda pair: pair[1].resolved_at is not None)
        notes: dict[ServiceKey, str] = {}
        for one, incident in reports:
            for service in one.services:
                notes.setdefault(service, report(one.vendor, incident, now))
        return notes


def _changes(recording: Recording) -> Iterator[datetime]:
    """When what is held may be another, beside the turn of a day: vendors are quoted with times of day."""
    for work in recording.maintenance:
        yield from (work.starts_at, work.ends_at)
    for mute in recording.mutes:
        yield from (mute.since, mute.mute.until)
    for one in recording.vendors:
        yield one.incident.started_at
        if (ended := one.incident.resolved_at) is not None:
            # Just ended is told of still, at the very end of that time too.
            yield from (ended, ended + STILL_TOLD + _MICROSECOND)


def _told_at(one: VendorReport, now: datetime) -> bool:
    ended = one.incident.resolved_at
    return one.incident.started_at <= now and (ended is None or now - ended <= STILL_TOLD)


def _as_of(one: VendorReport, now: datetime) -> VendorIncident:
    """Only its newest state is kept: before its end it went on, whatever word the vendor had for it then."""
    incident = one.incident
    if incident.resolved_at is None or incident.resolved_at <= now:
        return incident
    return replace(incident, resolved_at=None, state="going on")
