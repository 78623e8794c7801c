"""Simulated HTTP APIs with canned content: Shopify Admin, Chatwoot, OpenAI, Google Analytics Data."""

import re
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from collector.demo.faulty import App, FaultyApp, Scope
from collector.demo.habits import CALLS_FAILING
from collector.demo.quotas import used_now
from collector.demo.services import APIS, DemoApi, Latency, api_key
from collector.demo.stage import Stage

_QUICK = Latency(20)
_PLACEHOLDER = re.compile(r"\{\w+\}")


async def _shopify_graphql(request: Request) -> JSONResponse:
    """Shape of https://shopify.dev/docs/api/admin-graphql with its `extensions.cost`."""
    quota, used = used_now("shopify", request.app.state.stage)
    throttle = {
        "maximumAvailable": quota.limit,
        "currentlyAvailable": quota.limit - used,
        "restoreRate": quota.limit / (quota.refill_seconds or 1),
    }
    cost = {"requestedQueryCost": 1, "actualQueryCost": 1, "throttleStatus": throttle}
    shop = {"id": "gid://shopify/Shop/1", "name": "Demo Shop"}
    version = {"X-Shopify-API-Version": request.path_params["version"]}
    return JSONResponse({"data": {"shop": shop}, "extensions": {"cost": cost}}, headers=version)


async def _shopify_scopes(_request: Request) -> JSONResponse:
    return JSONResponse({"access_scopes": [{"handle": "read_orders"}, {"handle": "read_products"}]})


async def _chatwoot_status(_request: Request) -> JSONResponse:
    """What Chatwoot's api_controller.rb answers on /api."""
    return JSONResponse({"version": "4.13.0", "queue_services": "ok", "data_services": "ok"})


async def _chatwoot_profile(_request: Request) -> JSONResponse:
    return JSONResponse({"id": 1, "name": "Demo Agent", "availability_status": "online"})


async def _chatwoot_conversations(_request: Request) -> JSONResponse:
    return JSONResponse({"data": {"meta": {"all_count": 1}, "payload": [{"id": 7, "status": "open"}]}})


async def _chatwoot_message(_request: Request) -> JSONResponse:
    return JSONResponse({"id": 31, "content": "Hello", "message_type": 1})


async def _openai_models(request: Request) -> JSONResponse:
    """Shape of https://platform.openai.com/docs/api-reference/models."""
    content = {"object": "list", "data": [{"id": "demo-model", "object": "model"}]}
    return JSONResponse(content, headers=_openai_limits(request))


def _openai_limits(request: Request) -> dict[str, str]:
    """The headers of https://platform.openai.com/docs/guides/rate-limits."""
    quota, used = used_now("openai", request.app.state.stage)
    seconds = used / quota.limit * (quota.refill_seconds or 0)
    return {
        "x-ratelimit-limit-requests": "5000",
        "x-ratelimit-remaining-requests": "4999",
        "x-ratelimit-reset-requests": "12ms",
        "x-ratelimit-limit-tokens": f"{quota.limit:.0f}",
        "x-ratelimit-remaining-tokens": f"{quota.limit - used:.0f}",
        "x-ratelimit-reset-tokens": f"{seconds:.3f}s",
    }


async def _openai_chat(request: Request) -> JSONResponse:
    message = {"role": "assistant", "content": "A canned answer of the demo."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    content = {"object": "chat.completion", "choices": [choice], "usage": {"total_tokens": 42}}
    return JSONResponse(content, headers=_openai_limits(request))


async def _openai_embeddings(request: Request) -> JSONResponse:
    content = {"object": "list", "data": [{"index": 0, "embedding": [0.1, 0.2]}]}
    return JSONResponse(content, headers=_openai_limits(request))


async def _google_token(_request: Request) -> JSONResponse:
    """Shape of https://developers.google.com/identity/protocols/oauth2/service-account, for any assertion."""
    return JSONResponse({"access_token": "ya29.demo", "expires_in": 3599, "token_type": "Bearer"})


async def _analytics_quotas(request: Request) -> JSONResponse:
    """Shape of a PropertyQuotasSnapshot of the Google Analytics Data API, v1alpha."""
    quota = {
        **_tokens_per_day(request),
        "tokensPerHour": {"consumed": 2, "remaining": 39_998},
        "tokensPerProjectPerHour": {"consumed": 2, "remaining": 13_998},
        "concurrentRequests": {"remaining": 10},
        "serverErrorsPerProjectPerHour": {"remaining": 10},
        "potentiallyThresholdedRequestsPerHour": {"remaining": 120},
    }
    name = f"properties/{request.path_params['property']}/propertyQuotasSnapshot"
    kinds = ("corePropertyQuota", "realtimePropertyQuota", "funnelPropertyQuota")
    return JSONResponse({"name": name, **dict.fromkeys(kinds, quota)})


def _tokens_per_day(request: Request) -> dict[str, dict[str, int]]:
    quota, used = used_now("google_analytics", request.app.state.stage)
    return {quota.name: {"consumed": used, "remaining": round(quota.limit) - used}}


async def _analytics_report(request: Request) -> JSONResponse:
    """Shape of a RunReportResponse of the Google Analytics Data API, v1beta."""
    rows = [{"metricValues": [{"value": "128"}]}]
    return JSONResponse({"rows": rows, "rowCount": 1, "propertyQuota": _tokens_per_day(request)})


async def _analytics_metadata(_request: Request) -> JSONResponse:
    return JSONResponse({"name": "properties/4242/metadata", "metrics": [{"apiName": "sessions"}]})


_ROUTES: dict[str, list[Route]] = {
    "shopify": [
        Route("/admin/api/{version}/graphql.json", _shopify_graphql, methods=["POST"]),
        Route("/admin/oauth/access_scopes.json", _shopify_scopes),
    ],
    "chatwoot": [
        Route("/api", _chatwoot_status),
        Route("/api/v1/profile", _chatwoot_profile),
        Route("/api/v1/accounts/{account}/conversations", _chatwoot_conversations),
        Route("/api/v1/accounts/{account}/conversations/{id}/messages", _chatwoot_message, methods=["POST"]),
    ],
    "openai": [
        Route("/v1/models", _openai_models),
        Route("/v1/chat/completions", _openai_chat, methods=["POST"]),
        Route("/v1/embeddings", _openai_embeddings, methods=["POST"]),
    ],
    "google_analytics": [
        Route("/token", _google_token, methods=["POST"]),
        Route("/v1alpha/properties/{property}/propertyQuotasSnapshot", _analytics_quotas),
        Route("/v1beta/properties/{property}/metadata", _analytics_metadata),
        Route("/v1beta/properties/{property}", _analytics_report, methods=["POST"]),
    ],
}


def api_app(api: DemoApi, stage: Stage) -> App:
    """The app of one API, with the faults of the script."""
    latencies = [(re.compile(_PLACEHOLDER.sub("[^/:]+", end.name)), end.latency) for end in api.endpoints]

    def seconds(scope: Scope) -> float:
        found = (latency for pattern, latency in latencies if pattern.fullmatch(scope["path"]))
        return stage.seconds(next(found, _QUICK))

    app = Starlette(routes=_ROUTES[api.name])
    app.state.stage = stage
    return FaultyApp(app, api_key(api.name), stage, seconds, CALLS_FAILING)


def api_apps(stage: Stage) -> dict[str, Callable[[], App]]:
    """For each API, how to make its app anew."""

    def maker(api: DemoApi) -> Callable[[], App]:
        return lambda: api_app(api, stage)

    return {api.name: maker(api) for api in APIS}
