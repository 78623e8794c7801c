"""The demo's services.toml: the sixteen services, pointed at the simulated upstreams."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from collector.demo.service_account import write_service_account
from collector.demo.services import APIS, FLY_APP, LEGACY_SSE, SOURCES, STDIO
from collector.demo.status_pages import VENDORS
from collector.demo.upstreams import ROOT, Upstreams

#: A minute is long for somebody who looks at a demo.
_INTERVAL = "10s"
_TIMEOUT = "3s"
#: A server that is started for each check needs the time of a Python start, and so is looked at less often.
_STDIO_INTERVAL = "60s"
_STDIO_TIMEOUT = "15s"

_KEY_FILE = "demo-service-account.json"
#: Known to everybody who reads this, as all secrets of the demo.
_TOKEN = "token-of-the-demo-and-of-nothing-else"  # noqa: S105  opens nothing but simulations
_LISTEN = "127.0.0.1:8600"

_HEADER = """\
# The services of the demo: every one is simulated on this machine. Written anew at each start of the demo.

[collector]
interval = "{interval}"
timeout = "{timeout}"
retention_days = 31
canary = []

[receiver]
listen = "{listen}"
token = "{token}"

# Alerts arrive at {inbox}/ , which shows them.
[channels.oncall]
kind = "pagerduty"
url = "{inbox}/pagerduty"
routing_key = "0123456789abcdef0123456789abcdef"

[channels.team]
kind = "slack"
url = "{inbox}/slack"
severities = ["critical", "warning"]

[channels.hook]
kind = "webhook"
url = "{inbox}/webhook"
secret = "whsec_dGhlIHNlY3JldCBvZiB0aGUgZGVtbyBhbmQgbm8gb3RoZXI="

[alerts]
dashboard = "http://127.0.0.1:8501"

[reports]
folder = "data/reports-of-the-demo"
daily = "08:00"
weekly = "mon 08:00"
"""

Table = Mapping[str, object]


def write_configuration(path: Path, upstreams: Upstreams, listen: str = _LISTEN) -> None:
    """Write a services.toml that watches `upstreams`, and beside it the key file that it names.

    `listen` is the address of the receiver.
    """
    key_file = path.absolute().with_name(f"{path.stem}-service-account.json")
    write_service_account(key_file, f"{upstreams.addresses['api/google_analytics']}/token")
    path.write_text(configuration(upstreams.addresses, str(key_file), listen), encoding="utf-8")


def configuration(addresses: Mapping[str, str], key_file: str = _KEY_FILE, listen: str = _LISTEN) -> str:
    """The text of a services.toml that watches `addresses`; the same sixteen services as in services.toml."""
    apis = _apis(addresses, key_file)
    tables = [*_mcp_servers(addresses), *apis, *_webhooks(addresses), *_infrastructure(addresses)]
    header = _HEADER.format(
        interval=_INTERVAL, timeout=_TIMEOUT, listen=listen, token=_TOKEN, inbox=addresses["inbox"]
    )
    vendors = [_table(vendor, "vendors") for vendor in _vendors(addresses["status-pages"])]
    return "\n".join([header, *map(_table, tables), *vendors])


def _vendors(pages: str) -> Iterable[Table]:
    for name, service in VENDORS.items():
        url = f"{pages}/{name}/api/v2/summary.json"
        yield {"name": name, "url": url, "services": [str(service)], "interval": "60s"}


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


def _apis(addresses: Mapping[str, str], key_file: str) -> Iterable[Table]:
    options: dict[str, Table] = {
        "shopify": {"url": addresses["api/shopify"], "shop": "demo-shop", "access_token": "demo"},
        "chatwoot": {"url": addresses["api/chatwoot"], "access_token": "demo"},
        "openai": {"url": addresses["api/openai"], "api_key": "demo"},
        "google_analytics": {
            "url": addresses["api/google_analytics"],
            "property_id": "4242",
            "credentials_file": key_file,
        },
    }
    for api in APIS:
        yield {"type": "api", "name": api.name, "probe": api.name, **options[api.name]}


def _webhooks(addresses: Mapping[str, str]) -> Iterable[Table]:
    for source in SOURCES:
        yield {
            "type": "webhook",
            "name": source.name,
            "probe": "webhook",
            "scheme": source.name,
            "secret": source.secret,
            "upstream": f"{addresses['application']}/webhooks/{source.name}",
        }


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


def _table(table: Table, name: str = "services") -> str:
    """One of the tables of a list. JSON's strings and lists are TOML's; no table within is needed."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]
    return "\n".join([f"[[{name}]]", *lines, ""])
