"""Webhook deliveries of the past, as the receiver records them now: verified, processed, and repeated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from collector.demo.habits import (
    DELIVERIES_REPEATED,
    DELIVERIES_STALE,
    DELIVERIES_UNVERIFIED,
    PROCESSING,
    PROCESSING_FAILING,
    PROCESSING_LATE,
    RESEND_SECONDS,
    STALE_SECONDS,
)
from collector.demo.history.batch import (
    MICROSECONDS,
    Batch,
    Bools,
    Bytes,
    Coded,
    Floats,
    Ints,
    Texts,
    identifiers,
)
from collector.demo.history.grid import Grid, within
from collector.demo.history.plan import Effect, Trouble, affecting
from collector.demo.history.traffic import Traffic, happenings, latencies
from collector.demo.services import DemoSource, source_key
from collector.receiver.webhook_record import ORIGIN
from collector.receiver.webhook_source import ANSWER_WITHIN
from collector.webhooks import TOLERANCE, DeliveryReason

_ALLOWED = f"{TOLERANCE.total_seconds():.0f} s"
#: What the receiver says of each reason.
_MESSAGES = {
    None: None,
    DeliveryReason.REPEATED: None,
    DeliveryReason.BAD_SIGNATURE: "the signature does not fit the body and the secret",
    DeliveryReason.STALE_TIMESTAMP: f"signed {STALE_SECONDS} s ago, more than the {_ALLOWED} allowed",
    DeliveryReason.PROCESSING_FAILED: "the upstream answered 500",
    DeliveryReason.UPSTREAM_TIMEOUT: "the upstream did not answer in time",
}
_REASONS = list(_MESSAGES)
_FINE, _REPEATED, _BAD, _STALE, _FAILED, _LATE = range(len(_REASONS))

#: A delivery that was taken comes again this soon.
_REPEATED_AFTER = 3 * MICROSECONDS
_RESENT_AFTER = int(RESEND_SECONDS * MICROSECONDS)


@dataclass(frozen=True)
class _Deliveries:
    """Arrays side by side. `number` tells which delivery it is: one that comes again has the same."""

    time: Ints
    number: Ints
    event: Ints
    reason: Ints
    took_ms: Floats

    def take(self, places: Ints | Bools) -> "_Deliveries":
        return _Deliveries(
            time=self.time[places],
            number=self.number[places],
            event=self.event[places],
            reason=self.reason[places],
            took_ms=self.took_ms[places],
        )


def _joined(parts: Sequence[_Deliveries]) -> _Deliveries:
    return _Deliveries(
        time=np.concatenate([part.time for part in parts]),
        number=np.concatenate([part.number for part in parts]),
        event=np.concatenate([part.event for part in parts]),
        reason=np.concatenate([part.reason for part in parts]),
        took_ms=np.concatenate([part.took_ms for part in parts]),
    )


def deliveries(
    source: DemoSource,
    grid: Grid,
    found: Sequence[Trouble],
    texts: Texts,
    chance: np.random.Generator,
) -> Traffic:
    """The deliveries of one source. `texts` holds all texts of the table."""
    first = _first(source, grid, found, chance)
    sent = _with_repetitions(first, grid, found, chance)
    reasons = np.array([texts.code(reason and reason.value) for reason in _REASONS])
    messages = np.array([texts.code(message) for message in _MESSAGES.values()])
    reason = Coded(reasons[sent.reason], texts)
    said = Coded(messages[sent.reason], texts)
    unverified = (sent.reason == _BAD) | (sent.reason == _STALE)
    unprocessed = (sent.reason == _FAILED) | (sent.reason == _LATE)
    count = len(sent.time)
    return Traffic(
        time=sent.time,
        failed=unverified,
        response_ms=sent.took_ms,
        timed=np.ones(count, dtype=np.bool_),
        status=np.full(count, np.nan),
        reason=reason,
        message=said,
        retries=np.zeros(count, dtype=np.int64),
        handed_on=~unverified,
        unprocessed=unprocessed,
        rows=_rows(source, sent, reason, said, chance),
    )


def _first(
    source: DemoSource, grid: Grid, found: Sequence[Trouble], chance: np.random.Generator
) -> _Deliveries:
    """Each delivery when it came for the first time."""
    time, busy = happenings(source.deliveries_per_hour, grid, found, chance)
    count = len(time)
    bad = chance.random(count) < DELIVERIES_UNVERIFIED * busy
    for trouble in affecting(found, source_key(source.name)):
        bad |= within(time, [trouble]) & (chance.random(count) < trouble.share)
    stale = (chance.random(count) < DELIVERIES_STALE) & (source.name == "chatwoot")
    drawn = chance.random(count)
    failed, late = drawn < PROCESSING_FAILING * busy, drawn > 1.0 - PROCESSING_LATE * busy
    reason = np.select([bad, stale, failed, late], [_BAD, _STALE, _FAILED, _LATE], _FINE)
    took = latencies([PROCESSING], np.zeros(count, dtype=np.int64), busy, chance)
    took = np.select([bad | stale, late], [0.0, 1000.0 * ANSWER_WITHIN[source.name]], took)
    event = chance.integers(0, len(source.events), count)
    return _Deliveries(time, np.arange(count), event, reason, np.rint(took))


def _with_repetitions(
    first: _Deliveries, grid: Grid, found: Sequence[Trouble], chance: np.random.Generator
) -> _Deliveries:
    """The same and what came again, in the order of time: some without need, and what was not processed."""
    count = len(first.time)
    again = (first.reason == _FINE) & (chance.random(count) < DELIVERIES_REPEATED)
    unprocessed = (first.reason == _FAILED) | (first.reason == _LATE)
    parts = [first]
    for places, after in ((again, _REPEATED_AFTER), (unprocessed, _RESENT_AFTER)):
        came = first.take(places)
        known = came.reason != _FAILED
        parts.append(
            _Deliveries(
                came.time + after + chance.integers(0, MICROSECONDS, len(came.time)),
                came.number,
                came.event,
                np.where(known, _REPEATED, _FINE),
                np.where(known, 0.0, PROCESSING.median_ms),
            )
        )
    together = _joined(parts)
    lost = [trouble for trouble in found if trouble.effect in (Effect.GAP, Effect.OFFLINE)]
    ends = grid.minutes[-1]
    together = together.take(~within(together.time, lost) & (together.time < ends))
    return together.take(np.argsort(together.time, kind="stable"))


def _rows(
    source: DemoSource,
    sent: _Deliveries,
    reason: Coded,
    said: Coded,
    chance: np.random.Generator,
) -> Batch:
    texts = reason.texts
    unverified = (sent.reason == _BAD) | (sent.reason == _STALE)
    unprocessed = (sent.reason == _FAILED) | (sent.reason == _LATE)
    yes, no, nobody = (texts.code(text) for text in ("true", "false", None))
    events = np.array([texts.code(event) for event in source.events])
    count = len(sent.time)
    return Batch(
        "webhook_metrics",
        {
            "id": identifiers(sent.time, chance),
            "timestamp": sent.time,
            "source": Coded(np.full(count, texts.code(source.name)), texts),
            "webhook_id": _names(sent, chance),
            "event_type": Coded(events[sent.event], texts),
            "verified": ~unverified,
            "processed": Coded(np.select([unverified, unprocessed], [nobody, no], yes), texts),
            "error_message": said,
            "processing_time_ms": sent.took_ms,
            "reason": reason,
            "origin": Coded(np.full(count, texts.code(ORIGIN)), texts),
        },
    )


def _names(sent: _Deliveries, chance: np.random.Generator) -> Bytes:
    """The id that the sender gave to each delivery: a UUID, the same when it comes again."""
    _, place, which = np.unique(sent.number, return_index=True, return_inverse=True)
    return identifiers(sent.time[place], chance)[which]
