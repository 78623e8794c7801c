"""The write side: one long-running process that probes, judges, stores and alerts."""

__version__ = "0.1.0"
