"""What is no fault of a configuration, and most likely not meant either."""

from collections.abc import Mapping

from analytics.model import ServiceType
from analytics.rules.wording import did_you_mean
from collector.config.model import Config
from collector.config.words import quoted
from collector.probes.base import ServiceSpec
from collector.probes.traffic import window_name
from collector.probes.webhook import WebhookOptions


def notes(config: Config) -> list[str]:
    """One sentence each, in the order of the file; none of them holds a secret."""
    return [*_deaf(config), *_unknown_apis(config.trace_hosts, _apis(config))]


def receives(spec: ServiceSpec) -> bool:
    """Whether the deliveries of `spec` are to be taken by the receiver."""
    return spec.enabled and isinstance(spec.options, WebhookOptions) and spec.options.secret is not None


def _deaf(config: Config) -> list[str]:
    """A secret is there to take deliveries, which nobody does while the receiver is off."""
    if config.receiver.enabled:
        return []
    return [
        f"{spec.key} has a secret, but receiver.enabled is false: nothing takes its deliveries"
        for spec in config.services
        if receives(spec)
    ]


def _apis(config: Config) -> list[str]:
    return [window_name(spec) for spec in config.services if spec.key.service_type is ServiceType.API]


def _unknown_apis(hosts: Mapping[str, str], apis: list[str]) -> list[str]:
    """A host may belong to an API that is recorded and not monitored; a misspelling looks the same."""
    return [
        f"traces.hosts.{quoted(host)}: {quoted(api)} is no api of this file; "
        f"{did_you_mean(api, apis)}its calls are recorded, and judge no service"
        for host, api in hosts.items()
        if api not in apis
    ]
