"""Waiting a bounded time for somebody else, a little differently long each time."""

import random
import time
from collections.abc import Iterator


def attempts(patience: float) -> Iterator[float]:
    """Yields before each attempt the seconds that are left, and sleeps between them: 2 to 20 ms, at random.

    Random, so that two who wait for each other do not meet again and again. There is at least one attempt,
    and a last one when `patience` (seconds) is over.
    """
    deadline = time.monotonic() + patience
    while (left := deadline - time.monotonic()) > 0:
        yield left
        time.sleep(min(max(deadline - time.monotonic(), 0), random.uniform(0.002, 0.02)))  # noqa: S311
    yield 0.0
