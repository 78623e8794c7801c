"""The shopify probe against a server that answers as Shopify does, and does not."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from analytics.model import Reason
from collector.probes.registry import KINDS
from collector.probes.shopify import KIND, ShopifyOptions
from tests.collector.probes.api.apis import GRAPHQL, SHOPIFY_TOKEN, ask_shopify, last, shop, silent
from tests.collector.probes.http.ask import attempt
from tests.collector.probes.http.server import json_response, response, routes, serving

ENDPOINT = "/admin/api/{version}/graphql.json"


def failing(code: str | None, message: str, **extensions: Any) -> bytes:
    """An answer with status 200 and an error in it."""
    error = {"message": message} | ({"extensions": {"code": code}} if code else {})
    return json_response({"errors": [error], "extensions": extensions})


async def test_a_shop_that_answers_says_its_name_and_its_points() -> None:
    found = await ask_shopify(shop())
    assert found.finding.ok
    assert found.finding.message == "Demo Shop answers, 1,988 of 2,000 points available"
    details = found.finding.details
    assert details["cost"] == {"requested": 1.0, "actual": 1.0}
    assert details["points"] == {
        "available": 1988.0,
        "maximum": 2000.0,
        "restored_a_second": 100.0,
        "saturation": 0.006,
    }
    assert (details["api_version"], details["http_status"]) == ("2026-10", 200)
    assert {"connect", "first_byte", "transfer"} <= details["steps_ms"].keys()
    assert 0 < found.finding.latency_ms <= found.duration_ms


async def test_the_call_is_a_row_with_its_quota() -> None:
    found = await ask_shopify(shop())
    assert len(found.calls) == 1
    assert last(found) == {
        "api_name": "shopify",
        "endpoint": ENDPOINT,
        "method": "POST",
        "status_code": 200,
        "reason": None,
    }
    row = found.calls[0]
    assert (row["quota_name"], row["quota_used"], row["quota_limit"]) == ("points", 12.0, 2000.0)
    assert abs(row["response_time_ms"] - found.finding.latency_ms) < 50


async def test_it_asks_one_cheap_query_with_the_token_in_its_header() -> None:
    async with serving(routes({GRAPHQL: shop()})) as server:
        await attempt(KIND, {"shop": "demo", "access_token": SHOPIFY_TOKEN, "url": server.url("/")})
    [request] = server.requests
    assert (request.method, request.path) == ("POST", GRAPHQL)
    assert json.loads(request.body) == {"query": "{ shop { id name } }"}
    assert request.headers["x-shopify-access-token"] == SHOPIFY_TOKEN
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("answer", "reason", "message"),
    [
        (
            json_response({"errors": "[API] Invalid API key or access token"}, 401),
            Reason.AUTH,
            "answered 401: Shopify refuses the access token: [API] Invalid API key or access token",
        ),
        (response(402), Reason.UNHEALTHY, "answered 402: the shop is frozen, its owner has a bill to pay"),
        (response(403), Reason.AUTH, "answered 403: the app may not use this shop"),
        (
            json_response({"errors": "Not Found"}, 404),
            Reason.HTTP_4XX,
            "answered 404: no such shop or version; look at `shop` and `api_version`: Not Found",
        ),
        (response(423), Reason.UNHEALTHY, "answered 423: the shop is locked"),
        (response(429, retry_after="2.0"), Reason.RATE_LIMITED, "answered 429: Shopify throttles this app"),
        (
            response(430),
            Reason.HTTP_4XX,
            "answered 430: Shopify takes the request for an attack and refuses it",
        ),
        (response(503, "<html>sorry</html>"), Reason.HTTP_5XX, "answered 503 Service Unavailable"),
        (
            response(301, location="https://other.example/admin?token=x"),
            Reason.PROTOCOL,
            "answered 301: it has moved to https://other.example/admin",
        ),
    ],
)
async def test_what_a_status_means(answer: bytes, reason: Reason, message: str) -> None:
    found = await ask_shopify(answer)
    assert (found.finding.ok, found.finding.reason, found.finding.message) == (False, reason, message)
    assert last(found)["status_code"] == found.finding.details["http_status"]
    assert (last(found)["reason"], found.calls[0]["error_message"]) == (reason, message)


@pytest.mark.parametrize(
    ("answer", "reason", "message"),
    [
        (
            failing("THROTTLED", "Throttled"),
            Reason.RATE_LIMITED,
            "Shopify throttles this app",
        ),
        (
            shop(3, errors=[{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]),
            Reason.RATE_LIMITED,
            "Shopify throttles this app: 3 of 2,000 points available",
        ),
        (
            failing("ACCESS_DENIED", "Access denied for shop field."),
            Reason.AUTH,
            "it answers, but refuses the query: Access denied for shop field.",
        ),
        (
            failing("INTERNAL_SERVER_ERROR", "Internal error. Request ID: 1-2-3"),
            Reason.HTTP_5XX,
            "it answers with an error: Internal error. Request ID: 1-2-3",
        ),
        (
            failing(None, "Field 'name' doesn't exist on type 'Shop'"),
            Reason.UNHEALTHY,
            "it answers with an error: Field 'name' doesn't exist on type 'Shop'",
        ),
        (json_response({"errors": {"odd": 1}}), Reason.UNHEALTHY, "it answers with an error: (no message)"),
        (
            json_response({"data": {"shop": None}}),
            Reason.PROTOCOL,
            "the answer is JSON, but holds no shop; look at `shop` and `url`",
        ),
    ],
)
async def test_an_answer_with_status_200_that_is_none(answer: bytes, reason: Reason, message: str) -> None:
    found = await ask_shopify(answer)
    assert (found.finding.ok, found.finding.reason, found.finding.message) == (False, reason, message)
    assert last(found)["status_code"] == 200
    assert (last(found)["reason"], found.calls[0]["error_message"]) == (reason, message)


async def test_one_throttled_among_several_errors_counts() -> None:
    errors = [{"message": "odd"}, {"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    found = await ask_shopify(shop(0, errors=errors))
    assert found.finding.reason is Reason.RATE_LIMITED
    assert found.finding.details["errors"] == ["THROTTLED"]
    assert found.finding.details["points"]["saturation"] == 1.0
    assert found.calls[0]["quota_used"] == 2000.0


async def test_another_version_than_the_one_asked_for_is_said() -> None:
    found = await ask_shopify(shop(version="2027-01"))
    assert found.finding.ok
    assert found.finding.message.endswith("; Shopify answered with version 2027-01 instead of 2026-10")
    assert found.finding.details["version_asked"] == "2026-10"


async def test_a_version_of_ones_own() -> None:
    async with serving(routes({"/admin/api/2026-07/graphql.json": shop(version="2026-07")})) as server:
        options = {"shop": "demo", "access_token": SHOPIFY_TOKEN, "api_version": "2026-07"}
        found = await attempt(KIND, options | {"url": server.url("")})
    assert found.finding.ok
    assert found.calls[0]["endpoint"] == ENDPOINT


async def test_no_answer_until_the_deadline_is_a_row_too() -> None:
    found = await ask_shopify(silent, timeout=0.3)
    assert (found.finding.reason, found.finding.message) == (
        Reason.TIMEOUT,
        "no answer within 0.3 s (during first_byte)",
    )
    assert last(found) == {
        "api_name": "shopify",
        "endpoint": ENDPOINT,
        "method": "POST",
        "status_code": None,
        "reason": "timeout",
    }
    assert found.calls[0]["error_message"] == "no answer within 0.3 s"


@pytest.mark.parametrize("name", ["demo", "demo.myshopify.com", "Demo-2"])
def test_the_address_of_a_shop(name: str) -> None:
    options = ShopifyOptions(shop=name, access_token="x")
    host = f"{name.removesuffix('.myshopify.com')}.myshopify.com"
    assert (options.target(), options.host()) == (f"https://{host}", host.lower())


@pytest.mark.parametrize("name", ["", "demo/admin", "evil.example", "demo.myshopify.com.evil.example", "a b"])
def test_what_is_no_shop(name: str) -> None:
    with pytest.raises(ValidationError):
        ShopifyOptions(shop=name, access_token="x")


@pytest.mark.parametrize("token", ["shpat_x\n", " shpat_x", "shpat x", "shpät"])
def test_what_is_no_token(token: str) -> None:
    with pytest.raises(ValidationError, match="write the token alone"):
        ShopifyOptions(shop="demo", access_token=token)


@pytest.mark.parametrize("version", ["latest", "2026", "2026-1", "2026-10/../x"])
def test_what_is_no_version(version: str) -> None:
    with pytest.raises(ValidationError, match="is no API version"):
        ShopifyOptions(shop="demo", access_token="x", api_version=version)


def test_a_shop_that_is_still_a_variable() -> None:
    options = ShopifyOptions(shop="${SHOPIFY_SHOP}", access_token="${SHOPIFY_ACCESS_TOKEN}")
    assert options.target() == "https://${SHOPIFY_SHOP}.myshopify.com"
    assert options.host() is None


def test_it_is_registered_with_its_limits() -> None:
    kind = KINDS["shopify"]
    assert (kind is KIND, kind.basis, kind.healthy_ms, kind.down_ms) == (True, "calls", 1000, 3000)


def test_the_token_is_in_no_repr() -> None:
    assert SHOPIFY_TOKEN not in repr(ShopifyOptions(shop="demo", access_token=SHOPIFY_TOKEN))
