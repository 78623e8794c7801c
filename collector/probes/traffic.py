"""Services judged by recorded traffic: the calls of `api_metrics`, the deliveries of `webhook_metrics`."""

from collector.probes.options import HttpUrl, ProbeOptions, Text


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
