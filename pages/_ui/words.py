"""How names, reasons, figures and times read on the page. Pure text, not yet escaped."""

import math
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from analytics.model import Reason, ServiceKey, ServiceType, Status
from analytics.rules.wording import lasting

GROUPS = MappingProxyType(
    {
        ServiceType.MCP: "MCP servers",
        ServiceType.API: "External APIs",
        ServiceType.WEBHOOK: "Webhooks",
        ServiceType.INFRASTRUCTURE: "Infrastructure",
    }
)

#: What a service is, beside a name that several may have.
KINDS = MappingProxyType(
    {
        ServiceType.MCP: "MCP",
        ServiceType.API: "API",
        ServiceType.WEBHOOK: "webhook",
        ServiceType.INFRASTRUCTURE: "infrastructure",
    }
)

STATUSES = MappingProxyType(
    {
        Status.HEALTHY: "Healthy",
        Status.DEGRADED: "Degraded",
        Status.DOWN: "Down",
        Status.UNKNOWN: "Unknown",
    }
)

REASONS = MappingProxyType(
    {
        Reason.OK: "OK",
        Reason.SLOW: "Slow",
        Reason.PASSED_ON_RETRY: "Passed on retry",
        Reason.ERROR_RATE: "Too many failures",
        Reason.CONSECUTIVE_FAILURES: "Failing in a row",
        Reason.DNS: "Name not resolved",
        Reason.CONNECT: "No connection",
        Reason.TLS: "TLS failed",
        Reason.TIMEOUT: "Timed out",
        Reason.AUTH: "Not authorised",
        Reason.RATE_LIMITED: "Rate limited",
        Reason.QUOTA_EXHAUSTED: "Quota exhausted",
        Reason.HTTP_4XX: "Request refused",
        Reason.HTTP_5XX: "Server error",
        Reason.PROTOCOL: "Unexpected answer",
        Reason.UNHEALTHY: "Reports itself unhealthy",
        Reason.SCHEMA_CHANGED: "Tools changed",
        Reason.EXITED: "Process exited",
        Reason.CIRCUIT_OPEN: "Circuit open",
        Reason.PROCESSING_FAILED: "Processing failed",
        Reason.NO_DATA: "No data",
        Reason.MISSING_CREDENTIALS: "Credentials missing",
        Reason.BAD_CONFIGURATION: "Wrong configuration",
        Reason.COMMAND_MISSING: "Command missing",
        Reason.COLLECTOR_OFFLINE: "Collector offline",
        Reason.COLLECTOR_ERROR: "Collector error",
    }
)

_SPELLINGS = {
    "api": "API",
    "fly": "Fly.io",
    "github": "GitHub",
    "llamaindex": "LlamaIndex",
    "mcp": "MCP",
    "openai": "OpenAI",
    "pagerduty": "PagerDuty",
    "postgres": "PostgreSQL",
    "postgresql": "PostgreSQL",
    "rag": "RAG",
    "sendgrid": "SendGrid",
}


def service_name(key: str) -> str:
    """The name people know: `github-official` reads GitHub Official, `google_analytics` Google Analytics."""
    parts = [part for part in key.replace("_", "-").split("-") if part]
    return " ".join(_SPELLINGS.get(part.lower(), part[:1].upper() + part[1:]) for part in parts) or key


def label(key: ServiceKey) -> str:
    """A name with what it is, for several may have it: `Shopify API`, `Fly.io infrastructure`."""
    return service_label(key.service_type, key.service_name)


def service_label(service_type: str, key: str) -> str:
    """What `label` says of a service that was read; one of an unknown type as it is spelt."""
    kind = KINDS[ServiceType(service_type)] if service_type in list(ServiceType) else service_type
    return f"{service_name(key)} {kind}"


def reason(word: str) -> str:
    """A stored reason in words; one this version does not know is shown as it is spelt."""
    try:
        return REASONS[Reason(word)]
    except ValueError:
        return word.replace("_", " ").strip().capitalize()


def milliseconds(value: float | None) -> str:
    """A latency: `<1 ms`, `842 ms`, `3.2 s`, `2 min`; an empty text for None."""
    if value is None:
        return ""
    if value < 1:
        return "<1 ms"
    if value < 999.5:
        return f"{value:.0f} ms"
    if value < 59_950:
        return f"{value / 1000:.1f} s"
    return f"{value / 60_000:.0f} min"


def percent(value: float | None) -> str:
    """A share: `100 %`, `93.7 %`; cut, never rounded up, so that 100 % means all of it; `–` for None."""
    if value is None:
        return "–"
    tenths = math.floor(value * 10 + 1e-9) / 10
    return f"{tenths:.0f} %" if tenths == int(tenths) else f"{tenths:.1f} %"


def bad_share(value: float | None) -> str:
    """A share of what went wrong, rounded up: `0.33 %`; `0 %` means that nothing did; `–` for None."""
    if value is None:
        return "–"
    up = math.ceil(value * 100 - 1e-9) / 100
    return f"{up:.0f} %" if up in (0, 100) else f"{up:.2f} %"


def span(duration: timedelta) -> str:
    """How long something lasts, cut: `42 s`, `4 min 10 s`, `17 min`, `1 h 36 min`; the same on every page."""
    return lasting(duration)


def spelt(seconds: float) -> str:
    """What `span` says of so many seconds."""
    return lasting(timedelta(seconds=seconds))


def came_back(times: int) -> str:
    """How often an incident came back after it seemed over: `came back 2 times`; empty for never."""
    if not times:
        return ""
    return "came back once" if times == 1 else f"came back {times} times"


def clock(moment: datetime) -> str:
    """A time of day in UTC: `14:02:11 UTC`."""
    return f"{moment.astimezone(UTC):%H:%M:%S} UTC"


def day_and_clock(moment: datetime) -> str:
    """A date and time in UTC: `2026-11-23 14:02:11 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
