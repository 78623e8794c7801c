"""What the receiver knows about one source of webhooks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from collector.webhooks.schemes import SCHEMES
from collector.webhooks.verification import TOLERANCE, check_secrets

#: Seconds until the answer has to be out. Shopify and Chatwoot give up after 5 s (connecting included),
#: Standard Webhooks recommends senders to wait 15 to 30 s.
ANSWER_WITHIN = {"shopify": 4.5, "chatwoot": 4.5, "standard": 14.0}
BODY_LIMIT = 5 * 1024 * 1024

Secrets = Sequence[str] | Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class WebhookSource:
    """One sender: `POST /webhooks/{source}` takes its deliveries.

    `secrets` has the present secret first, then those it replaced; a function is asked for each delivery and
    gives none while they are not set: then `on_unset` says which variable is missing. `secret_from` is where
    the present secret is from, for the sentence that it cannot be one. `upstream` is the URL
    to pass genuine deliveries on to. `answer_within` is in seconds, `body_limit` in bytes.
    Raises ValueError for what cannot work.
    """

    source: str
    scheme: str
    secrets: Secrets = field(repr=False)
    upstream: str | None = field(default=None, repr=False)
    tolerance: timedelta = TOLERANCE
    answer_within: float | None = None
    body_limit: int = BODY_LIMIT
    on_unset: str = "the secret of this source is not set"
    secret_from: str = ""

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES:
            known = ", ".join(sorted(SCHEMES))
            raise ValueError(f"webhook {self.source}: no scheme {self.scheme!r}; choose one of {known}")
        if isinstance(self.secrets, str):
            raise TypeError(
                f"webhook {self.source}: secrets is one text; give a tuple, the present one first"
            )
        if not callable(self.secrets) and self.secrets:
            check_secrets(self.scheme, self.secrets)

    @property
    def seconds(self) -> float:
        """Seconds from the arrival of a delivery until its answer has to be out."""
        return ANSWER_WITHIN[self.scheme] if self.answer_within is None else self.answer_within

    def current_secrets(self) -> Sequence[str]:
        """The secrets that are set now. Raises ValueError, without it, when the present one cannot be one.

        An old one that cannot be one is left out: nothing can have been signed with it.
        """
        secrets = self.secrets() if callable(self.secrets) else self.secrets
        present = [secret for secret in secrets if secret and secret.strip()]
        if not present:
            return []
        try:
            check_secrets(self.scheme, present[:1])
        except ValueError as error:
            raise ValueError(f"{self.secret_from}: {error}" if self.secret_from else str(error)) from None
        return [present[0], *(secret for secret in present[1:] if self._can_be(secret))]

    def _can_be(self, secret: str) -> bool:
        try:
            check_secrets(self.scheme, [secret])
        except ValueError:
            return False
        return True
