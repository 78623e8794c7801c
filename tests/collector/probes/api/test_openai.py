"""The openai probe against a server that answers as OpenAI does, and does not."""

from typing import Any

import pytest

from analytics.model import Reason
from collector.probes.openai import KIND, OpenAIOptions
from collector.probes.registry import KINDS
from tests.collector.probes.api.apis import LISTED, MODELS, OPENAI_KEY, ask_openai, last, silent
from tests.collector.probes.http.ask import attempt
from tests.collector.probes.http.server import json_response, response, routes, serving


def refused(status: int, code: str | None, message: str = "no", kind: str = "invalid_request_error") -> bytes:
    """An error as OpenAI writes it."""
    return json_response(
        {"error": {"message": message, "type": kind, "param": None, "code": code}},
        status,
        x_request_id="req_1",
    )


async def test_a_key_that_is_good() -> None:
    answer = json_response(
        {"object": "list", "data": [{"id": "gpt-5"}]}, x_request_id="req_7", openai_processing_ms="42"
    )
    found = await ask_openai(answer)
    assert found.finding.ok
    assert found.finding.message == "it answers and offers 1 model"
    details = found.finding.details
    assert (details["request_id"], details["processing_ms"], details["models"]) == ("req_7", 42.0, 1)
    assert last(found) == {
        "api_name": "openai",
        "endpoint": MODELS,
        "method": "GET",
        "status_code": 200,
        "reason": None,
    }


async def test_the_limits_of_requests_are_in_the_row() -> None:
    limits = {"x_ratelimit_limit_requests": "100", "x_ratelimit_remaining_requests": "25"}
    found = await ask_openai(json_response({"data": [{"id": "gpt-5"}]}, **limits))
    row = found.calls[0]
    assert (row["quota_name"], row["quota_used"], row["quota_limit"]) == ("requests", 75.0, 100.0)


async def test_a_model_that_is_expected() -> None:
    found = await ask_openai(expect_model="gpt-5-mini")
    assert found.finding.message == "it answers and offers 2 models, gpt-5-mini among them"
    found = await ask_openai(expect_model="gpt-9")
    assert (found.finding.reason, found.finding.message) == (
        Reason.UNHEALTHY,
        "it answers, but does not offer the model gpt-9",
    )
    assert last(found)["reason"] == "unhealthy"


@pytest.mark.parametrize(
    ("answer", "reason", "message"),
    [
        (
            refused(401, "invalid_api_key", "Incorrect API key provided: sk-proj-of**************unt."),
            Reason.AUTH,
            "answered 401: OpenAI refuses the API key (invalid_api_key): Incorrect API key provided: ***",
        ),
        (
            refused(401, "mismatched_organization", "OpenAI-Organization header should match"),
            Reason.AUTH,
            "answered 401: OpenAI refuses the organization or project (mismatched_organization): "
            "OpenAI-Organization header should match",
        ),
        (
            refused(403, "unsupported_country_region_territory"),
            Reason.HTTP_4XX,
            "answered 403: OpenAI does not serve the country this machine is in: no",
        ),
        (
            refused(403, None, "You have insufficient permissions", "insufficient_permissions"),
            Reason.AUTH,
            "answered 403: OpenAI answers, but this key or this network may not do that "
            "(insufficient_permissions): You have insufficient permissions",
        ),
        (
            refused(429, "rate_limit_exceeded", "Rate limit reached for requests", "requests"),
            Reason.RATE_LIMITED,
            "answered 429: too many requests (rate_limit_exceeded): Rate limit reached for requests",
        ),
        (
            refused(429, "insufficient_quota", "You exceeded your current quota", "insufficient_quota"),
            Reason.QUOTA_EXHAUSTED,
            "the account's credit or limit is used up (insufficient_quota): You exceeded your current quota",
        ),
        (
            refused(429, None, "no credit", "credit_balance_exhausted"),
            Reason.QUOTA_EXHAUSTED,
            "the account's credit or limit is used up (credit_balance_exhausted): no credit",
        ),
        (
            refused(400, "billing_hard_limit_reached"),
            Reason.QUOTA_EXHAUSTED,
            "the account's credit or limit is used up (billing_hard_limit_reached): no",
        ),
        (
            refused(503, "slow_down", "Slow down", "service_unavailable_error"),
            Reason.HTTP_5XX,
            "answered 503: OpenAI is overloaded (slow_down): Slow down",
        ),
        (
            refused(500, "server_is_overloaded", ""),
            Reason.HTTP_5XX,
            "answered 500: OpenAI is overloaded (server_is_overloaded)",
        ),
        (
            refused(500, None, "The server had an error", "server_error"),
            Reason.HTTP_5XX,
            "answered 500 Internal Server Error (server_error): The server had an error",
        ),
        (response(502, "<html>"), Reason.HTTP_5XX, "answered 502 Bad Gateway"),
        (json_response({"error": "plain text"}, 404), Reason.HTTP_4XX, "answered 404 Not Found: plain text"),
        (
            json_response({"data": []}),
            Reason.UNHEALTHY,
            "it answers, but offers no model to this key",
        ),
        (
            json_response({"data": {}}),
            Reason.PROTOCOL,
            "the answer is JSON, but no list of models; look at `url`",
        ),
        (json_response([]), Reason.PROTOCOL, "the answer is JSON, but no object; look at `url`"),
    ],
)
async def test_what_an_answer_means(answer: bytes, reason: Reason, message: str) -> None:
    found = await ask_openai(answer)
    assert (found.finding.ok, found.finding.reason, found.finding.message) == (False, reason, message)
    assert last(found)["status_code"] == found.finding.details["http_status"]
    assert (last(found)["reason"], found.calls[0]["error_message"]) == (reason, message)


async def test_the_id_that_support_asks_for_is_kept_with_an_error() -> None:
    found = await ask_openai(refused(500, "server_error"))
    assert (found.finding.details["request_id"], found.finding.details["code"]) == ("req_1", "server_error")


async def test_a_key_that_the_server_repeats_is_masked() -> None:
    found = await ask_openai(refused(401, OPENAI_KEY, f"{OPENAI_KEY} of ada@example.com is wrong"))
    assert "ada@example.com" not in str(found)
    assert OPENAI_KEY[:12] not in str(found)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (None, None)),
        ({"organization": "org-1", "project": "proj_1"}, ("org-1", "proj_1")),
    ],
)
async def test_organization_and_project_are_headers(options: dict[str, Any], expected: Any) -> None:
    async with serving(routes({MODELS: LISTED})) as server:
        await attempt(KIND, {"url": server.url("/v1"), "api_key": OPENAI_KEY} | options)
    [request] = server.requests
    assert request.path == MODELS
    assert request.headers["authorization"] == f"Bearer {OPENAI_KEY}"
    assert (request.headers.get("openai-organization"), request.headers.get("openai-project")) == expected


async def test_silence_is_a_row() -> None:
    found = await ask_openai(silent, timeout=0.3)
    assert found.finding.reason is Reason.TIMEOUT
    assert last(found)["reason"] == "timeout"


def test_the_address_of_a_client_library_is_good_too() -> None:
    options = OpenAIOptions(api_key="x", url="https://proxy.example/openai/v1/")
    assert (options.base(), options.host()) == ("https://proxy.example/openai", "proxy.example")


def test_it_is_registered_with_its_limits() -> None:
    kind = KINDS["openai"]
    assert (kind is KIND, kind.basis, kind.healthy_ms, kind.down_ms) == (True, "calls", 3000, 5000)
