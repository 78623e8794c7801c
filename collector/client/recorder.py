"""What takes the rows of calls: the reporter that sends them to the collector, or anything else that can."""

from collections.abc import Mapping
from typing import Any, Protocol


class Recorder(Protocol):
    """Takes finished rows; keys are column names. Must neither raise nor block."""

    def record_call(self, row: Mapping[str, Any]) -> None:
        """Take one row of `api_metrics`."""

    def record_circuit_event(self, row: Mapping[str, Any]) -> None:
        """Take one row of `circuit_events`."""
