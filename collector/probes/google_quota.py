"""The quota a property of Google Analytics has left, as its Data API tells it. Pure functions.

https://developers.google.com/analytics/devguides/reporting/data/v1/quotas and, for the fields,
https://developers.google.com/analytics/devguides/reporting/data/v1/rest/v1beta/PropertyQuota.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collector.probes.api_answer import member, number

#: Where quotas stand: in a snapshot one a kind of report, in a report its own.
_CATEGORIES = {
    "propertyQuota": "core",
    "corePropertyQuota": "core",
    "realtimePropertyQuota": "realtime",
    "funnelPropertyQuota": "funnel",
}

_NAMES = (
    "tokensPerDay",
    "tokensPerHour",
    "tokensPerProjectPerHour",
    "concurrentRequests",
    "serverErrorsPerProjectPerHour",
    "potentiallyThresholdedRequestsPerHour",
)

#: Without any of these no report is made. The others pass within a moment, or concern few reports.
_NEEDED = frozenset(
    {"tokensPerDay", "tokensPerHour", "tokensPerProjectPerHour", "serverErrorsPerProjectPerHour"}
)


@dataclass(frozen=True, slots=True)
class Left:
    """One quota: how much is used, how much remains."""

    name: str
    consumed: float
    remaining: float

    @property
    def limit(self) -> float:
        """What there is in all."""
        return self.consumed + self.remaining


def quotas(answer: Any) -> dict[str, list[Left]]:
    """The quotas in an answer of the Data API by category: core, realtime, funnel. Others are left out.

    JSON of protocol buffers leaves out a zero, so a `remaining` that is missing beside a `consumed` is
    none left.
    """
    found: dict[str, list[Left]] = {}
    for field, category in _CATEGORIES.items():
        lefts = [left for name in _NAMES if (left := _left(name, member(answer, field, name))) is not None]
        if lefts:
            found.setdefault(category, lefts)
    return found


def as_details(found: Mapping[str, list[Left]]) -> dict[str, Any]:
    """The same for `details`, with Google's own names."""
    return {
        category: {left.name: {"consumed": left.consumed, "remaining": left.remaining} for left in lefts}
        for category, lefts in found.items()
    }


def used_up(found: Mapping[str, list[Left]]) -> list[str]:
    """The names of core quotas without which no report is made and of which nothing is left."""
    return [left.name for left in found.get("core", []) if left.name in _NEEDED and left.remaining <= 0]


def of_day(found: Mapping[str, list[Left]]) -> Left | None:
    """The tokens of the day for core reports, the figure people plan with."""
    return next((left for left in found.get("core", []) if left.name == "tokensPerDay"), None)


def _left(name: str, value: Any) -> Left | None:
    consumed, remaining = number(member(value, "consumed")), number(member(value, "remaining"))
    if consumed is None and remaining is None:
        return None
    return Left(name, consumed or 0.0, remaining or 0.0)
