"""UUID version 7: ids that sort by time (RFC 9562, section 5.7). Python has its own from 3.14 on."""

import os
import time
from uuid import UUID

_VARIANT = "89ab"


def uuid7(unix_ms: int | None = None) -> UUID:
    """A new UUIDv7 for `unix_ms` (milliseconds since 1970, default: now)."""
    return UUID(uuid7_texts(1, unix_ms)[0])


def uuid7_texts(count: int, unix_ms: int | None = None) -> list[str]:
    """`count` new UUIDv7 for `unix_ms` (milliseconds since 1970, default: now), as text.

    Text, because a `UUID` costs more than everything else a row of traffic needs.
    """
    milliseconds = time.time_ns() // 1_000_000 if unix_ms is None else unix_ms
    moment = f"{milliseconds & 0xFFFF_FFFF_FFFF:012x}"
    start = f"{moment[:8]}-{moment[8:]}-7"
    random = os.urandom(10 * count)
    texts = []
    for place in range(0, 10 * count, 10):
        digits = random[place : place + 10].hex()
        variant = _VARIANT[random[place] & 3]
        texts.append(f"{start}{digits[2:5]}-{variant}{digits[5:8]}-{digits[8:20]}")
    return texts
