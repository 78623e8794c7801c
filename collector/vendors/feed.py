"""One status feed of a vendor, as it is configured."""

from dataclasses import dataclass
from datetime import timedelta

from analytics.model import ServiceKey


@dataclass(frozen=True, slots=True)
class VendorFeed:
    """A page in the shape of Statuspage's `/api/v2/summary.json`, and the services it tells of.

    `name` is the vendor's, as services.toml has it ("openai"). It is asked every `interval`, but never more
    often than once a minute.
    """

    name: str
    url: str
    services: frozenset[ServiceKey]
    interval: timedelta = timedelta(minutes=2)
