"""What the tables said beside the checks at the moment of any part, made where it is asked for."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from analytics.model import ServiceKey, Window
from analytics.replay.history import History, history
from analytics.replay.lazy import Computed, Lazy
from analytics.replay.recording import CheckColumns, Recording, to_datetime
from analytics.replay.traffic import CallColumns, DeliveryColumns
from analytics.rules.signals import REACH, Circuit, CommonFailure, Evidence, Looks, QuotaLevel

_MICROSECOND = timedelta(microseconds=1)
_REACH = REACH // _MICROSECOND


class RecordedEvidence:
    """The evidence of a recording. `checks` are its checks, as they were or judged again."""

    def __init__(self, recording: Recording, checks: CheckColumns) -> None:
        self._recording = recording
        self._checks = checks
        #: Of each part the newest word of each series by then, -1 before the first.
        self._newest_levels = [
            np.searchsorted(series.time, recording.done, side="right") - 1 for series in recording.quotas
        ]
        self._names = {key: one.traffic_name for key, one in recording.services.items()}
        self.histories: Mapping[ServiceKey, History] = {
            key: history(checks, place, recording.done, recording.maintenance_of(key))
            for place, key in enumerate(recording.keys)
        }

    def at(self, part: int, only: Collection[str] | None = None) -> Evidence:
        """As of the end of `part`: what `analytics.evidence.read_evidence` read then.

        With `only`, circuits and quotas are those of the APIs of these names alone.
        """
        recording = self._recording
        moment = int(recording.done[part])
        now = to_datetime(moment)

        return Evidence(
            now,
            self._names,
            Lazy((), lambda span: _windows(recording.calls, moment, span)),
            Lazy((), lambda span: _windows(recording.deliveries, moment, span)),
            Computed((), lambda span: _failures(recording.calls, moment, span)),
            tuple(self._circuits(now, only)),
            tuple(self._levels(part, moment, only)),
            Computed(recording.keys, lambda key: self._looks(key, part)),
        )

    def _looks(self, key: ServiceKey, part: int) -> Looks | None:
        found = self.histories.get(key)
        return None if found is None else found.looks(self._checks, part)

    def with_words(self, found: Evidence, part: int, only: Collection[str]) -> Evidence:
        """`found`, made without them, with the circuits and quotas of the APIs of these names."""
        circuits = tuple(self._circuits(found.at, only))
        quotas = tuple(self._levels(part, int(self._recording.done[part]), only))
        return replace(found, circuits=circuits, quotas=quotas) if circuits or quotas else found

    def _levels(self, part: int, moment: int, only: Collection[str] | None) -> Iterator[QuotaLevel]:
        if only is not None and not only:
            return
        for series, places in zip(self._recording.quotas, self._newest_levels, strict=True):
            if only is not None and series.name not in only:
                continue
            place = int(places[part])
            if place >= 0 and series.time[place] > moment - _REACH:
                yield series.level(place)

    def _circuits(self, now: datetime, only: Collection[str] | None) -> Iterator[Circuit]:
        if only is not None and not only:
            return
        for (name, _), changes in self._recording.circuits.items():
            if only is not None and name not in only:
                continue
            place = bisect_right(changes, now, key=lambda one: one.changed_at) - 1
            if place >= 0 and changes[place].changed_at > now - REACH:
                yield changes[place]


def _windows(
    columns: Mapping[str, CallColumns] | Mapping[str, DeliveryColumns], moment: int, span: timedelta
) -> Lazy[str, Window]:
    def window(name: str) -> Window | None:
        own = columns.get(name)
        return None if own is None else own.window(moment, span // _MICROSECOND)

    return Lazy(tuple(columns), window)


def _failures(
    columns: Mapping[str, CallColumns], moment: int, span: timedelta
) -> Computed[str, CommonFailure]:
    def failure(name: str) -> CommonFailure | None:
        own = columns.get(name)
        return None if own is None else own.common_failure(moment, span // _MICROSECOND)

    return Computed(tuple(columns), failure)
