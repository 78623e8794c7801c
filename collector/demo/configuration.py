"""The demo's services.toml: the sixteen services, pointed at the simulated upstreams."""

import json
import sys
from collections.abc import Iterable, Mapping

from collector.demo.services import APIS, FLY_APP, LEGACY_SSE, SOURCES, STDIO
from collector.demo.upstreams import ROOT, Upstreams

#: A minute is long for somebody who looks at a demo.
_INTERVAL = "10s"
_TIMEOUT = "3s"
#: A server that is started for each check needs the time of a Python start, and so is looked at less often.
_STDIO_INTERVAL = "60s"
_STDIO_TIMEOUT = "15s"

_HEADER = """\
# The services of the demo: every one is simulated on this machine. Written anew at each start of the demo.

[collector]
interval = "{interval}"
timeout = "{timeout}"
retention_days = 31
canary = []
"""

Table = Mapping[str, object]


def demo_configuration(upstreams: Upstreams) -> str:
    """The text of a services.toml that watches `upstreams`; the same sixteen services as in services.toml."""
    return configuration(upstreams.addresses)


def configuration(addresses: Mapping[str, str]) -> str:
    """The same, from the addresses alone."""
    tables = [*_mcp_servers(addresses), *_apis(addresses), *_webhooks(), *_infrastructure(addresses)]
    header = _HEADER.format(interval=_INTERVAL, timeout=_TIMEOUT)
    return "\n".join([header, *map(_table, tables)])


def _mcp_servers(addresses: Mapping[str, str]) -> Iterable[Table]:
    for name in ("shopify", "context7", "github-official", "supabase", "fly"):
        yield _http_mcp(name, addresses)
    yield {
        "type": "mcp",
        "name": STDIO.service_name,
        "probe": "mcp",
        "command": sys.executable,
        "args": ["-m", "collector.demo.mcp_stdio", STDIO.service_name, addresses["stage"]],
        "cwd": str(ROOT),
        "interval": _STDIO_INTERVAL,
        "timeout": _STDIO_TIMEOUT,
        "depends_on": ["api/google_analytics"],
    }
    yield _http_mcp(LEGACY_SSE, addresses)


def _http_mcp(name: str, addresses: Mapping[str, str]) -> Table:
    table: dict[str, object] = {
        "type": "mcp",
        "name": name,
        "probe": "mcp",
        "url": addresses[f"mcp/{name}"],
        "healthy_ms": 1200,
    }
    if name == LEGACY_SSE:
        table |= {"transport": "sse", "depends_on": ["infrastructure/fly", "infrastructure/supabase"]}
    if name in ("supabase", "fly"):
        table["depends_on"] = [f"infrastructure/{name}"]
    return table


def _apis(addresses: Mapping[str, str]) -> Iterable[Table]:
    options: dict[str, Table] = {
        "shopify": {"shop": "demo-shop", "access_token": "demo"},
        "chatwoot": {"url": addresses["api/chatwoot"], "access_token": "demo"},
        "openai": {"url": addresses["api/openai"], "api_key": "demo"},
        "google_analytics": {
            "url": addresses["api/google_analytics"],
            "property_id": "4242",
            "credentials_file": "demo-service-account.json",
        },
    }
    for api in APIS:
        yield {"type": "api", "name": api.name, "probe": api.name, **options[api.name]}


def _webhooks() -> Iterable[Table]:
    for source in SOURCES:
        yield {"type": "webhook", "name": source.name, "probe": "webhook"}


def _infrastructure(addresses: Mapping[str, str]) -> Iterable[Table]:
    group = {"type": "infrastructure"}
    url = addresses["infrastructure/supabase"]
    yield {**group, "name": "supabase", "probe": "supabase", "url": url, "key": "demo", "table": "health"}
    url = addresses["infrastructure/fly"]
    yield {
        **group,
        "name": "fly",
        "probe": "fly",
        "app": FLY_APP,
        "token": "demo",
        "api_url": f"{url}/v1",
        "health_url": f"{url}/health",
    }
    url = addresses["infrastructure/redis"]
    yield {**group, "name": "redis", "probe": "redis", "url": url, "healthy_ms": 500}


def _table(table: Table) -> str:
    """A `[[services]]` table. JSON's strings and lists are TOML's; no table within is needed."""
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in table.items()]
    return "\n".join(["[[services]]", *lines, ""])
