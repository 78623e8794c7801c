"""Quota that APIs tell in the body of their answers: Shopify's points, Google Analytics' property quotas.

Sources: Shopify "GraphQL Admin API rate limits" (extensions.cost.throttleStatus); Google Analytics Data API,
`PropertyQuota` of a report and `PropertyQuotasSnapshot`.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from collector.client.quota import Quota, number, quota_from_headers, quota_of, tightest

#: The fields of Google's `PropertyQuota`; each is {consumed, remaining}. Categories nest one level deep.
_GOOGLE_QUOTAS = (
    "tokensPerDay",
    "tokensPerHour",
    "tokensPerProjectPerHour",
    "concurrentRequests",
    "serverErrorsPerProjectPerHour",
    "potentiallyThresholdedRequestsPerHour",
)
_GOOGLE_GROUPS = ("propertyQuota", "corePropertyQuota", "realtimePropertyQuota", "funnelPropertyQuota")
_LONGEST_RESET_SECONDS = 86_400.0


def shopify_quota(response: httpx.Response) -> Quota | None:
    """The points of a GraphQL answer: used is maximumAvailable - currentlyAvailable.

    `reset_at` is when restoreRate (points a second) has filled it up again. REST says it in a header.
    """
    status = _table(_table(_table(_body(response), "extensions"), "cost"), "throttleStatus")
    limit, left = number(status.get("maximumAvailable")), number(status.get("currentlyAvailable"))
    if limit is None or left is None:
        return quota_from_headers(response)
    used, rate = max(0.0, limit - left), number(status.get("restoreRate"))
    reset = None
    if rate:
        reset = datetime.now(UTC) + timedelta(seconds=min(used / rate, _LONGEST_RESET_SECONDS))
    return quota_of("points", used, limit, reset)


def google_analytics_quota(response: httpx.Response) -> Quota | None:
    """The tightest of a property's quotas; its name is Google's, `tokensPerHour`.

    A category of a snapshot is told in front of it: `realtime.tokensPerHour`.
    """
    return tightest(_google_quotas(_body(response)))


def _google_quotas(body: Mapping[str, Any]) -> Iterator[Quota]:
    for group in _GOOGLE_GROUPS:
        category = (
            group.removesuffix("PropertyQuota") if group not in ("propertyQuota", "corePropertyQuota") else ""
        )
        for name in _GOOGLE_QUOTAS:
            status = _table(_table(body, group), name)
            # protobuf leaves out a field that is 0
            consumed, remaining = number(status.get("consumed", 0)), number(status.get("remaining", 0))
            if status and consumed is not None and remaining is not None:
                quota = quota_of(f"{category}.{name}" if category else name, consumed, consumed + remaining)
                if quota is not None:
                    yield quota


def _body(response: httpx.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except (ValueError, RecursionError, httpx.StreamError):
        return {}
    return body if isinstance(body, dict) else {}


def _table(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}
