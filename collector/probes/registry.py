"""The map of probe kinds. Adding one touches its own file and one line here."""

from analytics.model import Basis
from collector.probes import fly, http, mcp, postgres, redis, supabase, traffic
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
        ProbeKind("shopify", traffic.ShopifyOptions, None, Basis.CALLS, 1000, 3000),
        ProbeKind("chatwoot", traffic.ChatwootOptions, None, Basis.CALLS, 800, 2000),
        ProbeKind("openai", traffic.OpenAIOptions, None, Basis.CALLS, 3000, 5000),
        ProbeKind("google_analytics", traffic.GoogleAnalyticsOptions, None, Basis.CALLS, 1000, 3000),
        ProbeKind("webhook", traffic.WebhookOptions, None, Basis.DELIVERIES, 1000, 3000),
    )
}
