"""The shopify probe: one GraphQL query for the shop's name, and what Shopify says of its cost.

Answers, cost and throttling: https://shopify.dev/docs/api/admin-graphql and, for the status codes,
https://shopify.dev/docs/api/usage/response-codes.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator

from analytics.model import Basis, Finding, Reason
from collector.client import shopify_quota
from collector.probes.api_answer import (
    MOST_ERRORS,
    by_status,
    error_object,
    grouped,
    json_object,
    member,
    number,
    said,
    text,
)
from collector.probes.api_call import ApiCall, ask
from collector.probes.api_options import Token, trimmed
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.http_fetch import Fetched
from collector.probes.http_url import network_host, shown_url
from collector.probes.options import HttpUrl, ProbeOptions, Text
from collector.secrets import REFERENCE

#: Costs one point: an object is one, its fields are free.
_QUERY = "{ shop { id name } }"
_ENDPOINT = "/admin/api/{version}/graphql.json"
_DOMAIN = ".myshopify.com"
_HINT = "look at `shop` and `url`"

_SHOP = re.compile(r"[a-z0-9][a-z0-9-]*", re.IGNORECASE)
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}|unstable")

#: Codes of errors inside an answer whose status is 200, with the reason each of them is.
_CODES = {
    "THROTTLED": Reason.RATE_LIMITED,
    "ACCESS_DENIED": Reason.AUTH,
    "UNAUTHORIZED": Reason.AUTH,
    "FORBIDDEN": Reason.AUTH,
    "INTERNAL_SERVER_ERROR": Reason.HTTP_5XX,
}

_STATUSES = {
    401: (Reason.AUTH, "answered 401: Shopify refuses the access token"),
    402: (Reason.UNHEALTHY, "answered 402: the shop is frozen, its owner has a bill to pay"),
    403: (Reason.AUTH, "answered 403: the app may not use this shop"),
    404: (Reason.HTTP_4XX, "answered 404: no such shop or version; look at `shop` and `api_version`"),
    423: (Reason.UNHEALTHY, "answered 423: the shop is locked"),
    429: (Reason.RATE_LIMITED, "answered 429: Shopify throttles this app"),
    430: (Reason.HTTP_4XX, "answered 430: Shopify takes the request for an attack and refuses it"),
}


def _shop(value: str) -> str:
    if not REFERENCE.search(value) and not _SHOP.fullmatch(value.removesuffix(_DOMAIN)):
        raise ValueError("is no shop; write the name before .myshopify.com, like my-shop")
    return value


def _version(value: str) -> str:
    if not REFERENCE.search(value) and not _VERSION.fullmatch(value):
        raise ValueError('is no API version; write it like "2026-10"')
    return value


class ShopifyOptions(ProbeOptions):
    """Shopify's Admin API of one shop. `url` takes the place of the shop's own address, such as a proxy's."""

    shop: Annotated[Text, AfterValidator(_shop)]
    access_token: Token
    api_version: Annotated[Text, AfterValidator(_version)] = "2026-10"
    url: HttpUrl | None = None

    def base(self) -> str:
        """Where the paths of the API begin."""
        return trimmed(self.url or f"https://{self.shop.removesuffix(_DOMAIN)}{_DOMAIN}")

    def target(self) -> str:
        return shown_url(self.base())

    def host(self) -> str | None:
        return network_host(self.base())


async def probe(options: ShopifyOptions, context: ProbeContext) -> Finding:
    """One query that costs one point."""
    call = ApiCall(
        api="shopify",
        method="POST",
        url=f"{options.base()}/admin/api/{options.api_version}/graphql.json",
        endpoint=_ENDPOINT,
        secret=options.access_token,
        headers={"X-Shopify-Access-Token": options.access_token},
        json={"query": _QUERY},
        quota=shopify_quota,
    )
    return await ask(context, call, lambda fetched: judge(fetched, options.api_version))


def judge(fetched: Fetched, asked_version: str) -> Finding:
    """What an answer of Shopify means. Pure; raises `ProbeFailure` when it is no answer of Shopify."""
    if not 200 <= fetched.status < 300:
        return _refused(fetched)
    answer = json_object(fetched, _HINT)
    details = _details(answer, text(fetched.headers.get("x-shopify-api-version"), 20), asked_version)
    errors = answer.get("errors")
    if errors:
        return _failed(errors, details)
    shop = member(answer, "data", "shop")
    if not member(shop, "id"):
        message = f"the answer is JSON, but holds no shop; {_HINT}"
        return Finding(False, Reason.PROTOCOL, message, details)
    message = f"{text(member(shop, 'name'), 80) or 'the shop'} answers{_points(details, ', ')}"
    if "version_asked" in details:
        message += f"; Shopify answered with version {details['api_version']} instead of {asked_version}"
    return Finding(True, Reason.OK, message, details)


def _refused(fetched: Fetched) -> Finding:
    errors = list(_messages(error_object(fetched).get("errors")))
    more = errors[0] if errors else ""
    if fetched.status in _STATUSES:
        reason, message = _STATUSES[fetched.status]
        return Finding(False, reason, said(message, more))
    return by_status(fetched, more)


def _failed(errors: Any, details: dict[str, Any]) -> Finding:
    """An answer with status 200 that holds errors. A throttled query is the usual one."""
    codes = [text(member(error, "extensions", "code"), 40) for error in _each(errors)]
    reasons = [_CODES[code] for code in codes if code in _CODES]
    reason = Reason.RATE_LIMITED if Reason.RATE_LIMITED in reasons else next(iter(reasons), Reason.UNHEALTHY)
    details["errors"] = [code for code in codes if code]
    first = next(_messages(errors), "")
    if reason is Reason.RATE_LIMITED:
        return Finding(False, reason, f"Shopify throttles this app{_points(details, ': ')}", details)
    if reason is Reason.AUTH:
        return Finding(False, reason, said("it answers, but refuses the query", first), details)
    return Finding(False, reason, said("it answers with an error", first or "(no message)"), details)


def _each(errors: Any) -> list[Any]:
    return errors[:MOST_ERRORS] if isinstance(errors, list) else [errors]


def _messages(errors: Any) -> Iterator[str]:
    """GraphQL has a list of objects with messages; a refused token is told as one text."""
    for error in _each(errors):
        found = text(error) or text(member(error, "message"))
        if found:
            yield found


def _details(answer: dict[str, Any], version: str, asked: str) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if version:
        details["api_version"] = version
        if version != asked:
            details["version_asked"] = asked
    cost = member(answer, "extensions", "cost")
    costs = {"requested": "requestedQueryCost", "actual": "actualQueryCost"}
    throttle = {
        "available": "currentlyAvailable",
        "maximum": "maximumAvailable",
        "restored_a_second": "restoreRate",
    }
    details |= {"cost": found} if (found := _figures(cost, costs)) else {}
    points = _figures(member(cost, "throttleStatus"), throttle)
    if points.get("maximum", 0) > 0 and "available" in points:
        points["saturation"] = round(1.0 - points["available"] / points["maximum"], 4)
    return details | ({"points": points} if points else {})


def _figures(value: Any, names: dict[str, str]) -> dict[str, float]:
    found = {ours: number(member(value, theirs)) for ours, theirs in names.items()}
    return {name: figure for name, figure in found.items() if figure is not None}


def _points(details: dict[str, Any], before: str) -> str:
    points = details.get("points", {})
    if not {"available", "maximum"} <= points.keys():
        return ""
    return f"{before}{grouped(points['available'])} of {grouped(points['maximum'])} points available"


KIND = ProbeKind("shopify", ShopifyOptions, probe, Basis.CALLS, 1000, 3000)
