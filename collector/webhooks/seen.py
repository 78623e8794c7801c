"""The newest ids of deliveries that were processed, for each source; older ones are forgotten."""

from collections import OrderedDict
from collections.abc import Iterable

#: About 4 MB a source. Senders repeat for hours, days at most, and only what failed.
CAPACITY = 20_000


class SeenDeliveries:
    """A bounded set of delivery ids for each source. Not for several threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._ids: dict[str, OrderedDict[str, None]] = {}

    def add(self, source: str, delivery_id: str) -> None:
        """Remember that this delivery was processed."""
        ids = self._ids.setdefault(source, OrderedDict())
        ids[delivery_id] = None
        ids.move_to_end(delivery_id)
        if len(ids) > self._capacity:
            ids.popitem(last=False)

    def seed(self, source: str, delivery_ids: Iterable[str]) -> None:
        """Remember deliveries of an earlier run, oldest first."""
        for delivery_id in delivery_ids:
            self.add(source, delivery_id)

    def __contains__(self, delivery: tuple[str, str]) -> bool:
        source, delivery_id = delivery
        return delivery_id in self._ids.get(source, ())
