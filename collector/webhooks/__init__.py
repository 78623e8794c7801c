"""Webhook deliveries: whether they are genuine, and a middleware that records what became of them.

Needs only the standard library; the default reporter of `WebhookMonitor` is `collector.client`'s.
"""

from collector.webhooks.middleware import DeliveryReporter, WebhookMonitor
from collector.webhooks.reasons import DeliveryReason
from collector.webhooks.verification import TOLERANCE, Verification, verify

__all__ = ["TOLERANCE", "DeliveryReason", "DeliveryReporter", "Verification", "WebhookMonitor", "verify"]
