"""The map of probe kinds. Adding one touches its own file and one line here."""

from collector.probes import (
    calls,
    chatwoot,
    fly,
    google_analytics,
    http,
    mcp,
    openai,
    postgres,
    redis,
    shopify,
    supabase,
    webhook,
)
from collector.probes.base import ProbeKind

KINDS: dict[str, ProbeKind] = {
    kind.name: kind
    for kind in (
        mcp.KIND,
        http.KIND,
        redis.KIND,
        postgres.KIND,
        supabase.KIND,
        fly.KIND,
        shopify.KIND,
        chatwoot.KIND,
        openai.KIND,
        google_analytics.KIND,
        calls.KIND,
        webhook.KIND,
    )
}
