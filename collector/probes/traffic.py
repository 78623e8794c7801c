"""Services judged by recorded traffic: the calls of `api_metrics`, the deliveries of `webhook_metrics`."""

from collections.abc import Mapping
from dataclasses import replace

from analytics.model import Reason, Verdict
from collector.probes.base import ServiceSpec
from collector.probes.calls import CallsOptions
from collector.probes.runner import missing_message
from collector.probes.webhook import WebhookOptions
from collector.secrets import references


def window_name(spec: ServiceSpec) -> str:
    """The `api_name` or `source` under which the traffic of this service is recorded."""
    if isinstance(spec.options, WebhookOptions) and spec.options.source:
        return spec.options.source
    if isinstance(spec.options, CallsOptions) and spec.options.api_name:
        return spec.options.api_name
    return spec.key.service_name


def unset_note(spec: ServiceSpec, verdict: Verdict, environment: Mapping[str, str]) -> Verdict:
    """`verdict` of a service without traffic, saying which of its variables are not set."""
    named = references(spec.options.model_dump(exclude_unset=True))
    unset = [name for name in dict.fromkeys(named) if not environment.get(name)]
    if not unset:
        return verdict
    return replace(verdict, reason=Reason.MISSING_CREDENTIALS, message=missing_message(unset))
