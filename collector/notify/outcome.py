"""What an attempt means for the message, settled or to be tried again, and what people read of it."""

from collections.abc import Callable
from datetime import datetime

from analytics.alerting import Action
from collector.notify.base import Channel, Outcome, Receipt
from collector.notify.retry import next_attempt
from collector.store_outbox import Settlement, WaitingRow

_LONGEST_ANSWER = 300

_WORDS = {
    Action.TRIGGER: "the alert",
    Action.UPDATE: "the raised severity",
    Action.ACKNOWLEDGE: "the acknowledgement",
    Action.RESOLVE: "the end of it",
    Action.REPORT: "the report",
    Action.TEST: "the test message",
}


def settlement(
    row: WaitingRow,
    action: Action,
    channel: Channel,
    receipt: Receipt,
    now: datetime,
    random: Callable[[], float],
) -> Settlement:
    """What `receipt`, got at `now`, makes of the message of `row`, sent as `action` over `channel`."""
    attempts, answer = row.attempts + 1, one_line(receipt.answer)
    first = row.first_attempt_at or now
    name, what = f"{channel.name} ({channel.kind})", _WORDS[action]
    if receipt.outcome is Outcome.ACCEPTED:
        after = f" after {attempts} attempts" if attempts > 1 else ""
        told = ("sent", f"{name} accepted {what}{after}: {answer}", now)
        return Settlement(
            row.id, row.channel, "delivered", attempts, None, first, now, None, answer, row.incident_id, told
        )
    if receipt.outcome is Outcome.REFUSED:
        told = ("not_sent", f"{name} refused {what} for good: {answer}", now)
        return _failed(row, "refused", first, None, answer, told)
    again = next_attempt(attempts, now, first, receipt.retry_after, random)
    if again is None:
        told = ("not_sent", f"{name} could not be told {what} for a day, given up: {answer}", now)
        return _failed(row, "expired", first, None, answer, told)
    if attempts == 1:
        told = ("not_sent", f"{name} could not be told {what} yet, tried again until it is: {answer}", now)
        return _failed(row, "pending", first, again, answer, told)
    return _failed(row, "pending", first, again, answer, None)


def _failed(
    row: WaitingRow,
    state: str,
    first: datetime,
    again: datetime | None,
    answer: str,
    told: tuple[str, str, datetime] | None,
) -> Settlement:
    return Settlement(
        row.id,
        row.channel,
        state,
        row.attempts + 1,
        again,
        first,
        last_error=answer,
        incident_id=row.incident_id,
        event=told,
    )


def folded(row: WaitingRow, why: str) -> Settlement:
    """The message of `row` is obsolete and never sent, because of `why`."""
    return _unsent(row, "folded", why)


def unreadable(row: WaitingRow, why: str) -> Settlement:
    """The message of `row` cannot be read, so nobody can send it."""
    return _unsent(row, "refused", one_line(why))


def _unsent(row: WaitingRow, state: str, why: str) -> Settlement:
    return Settlement(
        row.id, row.channel, state, row.attempts, first_attempt_at=row.first_attempt_at, last_error=why
    )


def one_line(text: str) -> str:
    """`text` of the other side as one bounded line of printable characters."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text[:5000]).split())
    return line if len(line) <= _LONGEST_ANSWER else f"{line[: _LONGEST_ANSWER - 1]}…"
