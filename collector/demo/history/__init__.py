"""The history of the demo: days of checks, calls, deliveries and incidents, judged by the real rules."""

from collector.demo.history.write import history_needed, write_history

__all__ = ["history_needed", "write_history"]
