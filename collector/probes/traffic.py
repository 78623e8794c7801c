"""Services judged by recorded traffic: the calls of `api_metrics`, the deliveries of `webhook_metrics`."""

from collections.abc import Mapping
from dataclasses import replace

from analytics.model import Verdict
from collector.probes.base import ServiceSpec
from collector.probes.options import HttpUrl, ProbeOptions, Text
from collector.secrets import references


class ShopifyOptions(ProbeOptions):
    """Shopify Admin API of one shop."""

    shop: Text
    access_token: Text

    def target(self) -> str:
        return f"https://{self.shop}.myshopify.com"


class ChatwootOptions(ProbeOptions):
    """One Chatwoot installation."""

    url: HttpUrl
    access_token: Text

    def target(self) -> str:
        return self.url


class OpenAIOptions(ProbeOptions):
    """The OpenAI API."""

    api_key: Text
    url: HttpUrl = "https://api.openai.com"

    def target(self) -> str:
        return self.url


class GoogleAnalyticsOptions(ProbeOptions):
    """The Google Analytics Data API of one property; credentials are a service account's JSON file."""

    property_id: Text
    credentials_file: Text
    url: HttpUrl = "https://analyticsdata.googleapis.com"

    def target(self) -> str:
        return f"{self.url}/v1beta/properties/{self.property_id}"


class WebhookOptions(ProbeOptions):
    """A webhook source, by the `source` its deliveries carry (default: the service's name)."""

    source: Text | None = None

    def target(self) -> str:
        return "deliveries to this installation"


def window_name(spec: ServiceSpec) -> str:
    """The `api_name` or `source` under which the traffic of this service is recorded."""
    if isinstance(spec.options, WebhookOptions) and spec.options.source:
        return spec.options.source
    return spec.key.service_name


def unset_note(spec: ServiceSpec, verdict: Verdict, environment: Mapping[str, str]) -> Verdict:
    """`verdict` of a service without traffic, saying which of its variables are not set."""
    named = references(spec.options.model_dump(exclude_unset=True))
    unset = [name for name in dict.fromkeys(named) if not environment.get(name)]
    if not unset:
        return verdict
    return replace(verdict, message=f"{verdict.message}; {', '.join(unset)} not set")
