"""What a valid configuration is, and what is raised for one that is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from collector.config.receiving import ReceiverTable
from collector.probes.base import ServiceSpec


class ConfigError(Exception):
    """A configuration that cannot be used. `faults` holds one full line each, in the order of the file."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = list(faults)


@dataclass(frozen=True)
class Config:
    """A validated services.toml. `services` keep its order; `canary` holds `host:port` targets.

    `trace_hosts` is what the file says of hosts in traces: pattern → name of the API.
    """

    path: Path
    interval: timedelta
    timeout: timedelta
    retention_days: int
    canary: tuple[str, ...]
    retry_interval: timedelta
    services: tuple[ServiceSpec, ...]
    receiver: ReceiverTable
    trace_hosts: Mapping[str, str]
