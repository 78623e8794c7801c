"""How long to leave a property of Google Analytics alone after server errors.

A property that had ten server errors within an hour is refused for the rest of it: a probe that kept asking
would turn a hiccup of Google's into an outage for everybody who shares the project. The quota is
`serverErrorsPerProjectPerHour` of https://developers.google.com/analytics/devguides/reporting/data/v1/quotas.
"""

from dataclasses import dataclass, field
from datetime import timedelta

_FIRST = timedelta(seconds=60)
_LONGEST = timedelta(minutes=16)


@dataclass
class ServerErrors:
    """Server errors in a row, by property, for as long as the process runs."""

    _in_a_row: dict[str, int] = field(default_factory=dict)

    def count(self, property_id: str) -> timedelta:
        """One more; the pause until the next attempt: 60 s, doubled with each, up to 16 minutes."""
        earlier = self._in_a_row.get(property_id, 0)
        self._in_a_row[property_id] = earlier + 1
        return min(_FIRST * (1 << min(earlier, 10)), _LONGEST)

    def clear(self, property_id: str) -> None:
        """The property answered without a server error."""
        self._in_a_row.pop(property_id, None)
