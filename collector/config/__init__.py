"""The configuration: services.toml, typed and closed, with every fault of a file told at once."""

from collector.config.description import describe
from collector.config.literals import literal_secrets
from collector.config.loading import load
from collector.config.model import Config, ConfigError
from collector.config.starting import receiver_settings, receiver_token, trace_hosts

__all__ = [
    "Config",
    "ConfigError",
    "describe",
    "literal_secrets",
    "load",
    "receiver_settings",
    "receiver_token",
    "trace_hosts",
]
