"""The services of the demo: how fast they are when nothing is wrong, and what is asked of the APIs.

The simulated upstreams, the live traffic and the generated history all read these figures, so that the
history and what is measured afterwards look like the same service.
"""

from dataclasses import dataclass

from analytics.model import ServiceKey, ServiceType
from collector.demo.mcp_sketches import SERVERS


@dataclass(frozen=True, slots=True)
class Latency:
    """A log-normal latency: its median in ms, the sigma of its logarithm, how much longer it is when busy."""

    median_ms: float
    spread: float = 0.25
    busy: float = 0.2


@dataclass(frozen=True, slots=True)
class DemoService:
    """A probed service. `latency` is that of one whole check, `requests` how many in turn make one.

    `answer` is what a good check says.
    """

    key: ServiceKey
    latency: Latency
    answer: str
    requests: int = 1


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Something that is asked of an API: as it is recorded, as it is requested, how often and how fast."""

    name: str
    method: str
    path: str
    weight: float
    latency: Latency


@dataclass(frozen=True, slots=True)
class DemoApi:
    """An API with the calls an hour that it gets on average over a week."""

    name: str
    calls_per_hour: float
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class DemoSource:
    """A webhook source with its deliveries an hour on average over a week, and the events it sends."""

    name: str
    deliveries_per_hour: float
    events: tuple[str, ...]


def _mcp(name: str, median_ms: float) -> DemoService:
    server = SERVERS[name]
    answer = f"{server.title} {server.version} offers {len(server.tools)} tools"
    return DemoService(ServiceKey(ServiceType.MCP, name), Latency(median_ms), answer, requests=3)


def _platform(name: str, median_ms: float, answer: str, requests: int = 1) -> DemoService:
    return DemoService(ServiceKey(ServiceType.INFRASTRUCTURE, name), Latency(median_ms), answer, requests)


#: The probed services, in the order of the page.
PROBED = (
    _mcp("shopify", 140),
    _mcp("context7", 110),
    _mcp("github-official", 190),
    _mcp("supabase", 160),
    _mcp("fly", 120),
    _mcp("google-analytics", 900),
    _mcp("llamaindex-rag", 240),
    _platform("supabase", 90, "auth, rest and storage answer"),
    _platform("fly", 130, "2 of 2 machines started, 2 of 2 checks pass, and its health URL answers"),
    _platform("redis", 6, "Redis 7.4.1, master", requests=2),
)

#: Started anew for each check, and so looked at less often.
STDIO = ServiceKey(ServiceType.MCP, "google-analytics")

#: The MCP servers that are reached over HTTP.
HTTP_MCP_SERVERS = ("shopify", "context7", "github-official", "supabase", "fly", "llamaindex-rag")

#: Served with server-sent events on /sse, as servers were before streamable HTTP; the others are on /mcp.
LEGACY_SSE = "llamaindex-rag"

#: The app whose machines stand for Fly.io.
FLY_APP = "hotdash-llamaindex-mcp"

APIS = (
    DemoApi(
        "shopify",
        340,
        (
            Endpoint("/graphql", "POST", "/admin/api/2026-10/graphql.json", 0.94, Latency(260, 0.4)),
            Endpoint("/access_scopes", "GET", "/admin/oauth/access_scopes.json", 0.06, Latency(120, 0.3)),
        ),
    ),
    DemoApi(
        "chatwoot",
        130,
        (
            Endpoint("/conversations", "GET", "/api/v1/accounts/1/conversations", 0.6, Latency(180, 0.4)),
            Endpoint(
                "/messages", "POST", "/api/v1/accounts/1/conversations/7/messages", 0.4, Latency(150, 0.4)
            ),
        ),
    ),
    DemoApi(
        "openai",
        110,
        (
            Endpoint("/chat/completions", "POST", "/v1/chat/completions", 0.7, Latency(900, 0.4)),
            Endpoint("/embeddings", "POST", "/v1/embeddings", 0.25, Latency(210, 0.3)),
            Endpoint("/models", "GET", "/v1/models", 0.05, Latency(160, 0.3)),
        ),
    ),
    DemoApi(
        "google_analytics",
        100,
        (
            Endpoint(":runReport", "POST", "/v1beta/properties/4242:runReport", 0.8, Latency(330, 0.35)),
            Endpoint(
                ":runRealtimeReport",
                "POST",
                "/v1beta/properties/4242:runRealtimeReport",
                0.2,
                Latency(220, 0.35),
            ),
        ),
    ),
)

SOURCES = (
    DemoSource("shopify", 110, ("orders/create", "orders/updated", "products/update", "customers/create")),
    DemoSource("chatwoot", 80, ("message_created", "conversation_created", "conversation_status_changed")),
)

#: The name in `collector_runs.collector` by which the generated past is known.
HISTORY_COLLECTOR = "demo history"

#: The share of calls that fail, and of deliveries with a wrong signature, on a good day at its busiest. It
#: falls with the load: systems fail when they are used.
CALLS_FAILING = 0.008
DELIVERIES_UNVERIFIED = 0.005


def probed(key: ServiceKey) -> DemoService:
    """The probed service of that key; StopIteration when there is none."""
    return next(service for service in PROBED if service.key == key)


def api_key(name: str) -> ServiceKey:
    """The key of an API."""
    return ServiceKey(ServiceType.API, name)


def source_key(name: str) -> ServiceKey:
    """The key of a webhook source."""
    return ServiceKey(ServiceType.WEBHOOK, name)
