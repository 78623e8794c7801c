"""How fast things happen: more than an hour's traffic in the first minute, then the rhythm of the day."""

import random

from collector.demo.rhythm import rate_factor

#: Until this second of the script everything comes ninety times as often, so that there is something to see
#: at once. The script's first fault of an API is after it.
BURST_UNTIL = 65.0
_BURST = 90.0
#: Shape of the gamma distribution of the pauses: neither a clock nor crowds and silence.
EVENNESS = 4.0


def per_second(per_hour: float, elapsed: float, epoch_seconds: float) -> float:
    """How often something happens now, that happens so often an hour in the mean of a week.

    `elapsed` is the second of the script.
    """
    factor = _BURST if 0.0 <= elapsed < BURST_UNTIL else rate_factor(epoch_seconds)
    return per_hour * factor / 3600.0


def pause(rate: float, chance: random.Random) -> float:
    """Seconds until the next one, at `rate` a second."""
    return chance.gammavariate(EVENNESS, 1.0 / (rate * EVENNESS))
