"""The google_analytics probe against a Data API that answers as Google's does, and does not."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from analytics.model import Reason
from collector.probes.google_analytics import KIND, GoogleAnalyticsOptions
from collector.probes.registry import KINDS
from tests.collector.probes.api.apis import last, silent
from tests.collector.probes.api.google import BEARER, ENDPOINT, SNAPSHOT, Google, error, quota, snapshot
from tests.collector.probes.http.server import Connection, Request, json_response, response


async def test_a_property_that_answers_says_what_is_left(google: Google) -> None:
    found = await google.ask()
    assert found.finding.ok
    assert found.finding.message == "property 4242 answers, 199,988 of 200,000 tokens left today"
    quotas = found.finding.details["quota"]
    assert set(quotas) == {"core", "realtime"}
    assert quotas["core"]["tokensPerHour"] == {"consumed": 2.0, "remaining": 39998.0}
    assert quotas["core"]["concurrentRequests"] == {"consumed": 0.0, "remaining": 10.0}
    assert "unknownToUs" not in quotas["core"]


async def test_the_call_is_a_row_with_the_tightest_quota(google: Google) -> None:
    found = await google.ask()
    assert len(found.calls) == 1
    assert last(found) == {
        "api_name": "google_analytics",
        "endpoint": ENDPOINT,
        "method": "GET",
        "status_code": 200,
        "reason": None,
    }
    row = found.calls[0]
    assert (row["quota_name"], row["quota_used"], row["quota_limit"]) == (
        "serverErrorsPerProjectPerHour",
        1.0,
        10.0,
    )


async def test_the_property_is_asked_with_the_token(google: Google) -> None:
    await google.ask(property_id="properties/4242")
    [request] = google.calls
    assert (request.path, request.headers["authorization"]) == (SNAPSHOT, f"Bearer {BEARER}-1")


@pytest.mark.parametrize(
    ("method", "request_line", "answer", "endpoint"),
    [
        (
            "metadata",
            ("GET", "/v1beta/properties/4242/metadata"),
            {"name": "properties/4242/metadata", "metrics": []},
            "/v1beta/properties/{property}/metadata",
        ),
        (
            "report",
            ("POST", "/v1beta/properties/4242:runReport"),
            {"rowCount": 1, "kind": "analyticsData#runReport", "propertyQuota": quota()},
            "/v1beta/properties/{property}:runReport",
        ),
    ],
)
async def test_other_things_can_be_asked(
    google: Google, method: str, request_line: tuple[str, str], answer: Any, endpoint: str
) -> None:
    google.answer = json_response(answer)
    found = await google.ask(method=method)
    assert found.finding.ok
    [request] = google.calls
    assert (request.method, request.path) == request_line
    assert last(found)["endpoint"] == endpoint
    if method == "report":
        assert json.loads(request.body)["returnPropertyQuota"] is True
        assert found.finding.message.endswith("199,988 of 200,000 tokens left today")
        assert found.calls[0]["quota_limit"] == 10.0


@pytest.mark.parametrize(
    ("answer", "reason", "message"),
    [
        (
            error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
            Reason.AUTH,
            "answered 401: Google does not take the access token (UNAUTHENTICATED): "
            "Request had invalid authentication credentials.",
        ),
        (
            error(403, "PERMISSION_DENIED", "User does not have sufficient permissions for this property."),
            Reason.AUTH,
            "answered 403: the service account needs the role Viewer in property 4242, and the Data API must "
            "be enabled in its project: User does not have sufficient permissions for this property.",
        ),
        (
            error(403, "PERMISSION_DENIED", "not used", details=[{}, 1, {"reason": "SERVICE_DISABLED"}]),
            Reason.AUTH,
            "answered 403: the Data API is not enabled in the service account's project: not used",
        ),
        (
            error(404, "NOT_FOUND", "no such property"),
            Reason.HTTP_4XX,
            "answered 404: not a property Google knows; look at `property_id`: the number in Admin → "
            "Property details: no such property",
        ),
        (
            error(429, "RESOURCE_EXHAUSTED", "Exhausted property tokens per day."),
            Reason.QUOTA_EXHAUSTED,
            "answered 429: the quota of the property is used up (RESOURCE_EXHAUSTED): "
            "Exhausted property tokens per day.",
        ),
        (
            error(503, "UNAVAILABLE", "The service is unavailable."),
            Reason.HTTP_5XX,
            "answered 503 Service Unavailable (UNAVAILABLE): The service is unavailable.",
        ),
        (response(502, "<html>"), Reason.HTTP_5XX, "answered 502 Bad Gateway"),
        (
            response(200, "<html>", content_type="text/html"),
            Reason.PROTOCOL,
            "the answer is not JSON but text/html; look at `url`",
        ),
        (
            json_response({"hello": 1}),
            Reason.PROTOCOL,
            "the answer is JSON, but not that of the Data API; look at `url`",
        ),
        (
            snapshot(tokensPerDay={"consumed": 200_000}),
            Reason.QUOTA_EXHAUSTED,
            "property 4242 answers, but has nothing left of tokensPerDay",
        ),
        (
            snapshot(serverErrorsPerProjectPerHour={"consumed": 10, "remaining": 0}),
            Reason.QUOTA_EXHAUSTED,
            "property 4242 answers, but has nothing left of serverErrorsPerProjectPerHour",
        ),
    ],
)
async def test_what_an_answer_means(google: Google, answer: bytes, reason: Reason, message: str) -> None:
    google.answer = answer
    found = await google.ask()
    assert (found.finding.ok, found.finding.reason, found.finding.message) == (False, reason, message)
    assert last(found)["status_code"] == found.finding.details["http_status"]
    assert (last(found)["reason"], found.calls[0]["error_message"]) == (reason, message)


async def test_a_moment_with_many_requests_is_not_the_end_of_the_quota(google: Google) -> None:
    google.answer = snapshot(concurrentRequests={"consumed": 10})
    found = await google.ask()
    assert found.finding.ok
    assert found.calls[0]["quota_used"] == 10.0


async def test_after_server_errors_it_leaves_the_property_alone_for_longer_and_longer(google: Google) -> None:
    google.answer = error(500, "INTERNAL", "An internal error has occurred.")
    pauses = [(await google.ask()).finding.ask_again_after for _ in range(6)]
    assert pauses == [timedelta(seconds=seconds) for seconds in (60, 120, 240, 480, 960, 960)]
    google.answer = snapshot()
    assert (await google.ask()).finding.ask_again_after is None
    google.answer = error(503, "UNAVAILABLE", "again")
    assert (await google.ask()).finding.ask_again_after == timedelta(seconds=60)


async def test_other_failures_ask_for_no_pause_and_end_the_row_of_server_errors(google: Google) -> None:
    google.answer = error(500, "INTERNAL", "An internal error has occurred.")
    await google.ask()
    google.answer = error(403, "PERMISSION_DENIED", "no")
    assert (await google.ask()).finding.ask_again_after is None
    google.answer = error(500, "INTERNAL", "An internal error has occurred.")
    assert (await google.ask()).finding.ask_again_after == timedelta(seconds=60)


async def test_properties_are_counted_apart(google: Google) -> None:
    google.answer = error(500, "INTERNAL", "An internal error has occurred.")
    await google.ask()
    assert (await google.ask(property_id="77")).finding.ask_again_after == timedelta(seconds=60)


async def test_a_token_that_is_not_taken_is_replaced(google: Google) -> None:
    google.answer = error(401, "UNAUTHENTICATED", "expired")
    await google.ask()
    google.answer = snapshot()
    assert (await google.ask()).finding.ok
    assert google.calls[-1].headers["authorization"] == f"Bearer {BEARER}-2"


async def test_a_token_that_the_server_repeats_is_masked(google: Google) -> None:
    async def tell(connection: Connection, request: Request) -> None:
        told = request.headers["authorization"].removeprefix("Bearer ")
        await connection.send(error(400, told, f"{told} of demo@demo.iam.gserviceaccount.com is odd"))

    google.answer = tell
    found = await google.ask()
    assert "*** of (an e-mail address) is odd" in found.finding.message


async def test_silence_of_the_data_api_is_a_row(google: Google) -> None:
    await google.ask()
    google.answer = silent
    found = await google.ask(timeout=0.6)
    assert (found.finding.reason, found.finding.message) == (
        Reason.TIMEOUT,
        "no answer within 0.6 s (during first_byte)",
    )
    assert [(row["endpoint"], row["status_code"], row["reason"]) for row in found.calls] == [
        (ENDPOINT, None, "timeout")
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("G-ABC123", "is a measurement id"),
        ("UA-1-1", "is a measurement id"),
        ("accounts/1", "is no property"),
        ("12/../34", "is no property"),
    ],
)
def test_what_is_no_property(written: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        GoogleAnalyticsOptions(property_id=written, credentials_file="x")


def test_which_host_it_depends_on() -> None:
    options = GoogleAnalyticsOptions(property_id="4242", credentials_file="x")
    assert options.host() == "analyticsdata.googleapis.com"
    assert options.target() == "https://analyticsdata.googleapis.com/properties/4242"


def test_it_is_registered_with_its_limits() -> None:
    kind = KINDS["google_analytics"]
    assert (kind is KIND, kind.basis, kind.healthy_ms, kind.down_ms) == (True, "calls", 1000, 3000)
