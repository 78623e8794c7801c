"""Why a delivery is not simply fine: one fixed word, kept in the column `reason` of `webhook_metrics`."""

from enum import StrEnum


class DeliveryReason(StrEnum):
    """A delivery that is fine has none. The last three are about processing, the others about receiving."""

    ROTATION = "old_secret"
    """Verified with a secret that is being replaced."""
    REPEATED = "repeated"
    """Verified, and processed before."""

    MISSING_SIGNATURE = "missing_signature"
    MALFORMED_SIGNATURE = "malformed_signature"
    BAD_SIGNATURE = "bad_signature"
    STALE_TIMESTAMP = "stale_timestamp"
    FUTURE_TIMESTAMP = "future_timestamp"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TIMEOUT = "body_timeout"

    OVERLOADED = "overloaded"
    """Refused unread because too much was being received at once."""
    MISSING_CREDENTIALS = "missing_credentials"
    """Nobody told us the secret; nothing is known about the sender."""

    BAD_CONFIGURATION = "bad_configuration"
    """The secret that we were told, or another variable of the source, cannot be one."""

    PROCESSING_FAILED = "processing_failed"
    UPSTREAM_TIMEOUT = "upstream_timeout"
    UPSTREAM_UNREACHABLE = "upstream_unreachable"
