"""What is read out of an answer: its quota, a refusal in its body, and the body within its limit."""

import httpx
import pytest

from collector.client import BodyTooLong, Refusal, shopify_quota, shopify_refusal
from tests.collector.client.faces import NEVER, Making
from tests.collector.probes.http.server import (
    answers,
    json_response,
    says,
    serving,
)

HALF = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"


async def test_a_reader_of_quotas_that_raises_harms_nobody(making: Making) -> None:
    def broken(_response: httpx.Response) -> None:
        raise RuntimeError("no")

    async with (
        serving(answers(200)) as server,
        making.client(quota=broken, refusal=broken) as client,
    ):
        assert (await client.get(server.url())).status_code == 200
    assert "quota_name" not in making.rows.call


async def test_the_quota_of_the_final_answer_is_in_the_row(making: Making) -> None:
    limits = {"x_ratelimit_limit": "100", "x_ratelimit_remaining": "25", "x_ratelimit_reset": "60"}
    async with serving(answers(200, **limits)) as server, making.client() as client:
        await client.get(server.url())
    row = making.rows.call
    assert (row["quota_name"], row["quota_used"], row["quota_limit"]) == ("requests", 75.0, 100.0)
    assert row["quota_reset_at"].tzinfo is not None


async def test_a_throttle_inside_a_200_is_a_failure_when_the_api_is_read_that_way(making: Making) -> None:
    body = {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {
            "cost": {
                "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 0, "restoreRate": 100}
            }
        },
    }
    async with (
        serving(says(json_response(body))) as server,
        making.client(quota=shopify_quota, refusal=shopify_refusal) as client,
    ):
        await client.request(
            "POST", server.url("/admin/api/2026-10/graphql.json"), json={"query": "{shop{id}}"}
        )
    row = making.rows.call
    assert (row["status_code"], row["reason"], row["quota_used"]) == (200, "rate_limited", 2000.0)
    assert row["error_message"] == "answered 200: THROTTLED"
    assert row["endpoint"] == "/admin/api/2026-10/graphql.json"


async def test_a_used_up_quota_is_not_asked_again(making: Making) -> None:
    body = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
    async with serving(says(json_response(body, 429))) as server, making.client() as client:
        await client.get(server.url())
        assert len(server.requests) == 1
    assert making.rows.call["reason"] == "quota_exhausted"


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_body_beyond_the_limit_is_refused(making: Making, encoding: str) -> None:
    import gzip

    content = b"0" * 5_000_000
    body = gzip.compress(content) if encoding == "gzip" else content
    async with (
        serving(answers(200, body, content_encoding=encoding)) as server,
        making.client(body_limit=1_000_000, retry=NEVER) as client,
    ):
        with pytest.raises(BodyTooLong):
            await client.get(server.url())
    assert making.rows.call["reason"] == "protocol"
    assert "longer than 1000000 bytes" in making.rows.call["error_message"]


async def test_a_body_within_the_limit_is_read_as_ever(making: Making) -> None:
    import gzip

    body = gzip.compress(b'{"a": [1, 2]}')
    async with (
        serving(answers(200, body, content_encoding="gzip", content_type="application/json")) as server,
        making.client(body_limit=1000) as client,
    ):
        response = await client.get(server.url("/x"))
    assert response.json() == {"a": [1, 2]}
    assert response.elapsed.total_seconds() > 0
    assert response.request.url.path == "/x"


async def test_a_refusal_of_the_users_own_has_the_last_word(making: Making) -> None:
    async with (
        serving(answers(200)) as server,
        making.client(refusal=lambda _response: Refusal("unhealthy", "it says no")) as client,
    ):
        await client.get(server.url())
    assert (making.rows.call["reason"], making.rows.call["error_message"]) == ("unhealthy", "it says no")
