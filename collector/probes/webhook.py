"""A webhook source: judged by its deliveries, which come to the receiver or are reported to it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from analytics.model import Basis
from collector.duration import Duration
from collector.probes.base import ProbeKind
from collector.probes.options import ProbeOptions, Text, http_url_like
from collector.webhooks.schemes import SCHEMES

Scheme = Literal["shopify", "chatwoot", "standard"]
Upstream = Annotated[str, AfterValidator(http_url_like("http://127.0.0.1:3000/webhooks/shopify"))]


class WebhookOptions(ProbeOptions):
    """One source of deliveries.

    `source` is the name its deliveries carry (default: the service's). With a `secret` the receiver takes
    them at /webhooks/{source}: signed as `scheme` says, `old_secret` being accepted beside it during a
    rotation, and passed on to `upstream`. `tolerance` is the age a signed timestamp may have,
    `answer_within` the time by which the sender is answered.
    """

    source: Text | None = None
    scheme: Scheme | None = None
    secret: Text | None = Field(default=None, repr=False)
    old_secret: Text | None = Field(default=None, repr=False)
    upstream: Upstream | None = Field(default=None, repr=False)
    tolerance: Duration | None = None
    answer_within: Duration | None = None

    @model_validator(mode="after")
    def _needs_secret(self) -> "WebhookOptions":
        present = [name for name in ("old_secret", "upstream") if getattr(self, name) is not None]
        if self.secret is None and present:
            what = " and ".join(f'"{name}"' for name in present)
            raise ValueError(
                f'has {what} but no "secret"; without one no delivery can be verified and taken here'
            )
        return self

    def target(self) -> str:
        return "deliveries to this installation"

    def signed_as(self, name: str) -> str:
        """The scheme of the source called `name`: the configured one, its own, or Standard Webhooks."""
        return self.scheme or (name if name in SCHEMES else "standard")


KIND = ProbeKind("webhook", WebhookOptions, None, Basis.DELIVERIES, 1000, 3000)
