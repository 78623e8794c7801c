"""An HTTP client for the APIs a program calls: retries, a circuit breaker, and a row for every call.

Needs httpx and nothing else of the dashboard's requirements, so that any program can use it.
"""

from collector.client.api_client import ApiClient
from collector.client.bodies import BodyTooLong
from collector.client.breaker import CircuitBreaker
from collector.client.endpoints import endpoint_template
from collector.client.quota import Quota, quota_from_headers
from collector.client.reasons import CircuitOpen, call_reason
from collector.client.recorder import Recorder
from collector.client.refusals import Refusal, exhausted_quota, google_analytics_refusal, shopify_refusal
from collector.client.reporter import HttpReporter, default_reporter
from collector.client.retry import RetryPolicy
from collector.client.sync_client import SyncApiClient
from collector.client.vendor_quota import google_analytics_quota, shopify_quota

__all__ = [
    "ApiClient",
    "BodyTooLong",
    "CircuitBreaker",
    "CircuitOpen",
    "HttpReporter",
    "Quota",
    "Recorder",
    "Refusal",
    "RetryPolicy",
    "SyncApiClient",
    "call_reason",
    "default_reporter",
    "endpoint_template",
    "exhausted_quota",
    "google_analytics_quota",
    "google_analytics_refusal",
    "quota_from_headers",
    "shopify_quota",
    "shopify_refusal",
]
