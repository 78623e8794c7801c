"""How the messages of the past got to the channels: most at once, some late, and one never."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from analytics.alerting import Action, Message, Outgoing
from analytics.alerting.message_json import message_json
from collector.demo.history.batch import MINUTE, to_datetime
from collector.demo.history.identities import Identities
from collector.demo.history.plan import Effect, Trouble
from collector.notify.base import Outcome, Receipt
from collector.notify.folding import Past, Waiting, plan
from collector.notify.options import ChannelSpec
from collector.notify.outcome import folded, settlement
from collector.store_outbox import Settlement, WaitingRow

#: The median of the seconds until a channel has answered, and the sigma of its logarithm.
_ANSWERS_AFTER = {"pagerduty": (0.45, 0.4), "slack": (0.3, 0.4), "webhook": (0.18, 0.3)}
_COMMIT = timedelta(milliseconds=40)


@dataclass(frozen=True, slots=True)
class Bad:
    """A channel (None: every one) does not take messages from `begin` to `end`; `receipt` is its answer."""

    channel: str | None
    begin: datetime
    end: datetime
    receipt: Receipt


def bad_times(found: Sequence[Trouble]) -> list[Bad]:
    """When which channel was in trouble of its own: at the worst time, of course."""
    bad = []
    for trouble in found:
        begin, end = to_datetime(trouble.start), to_datetime(trouble.start + 4 * MINUTE)
        names = [str(service) for service in trouble.services]
        if trouble.effect is Effect.OFFLINE:
            lost = Receipt(Outcome.FAILED, "the name cannot be resolved")
            bad.append(Bad(None, begin, to_datetime(trouble.end), lost))
        elif trouble.effect is Effect.FAILS and names == ["mcp/fly"]:
            bad.append(Bad("team", begin, end, Receipt(Outcome.FAILED, "503 service_unavailable")))
        elif trouble.effect is Effect.FAILS and names == ["mcp/google-analytics"]:
            soon = to_datetime(trouble.start + 7 * MINUTE)
            bad.append(Bad("oncall", begin, soon, Receipt(Outcome.FAILED, "no answer within 10 s")))
        elif trouble.effect is Effect.FAILS and names == ["mcp/context7"]:
            late = to_datetime(trouble.end + 15 * MINUTE)
            bad.append(Bad("hook", begin, late, Receipt(Outcome.REFUSED, "404 Not Found")))
    return bad


@dataclass
class _PastChannel:
    """A channel as delivery knows it."""

    name: str
    kind: str

    @property
    def for_machines(self) -> bool:
        return self.kind in ("pagerduty", "webhook")

    def takes(self, message: Message) -> bool:
        return message.action is not Action.REPORT

    def rendered(self, message: Message) -> Mapping[str, Any] | str:
        return message.title

    async def send(self, message: Message) -> Receipt:
        return self.answer(message)

    def answer(self, message: Message) -> Receipt:
        """What the other side says when it takes `message`."""
        if self.kind == "pagerduty":
            said = {"status": "success", "message": "Event processed", "dedup_key": message.dedup_key}
            return Receipt(Outcome.ACCEPTED, f"202 {json.dumps(said, separators=(',', ':'))}")
        return Receipt(Outcome.ACCEPTED, "200 ok" if self.kind == "slack" else "204")


@dataclass
class Sent:
    """A message of the outbox and what became of it. `settled` are its attempts; the last one counts."""

    row: WaitingRow
    message: Message
    settled: list[Settlement] = field(default_factory=list)


def send_all(
    outgoing: Sequence[tuple[datetime, Outgoing]],
    specs: Sequence[ChannelSpec],
    bad: Sequence[Bad],
    chance: Random,
) -> list[Sent]:
    """Every message in the order it was written, with what became of it; by the real rules of delivery."""
    ids = Identities(chance)
    channels = {spec.name: _PastChannel(spec.name, spec.kind) for spec in specs}
    sent = [_written(created, one, ids) for created, one in outgoing]
    lanes: dict[tuple[str, str], list[Sent]] = defaultdict(list)
    for one in sent:
        lanes[one.row.channel, one.row.dedup_key].append(one)
    for (name, _), lane in lanes.items():
        own = [time for time in bad if time.channel in (None, name)]
        _Lane(channels[name], lane, own, chance).deliver()
    return sent


def _written(created: datetime, one: Outgoing, ids: Identities) -> Sent:
    payload = json.dumps(message_json(one.message))
    key = one.message.dedup_key
    identity = ids.at(created)
    row = WaitingRow(identity, one.incident_id, one.channel, key, payload, 0, created, None, None, Past.HEARD)
    return Sent(row, one.message)


@dataclass
class _Lane:
    """The messages of one channel and dedup key: none is sent before the one before it is settled."""

    channel: _PastChannel
    messages: list[Sent]
    bad: Sequence[Bad]
    chance: Random
    _past: Past = Past.HEARD

    def deliver(self) -> None:
        """From the first message to the last."""
        now = self.messages[0].row.created_at
        while open_ones := [one for one in self.messages if not _is_settled(one)]:
            now = max(now, open_ones[0].row.created_at + _COMMIT)
            now = max(now, open_ones[0].row.next_attempt_at or now)
            waiting = [one for one in open_ones if one.row.created_at < now]
            by_id = {one.row.id: one for one in waiting}
            made = plan(
                [Waiting(one.row.id, one.message) for one in waiting], self.channel.for_machines, self._past
            )
            for identity, why in made.fold:
                by_id[identity].settled.append(folded(by_id[identity].row, why))
            if made.send:
                one = by_id[made.send[0].id]
                now = self._attempt(one, made.send[0].message, now)

    def _attempt(self, one: Sent, message: Message, now: datetime) -> datetime:
        """One attempt at `now`; when it was answered."""
        receipt = next(self._refusals(now), None) or self.channel.answer(message)
        median, spread = _ANSWERS_AFTER.get(self.channel.kind, (0.5, 0.4))
        answered = now + timedelta(seconds=min(2.0, median * self.chance.lognormvariate(0.0, spread)))
        made = settlement(one.row, message.action, self.channel, receipt, answered, self.chance.random)
        one.settled.append(made)
        one.row = replace(
            one.row,
            attempts=made.attempts,
            next_attempt_at=made.next_attempt_at,
            first_attempt_at=made.first_attempt_at,
        )
        if message.action is Action.TRIGGER and made.state != "pending":
            self._past = Past(made.state)
        return answered

    def _refusals(self, now: datetime) -> Iterator[Receipt]:
        return (time.receipt for time in self.bad if time.begin <= now < time.end)


def _is_settled(one: Sent) -> bool:
    return bool(one.settled) and one.settled[-1].state != "pending"
