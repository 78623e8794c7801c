"""Simulated HTTP APIs with canned content: Shopify Admin, Chatwoot, OpenAI, Google Analytics Data."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from collector.demo.faulty import App, FaultyApp, Scope
from collector.demo.services import APIS, CALLS_FAILING, DemoApi, Latency, api_key
from collector.demo.stage import Stage

_QUICK = Latency(20)


async def _shopify_graphql(_request: Request) -> JSONResponse:
    """Shape of https://shopify.dev/docs/api/admin-graphql with its `extensions.cost`."""
    throttle = {"maximumAvailable": 2000.0, "currentlyAvailable": 1988, "restoreRate": 100.0}
    cost = {"requestedQueryCost": 12, "actualQueryCost": 12, "throttleStatus": throttle}
    shop = {"id": "gid://shopify/Shop/1", "name": "Demo Shop"}
    return JSONResponse({"data": {"shop": shop}, "extensions": {"cost": cost}})


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


async def _openai_models(_request: Request) -> JSONResponse:
    """Shape of https://platform.openai.com/docs/api-reference/models."""
    return JSONResponse({"object": "list", "data": [{"id": "demo-model", "object": "model"}]})


async def _openai_chat(_request: Request) -> JSONResponse:
    message = {"role": "assistant", "content": "A canned answer of the demo."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return JSONResponse({"object": "chat.completion", "choices": [choice], "usage": {"total_tokens": 42}})


async def _openai_embeddings(_request: Request) -> JSONResponse:
    return JSONResponse({"object": "list", "data": [{"index": 0, "embedding": [0.1, 0.2]}]})


async def _analytics_report(_request: Request) -> JSONResponse:
    """Shape of a RunReportResponse of the Google Analytics Data API, v1beta."""
    quota = {"tokensPerDay": {"consumed": 12, "remaining": 199_988}}
    rows = [{"metricValues": [{"value": "128"}]}]
    return JSONResponse({"rows": rows, "rowCount": 1, "propertyQuota": quota})


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
        Route("/v1beta/properties/{property}/metadata", _analytics_metadata),
        Route("/v1beta/properties/{property}", _analytics_report, methods=["POST"]),
    ],
}


def api_app(api: DemoApi, stage: Stage) -> App:
    """The app of one API, with the faults of the script."""
    latencies = {endpoint.path: endpoint.latency for endpoint in api.endpoints}

    def seconds(scope: Scope) -> float:
        return stage.seconds(latencies.get(scope["path"], _QUICK))

    return FaultyApp(Starlette(routes=_ROUTES[api.name]), api_key(api.name), stage, seconds, CALLS_FAILING)


def api_apps(stage: Stage) -> dict[str, Callable[[], App]]:
    """For each API, how to make its app anew."""

    def maker(api: DemoApi) -> Callable[[], App]:
        return lambda: api_app(api, stage)

    return {api.name: maker(api) for api in APIS}
