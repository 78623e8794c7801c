"""The services of the demo: how fast they are when nothing is wrong, and what is asked of the APIs.

The simulated upstreams, the live traffic and the generated history all read these figures, so that the
history and what is measured afterwards look like the same service.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """Something that is asked of an API: how often (`weight`), how fast, and by which program (`origin`).

    `name` is the path with its placeholders, as it is recorded; `values` fill them. `idempotent` says that it
    may be repeated although its method does not say so, `tells_quota` that its answer says what is left.
    """

    name: str
    method: str
    weight: float
    latency: Latency
    origin: str
    values: Mapping[str, str] = field(default_factory=dict)
    idempotent: bool = False
    tells_quota: bool = True

    @property
    def path(self) -> str:
        """The path that is requested."""
        return self.name.format(**self.values)

    @property
    def repeatable(self) -> bool:
        """Whether a program may repeat it after a server error."""
        return self.idempotent or self.method == "GET"


@dataclass(frozen=True, slots=True)
class DemoQuota:
    """What an API allows: `limit` of `name`, used to the share `idle` at night and `busy` more at the peak.

    `spread` is the sigma of the logarithm of what is used, `daily` the share that a whole day adds; all that
    is used is free again after `refill_seconds`, None where the API does not say when.
    """

    name: str
    limit: float
    idle: float
    busy: float = 0.0
    daily: float = 0.0
    spread: float = 0.0
    refill_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class DemoApi:
    """An API with the calls an hour that it gets on average over a week."""

    name: str
    calls_per_hour: float
    endpoints: tuple[Endpoint, ...]
    quota: DemoQuota | None = None


@dataclass(frozen=True, slots=True)
class DemoSource:
    """A webhook source with its deliveries an hour on average over a week, and the events it sends.

    Its deliveries are signed in the scheme of its name.
    """

    name: str
    deliveries_per_hour: float
    events: tuple[str, ...]

    @property
    def secret(self) -> str:
        """What its deliveries are signed with."""
        return f"demo-{self.name}-secret"


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

#: The programs that call the APIs.
SHOP_WORKER, SUPPORT_BOT, REPORT_JOB = "shop-worker", "support-bot", "report-job"

_SHOP = {"version": "2026-10"}
_ACCOUNT = {"account": "1"}
_CONVERSATIONS = "/api/v1/accounts/{account}/conversations"
_PROPERTY = {"property": "4242"}

APIS = (
    DemoApi(
        "shopify",
        680,
        (
            Endpoint(
                "/admin/api/{version}/graphql.json", "POST", 0.94, Latency(260, 0.4), SHOP_WORKER, _SHOP
            ),
            Endpoint(
                "/admin/oauth/access_scopes.json",
                "GET",
                0.06,
                Latency(120, 0.3),
                SHOP_WORKER,
                tells_quota=False,
            ),
        ),
        DemoQuota("points", 2000, idle=0.04, busy=0.2, spread=0.5, refill_seconds=20),
    ),
    DemoApi(
        "chatwoot",
        390,
        (
            Endpoint(_CONVERSATIONS, "GET", 0.6, Latency(180, 0.4), SUPPORT_BOT, _ACCOUNT),
            Endpoint(
                f"{_CONVERSATIONS}/{{conversation}}/messages",
                "POST",
                0.4,
                Latency(150, 0.4),
                SUPPORT_BOT,
                {**_ACCOUNT, "conversation": "7"},
            ),
        ),
    ),
    DemoApi(
        "openai",
        220,
        (
            Endpoint("/v1/chat/completions", "POST", 0.7, Latency(900, 0.4), SUPPORT_BOT, idempotent=True),
            Endpoint("/v1/embeddings", "POST", 0.25, Latency(210, 0.3), SHOP_WORKER, idempotent=True),
            Endpoint("/v1/models", "GET", 0.05, Latency(160, 0.3), SUPPORT_BOT),
        ),
        DemoQuota("tokens", 200_000, idle=0.06, busy=0.3, spread=0.35, refill_seconds=60),
    ),
    DemoApi(
        "google_analytics",
        200,
        (
            Endpoint(
                "/v1beta/properties/{property}:runReport",
                "POST",
                0.8,
                Latency(330, 0.35),
                REPORT_JOB,
                _PROPERTY,
                idempotent=True,
            ),
            Endpoint(
                "/v1beta/properties/{property}:runRealtimeReport",
                "POST",
                0.2,
                Latency(220, 0.35),
                REPORT_JOB,
                _PROPERTY,
                idempotent=True,
            ),
        ),
        DemoQuota("tokensPerDay", 200_000, idle=0.01, daily=0.35),
    ),
)

SOURCES = (
    DemoSource("shopify", 165, ("orders/create", "orders/updated", "products/update", "customers/create")),
    DemoSource("chatwoot", 120, ("message_created", "conversation_created", "conversation_status_changed")),
)

#: The name in `collector_runs.collector` by which the generated past is known.
HISTORY_COLLECTOR = "demo history"


def probed(key: ServiceKey) -> DemoService:
    """The probed service of that key; StopIteration when there is none."""
    return next(service for service in PROBED if service.key == key)


def api_key(name: str) -> ServiceKey:
    """The key of an API."""
    return ServiceKey(ServiceType.API, name)


def source_key(name: str) -> ServiceKey:
    """The key of a webhook source."""
    return ServiceKey(ServiceType.WEBHOOK, name)
