"""How a service is called in a sentence. Pure text."""

from analytics.model import ServiceKey, ServiceType

_NAMES = {
    "chatwoot": "Chatwoot",
    "context7": "Context7",
    "fly": "Fly.io",
    "github-official": "GitHub",
    "google-analytics": "Google Analytics",
    "google_analytics": "Google Analytics",
    "llamaindex-rag": "LlamaIndex",
    "openai": "OpenAI",
    "redis": "Redis",
    "shopify": "Shopify",
    "supabase": "Supabase",
}
_KINDS = {
    ServiceType.MCP: " MCP server",
    ServiceType.API: " API",
    ServiceType.WEBHOOK: " webhooks",
    ServiceType.INFRASTRUCTURE: "",
}


def label(service: ServiceKey) -> str:
    """What people call `service`: `Shopify API`, `Shopify webhooks`, `Context7 MCP server`, `Redis`.

    A name that is not known is put in title case, unless it has capitals of its own.
    """
    return own_name(service.service_name) + _KINDS[service.service_type]


def own_name(name: str) -> str:
    """The name alone, as its owner writes it: `github-official` is `GitHub`, `billing-db` is `Billing Db`."""
    known = _NAMES.get(name)
    if known is not None:
        return known
    words = name.replace("-", " ").replace("_", " ").split()
    return " ".join(word if word != word.lower() else word[:1].upper() + word[1:] for word in words) or name
