"""Where a service is asked, as it may be shown to everybody. Pure."""

from urllib.parse import urlsplit, urlunsplit

#: How a service is asked, by the name of its probe.
PROBES = {
    "chatwoot": "Chatwoot API",
    "fly": "Fly.io machines and their checks",
    "google_analytics": "Google Analytics Data API",
    "http": "HTTP request",
    "mcp": "MCP handshake and list of tools",
    "openai": "OpenAI API",
    "postgres": "PostgreSQL sign-in and query",
    "redis": "Redis PING and INFO",
    "shopify": "Shopify Admin API",
    "supabase": "Supabase auth, REST and storage",
    "webhook": "Its deliveries",
}


def shown_target(target: str) -> str:
    """`target` without what may be secret in an address: who signs in, the query, the fragment.

    Parts of a command that are addresses are treated the same; all else stays as the collector wrote it.
    """
    return " ".join(_shown(part) for part in target.split())


def probe_words(probe: str) -> str:
    """What the probe called `probe` does; one this version does not know as it is spelt."""
    return PROBES.get(probe, probe.replace("_", " "))


def _shown(part: str) -> str:
    if "://" not in part:
        return part
    try:
        address = urlsplit(part)
        place = address.netloc.rpartition("@")[2]
    except ValueError:
        return f"{part.partition('://')[0]}://…"
    return urlunsplit((address.scheme, place, address.path, "", ""))
