"""The one retry policy of every channel: when to try again, and when to give up."""

from collections.abc import Callable
from datetime import datetime, timedelta

#: Doubled with each failure, up to the longest; as PagerDuty's documentation of the Events API asks for.
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=15)
#: What another side may ask for at most. Longer is a mistake or malice, and would keep an alert back.
LONGEST_ASKED = timedelta(hours=1)
#: After a day of failures a message is of no use to anybody any more.
GIVE_UP_AFTER = timedelta(days=1)
#: A day on the clock alone is no day of trying: the collector may have been stopped meanwhile, or the first
#: attempt was made with the clock of a machine that had just booted. So many take three hours at least,
#: and a day of failures has more even when each answer asks for an hour.
FEWEST_ATTEMPTS = 20


def next_attempt(
    attempts: int, now: datetime, since: datetime, retry_after: float | None, random: Callable[[], float]
) -> datetime | None:
    """When to try again after the failure number `attempts` (1 is the first) at `now`.

    `since` is the first attempt, `retry_after` the seconds the other side asked for, `random` gives 0 to 1.
    Exponential with "equal jitter": half of the delay is certain, half is chance, so that what failed
    together does not come back together. None: a day of failures is over, in which it was tried often enough.
    """
    if now - since >= GIVE_UP_AFTER and attempts >= FEWEST_ATTEMPTS:
        return None
    exponent = min(max(attempts, 1) - 1, 20)
    delay = min(FIRST_DELAY * (1 << exponent), LONGEST_DELAY)
    delay = delay / 2 + delay / 2 * random()
    if retry_after is not None and retry_after > 0:
        delay = max(delay, min(timedelta(seconds=min(retry_after, 1e6)), LONGEST_ASKED))
    return now + delay


def is_due(at: datetime | None, now: datetime) -> bool:
    """Whether an attempt planned for `at` may be made at `now`.

    One that is planned later than any may be was planned before the clock was set back.
    """
    return at is None or at <= now or at > now + LONGEST_ASKED
