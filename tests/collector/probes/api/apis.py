"""Attempts of the API probes at servers that answer as the APIs do, and what such servers say and do."""

import ssl
from collections.abc import Mapping
from typing import Any

from analytics.model import Attempt
from collector.probes.base import ProbeKind
from collector.probes.chatwoot import KIND as CHATWOOT
from collector.probes.openai import KIND as OPENAI
from collector.probes.shopify import KIND as SHOPIFY
from tests.collector.probes.http.ask import attempt
from tests.collector.probes.http.server import Behaviour, Connection, Request, json_response, routes, serving

SHOPIFY_TOKEN = "shpat_of_this_test_and_no_shop"
CHATWOOT_TOKEN = "chatwoot-token-of-this-test"
OPENAI_KEY = "sk-proj-of-this-test-and-no-account"
SECRETS = (SHOPIFY_TOKEN, CHATWOOT_TOKEN, OPENAI_KEY)

GRAPHQL = "/admin/api/2026-10/graphql.json"
STATUS, PROFILE, MODELS = "/api", "/api/v1/profile", "/v1/models"

#: Made once: reading all certificate authorities takes longer than an attempt. Nothing here speaks TLS.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

COLUMNS = {
    *("id", "timestamp", "api_name", "endpoint", "method", "status_code", "response_time_ms"),
    *("error_message", "retries", "reason", "origin"),
    *("quota_name", "quota_used", "quota_limit", "quota_reset_at"),
}


def shop(available: float = 1988, version: str = "2026-10", **changed: Any) -> bytes:
    """An answer of Shopify's to the probe's query."""
    throttle = {"maximumAvailable": 2000.0, "currentlyAvailable": available, "restoreRate": 100.0}
    cost = {"requestedQueryCost": 1, "actualQueryCost": 1, "throttleStatus": throttle}
    body = {"data": {"shop": {"id": "gid://shopify/Shop/1", "name": "Demo Shop"}}}
    return json_response({**body, "extensions": {"cost": cost}, **changed}, x_shopify_api_version=version)


WELL = json_response(
    {
        "version": "4.13.0",
        "timestamp": "2026-11-24 08:00:00",
        "queue_services": "ok",
        "data_services": "ok",
    }
)
AGENT = json_response({"id": 1, "name": "Ada Lovelace", "email": "ada@example.com", "role": "agent"})
LISTED = json_response({"object": "list", "data": [{"id": "gpt-5"}, {"id": "gpt-5-mini"}]})


async def ask_shopify(answer: bytes | Behaviour, timeout: float = 10.0, **options: Any) -> Attempt:
    """One attempt at a Shopify that answers the query so."""
    given = {"shop": "demo", "access_token": SHOPIFY_TOKEN} | options
    return await _ask(SHOPIFY, {GRAPHQL: answer}, given, timeout)


async def ask_chatwoot(
    status: bytes | Behaviour = WELL,
    profile: bytes | Behaviour = AGENT,
    timeout: float = 10.0,
    **options: Any,
) -> Attempt:
    """One attempt at a Chatwoot that answers so."""
    given = {"access_token": CHATWOOT_TOKEN} | options
    return await _ask(CHATWOOT, {STATUS: status, PROFILE: profile}, given, timeout)


async def ask_openai(answer: bytes | Behaviour = LISTED, timeout: float = 10.0, **options: Any) -> Attempt:
    """One attempt at an OpenAI that answers so."""
    return await _ask(OPENAI, {MODELS: answer}, {"api_key": OPENAI_KEY} | options, timeout)


async def _ask(
    kind: ProbeKind, paths: Mapping[str, bytes | Behaviour], options: Mapping[str, Any], timeout: float
) -> Attempt:
    async with serving(routes(dict(paths))) as server:
        return sound(
            await attempt(kind, {"url": server.url("")} | dict(options), timeout=timeout, tls=NO_AUTHORITIES)
        )


def sound(found: Attempt) -> Attempt:
    """`found`, once it is clear that its rows are rows, tell what the finding tells, and hold no secret."""
    for row in found.calls:
        assert row.keys() <= COLUMNS
        assert row["origin"] == "probe"
        assert row["retries"] == 0
        assert isinstance(row["response_time_ms"], int)
        assert row["timestamp"].tzinfo is not None
        assert (row["error_message"] is None) == (row["reason"] is None)
    if found.calls and found.finding.ok:
        assert [row["reason"] for row in found.calls] == [None] * len(found.calls)
    assert not [secret for secret in SECRETS if secret in str(found)]
    return found


def last(found: Attempt) -> dict[str, Any]:
    """What the newest row tells of the call itself."""
    wanted = ("api_name", "endpoint", "method", "status_code", "reason")
    return {name: found.calls[-1].get(name) for name in wanted}


async def silent(connection: Connection, _request: Request) -> None:
    """No answer, until the other side has enough."""
    await connection.stay_silent()
