"""The script of faults: what goes wrong with which simulated service, and when. Pure.

A probed service is judged by the present, so its fault shows at once and is over at once: those repeat every
ten minutes. APIs and webhooks are judged by their last hour, which a fault colours for up to an hour: theirs
are short and rarer.
"""

from dataclasses import dataclass
from enum import StrEnum

from analytics.model import ServiceKey, ServiceType


class FaultKind(StrEnum):
    """What goes wrong on the wire."""

    NONE = "none"
    SLOW = "slow"
    """Every answer takes `delay_ms` longer."""
    SERVER_ERROR = "server_error"
    """HTTP 503."""
    RATE_LIMITED = "rate_limited"
    """HTTP 429 with Retry-After."""
    SILENT = "silent"
    """The connection is accepted, and no answer comes."""
    REFUSED = "refused"
    """Nobody listens on the port."""
    EXITED = "exited"
    """A server that is started for each check ends at once with an error."""
    UNHEALTHY = "unhealthy"
    """It answers, and says that it is not well."""
    TOOLS_CHANGED = "tools_changed"
    """An MCP server offers other tools than before."""
    BAD_SIGNATURE = "bad_signature"
    """Webhook deliveries are signed with another secret."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a service at a moment. `variant` counts up while TOOLS_CHANGED lasts."""

    kind: FaultKind = FaultKind.NONE
    delay_ms: float = 0.0
    variant: int = 0


HEALTHY = Fault()


@dataclass(frozen=True, slots=True)
class Episode:
    """A fault of `service` from second `start` for `length` seconds, and again `every` so many seconds."""

    service: ServiceKey
    kind: FaultKind
    start: float
    length: float
    delay_ms: float = 0.0
    every: float = 600.0


#: A tool list changes this often while it is changing, so that nearly every check sees another one.
_VARIANT_SECONDS = 9.0


def _mcp(name: str, kind: FaultKind, start: float, end: float, delay_ms: float = 0.0) -> Episode:
    return Episode(ServiceKey(ServiceType.MCP, name), kind, start, end - start, delay_ms)


def _platform(name: str, kind: FaultKind, start: float, end: float, delay_ms: float = 0.0) -> Episode:
    return Episode(ServiceKey(ServiceType.INFRASTRUCTURE, name), kind, start, end - start, delay_ms)


#: Seconds since the start of the demo. At any time one or two of the sixteen services are in trouble.
SCRIPT: tuple[Episode, ...] = (
    _mcp("fly", FaultKind.REFUSED, 20, 110),
    _platform("redis", FaultKind.SLOW, 105, 165, delay_ms=650),
    _mcp("google-analytics", FaultKind.EXITED, 120, 200),
    _mcp("context7", FaultKind.SLOW, 165, 230, delay_ms=650),
    _mcp("supabase", FaultKind.TOOLS_CHANGED, 225, 285),
    _mcp("llamaindex-rag", FaultKind.SERVER_ERROR, 285, 360),
    _platform("fly", FaultKind.UNHEALTHY, 350, 420),
    _mcp("github-official", FaultKind.SILENT, 415, 480),
    _platform("supabase", FaultKind.SERVER_ERROR, 475, 550),
    _mcp("supabase", FaultKind.SERVER_ERROR, 480, 550),
    _mcp("shopify", FaultKind.RATE_LIMITED, 550, 600),
    Episode(ServiceKey(ServiceType.API, "shopify"), FaultKind.RATE_LIMITED, 75, 70, every=3600),
    Episode(ServiceKey(ServiceType.API, "openai"), FaultKind.SLOW, 700, 300, delay_ms=3500, every=7200),
    Episode(ServiceKey(ServiceType.API, "chatwoot"), FaultKind.SERVER_ERROR, 1900, 40, every=3600),
    Episode(ServiceKey(ServiceType.WEBHOOK, "chatwoot"), FaultKind.BAD_SIGNATURE, 240, 20, every=7200),
    Episode(ServiceKey(ServiceType.WEBHOOK, "shopify"), FaultKind.BAD_SIGNATURE, 4200, 20, every=7200),
)


def fault_at(service: ServiceKey, elapsed_seconds: float, script: tuple[Episode, ...] = SCRIPT) -> Fault:
    """What is wrong with `service` so many seconds after the start of the demo; `HEALTHY` when nothing is."""
    for episode in script:
        into = (elapsed_seconds - episode.start) % episode.every
        if episode.service == service and elapsed_seconds >= episode.start and into < episode.length:
            return Fault(episode.kind, episode.delay_ms, int(into // _VARIANT_SECONDS))
    return HEALTHY
