"""What an answer's body says that its status does not: a quota used up, a throttle inside a 200.

Sources: OpenAI "Error codes" (429 with insufficient_quota is a bill, not a rate); Shopify "GraphQL Admin API
rate limits" (errors[].extensions.code THROTTLED at HTTP 200); google.rpc.Code RESOURCE_EXHAUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

_USED_UP = frozenset(
    {"insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached", "quota_exceeded"}
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer is a failure: a reason word and one line without secrets. Wins over its status."""

    reason: str
    message: str


def exhausted_quota(response: httpx.Response) -> Refusal | None:
    """A 429 whose body says that the quota is used up, in OpenAI's way: trying again will not help."""
    if response.status_code != 429:
        return None
    error = _error(_body(response))
    for word in (error.get("code"), error.get("type")):
        if isinstance(word, str) and word in _USED_UP:
            return Refusal("quota_exhausted", f"answered 429: {word}")
    return None


def shopify_refusal(response: httpx.Response) -> Refusal | None:
    """A GraphQL answer with THROTTLED among its errors, whatever its status."""
    errors = _body(response).get("errors")
    for error in errors if isinstance(errors, list) else []:
        extensions = error.get("extensions") if isinstance(error, dict) else None
        if isinstance(extensions, dict) and extensions.get("code") == "THROTTLED":
            return Refusal("rate_limited", f"answered {response.status_code}: THROTTLED")
    return None


def google_analytics_refusal(response: httpx.Response) -> Refusal | None:
    """An error with the status RESOURCE_EXHAUSTED: a property's quota is used up."""
    if response.status_code >= 400 and _error(_body(response)).get("status") == "RESOURCE_EXHAUSTED":
        return Refusal("quota_exhausted", f"answered {response.status_code}: RESOURCE_EXHAUSTED")
    return None


def _error(body: Mapping[str, Any]) -> Mapping[str, Any]:
    error = body.get("error")
    return error if isinstance(error, dict) else {}


def _body(response: httpx.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except (ValueError, RecursionError, httpx.StreamError):
        return {}
    return body if isinstance(body, dict) else {}
