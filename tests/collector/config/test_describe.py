"""What --check-config prints, to the letter, and that neither it nor a repr ever shows a secret."""

from pathlib import Path

from collector.config import describe, literal_secrets, load
from collector.probes.runner import fill_options
from collector.secrets import Redactor
from tests.collector.config import writing
from tests.collector.config.writing import REDIS, SHOPIFY, STDIO, WEBHOOK

ROOT = Path(__file__).parents[3]

SECRETIVE = """
[[services]]
type = "infrastructure"
name = "redis"
probe = "redis"
url = "rediss://worker:hunter2-redis@cache.example.com:6380/1"

[[services]]
type = "infrastructure"
name = "database"
probe = "postgres"
dsn = "postgresql://health:hunter2%2Fpostgres@db.example.com/main?sslmode=require"

[[services]]
type = "infrastructure"
name = "shop"
probe = "http"
url = "https://hunter2-user:hunter2-http@shop.example.com/health?api_key=hunter2-query"
headers = { Authorization = "Bearer hunter2-header" }

[[services]]
type = "mcp"
name = "docs"
probe = "mcp"
command = "docs-server"
args = ["--api-key", "hunter2-argument", "--token=hunter2-flag"]
env = { API_TOKEN = "hunter2-env", LOG_LEVEL = "debug" }

[[services]]
type = "api"
name = "openai"
probe = "openai"
api_key = "hunter2-openai"

[[services]]
type = "api"
name = "chatwoot"
probe = "chatwoot"
url = "https://chat.example.com"
access_token = "${CHATWOOT_ACCESS_TOKEN}"
"""
NOBODY = "no channel is on: nobody is told of alerts, not even critical ones; they are recorded and shown"
ENVIRONMENT = {"CHATWOOT_ACCESS_TOKEN": "hunter2-variable"}


def test_one_line_a_service_and_a_summary(tmp_path: Path) -> None:
    text = '[collector]\ntimeout = "5s"\n' + REDIS + SHOPIFY + STDIO + "enabled = false\n" + WEBHOOK
    assert describe(writing.written(tmp_path, text), {}).splitlines() == [
        f"{tmp_path}/services.toml: a cycle every 1m, timeout 5s, retries every 5s",
        "canary: 1.1.1.1:53, 8.8.8.8:53",
        "receiver: http://127.0.0.1:8600, HEALTH_TOKEN not set: programs on this machine alone, "
        "traces of 1 host",
        "",
        "SERVICE               PROBE    TARGET                           INTERVAL  TIMEOUT  LIMITS"
        "                      VARIABLES",
        "infrastructure/redis  redis    redis://127.0.0.1:6379           1m        5s       1000 ms"
        "                     none needed",
        "api/shopify           shopify  https://demo.myshopify.com       1m        5s       1000/3000 ms"
        "                SHOPIFY_ACCESS_TOKEN (not set)",
        "mcp/docs (off)        mcp      docs-server                      5m        30s      5000 ms"
        "                     none needed",
        "webhook/chatwoot      webhook  deliveries to this installation  1m        5s       "
        "verified, processed > 95 %"
        "  none needed",
        "",
        "ALERT                 SEVERITY  SETTINGS",
        "service_down          critical  checks 3",
        "service_degraded      warning   for 10m",
        "high_error_rate       warning   above_percent 10, window 5m, for 5m, fewest 6",
        "slow_response         warning   window 10m, for 10m",
        "circuit_open          critical  -",
        "webhook_verification  critical  below_percent 90, window 1h, for 1h, fewest 6",
        "webhook_silent        warning   -",
        "quota_headroom        warning   above_percent 90, for 5m",
        "tools_changed         info      -",
        "certificate_expiry    warning   days 14",
        "slo_burn              warning   objective 99.9, fewest 3",
        "collector_blind       critical  checks 2",
        "delivery_failing      warning   for 5m",
        "",
        "channels: none",
        "",
        "maintenance: none",
        "heartbeat: off",
        "reports: off",
        "vendors: none",
        "",
        f"note: {NOBODY}",
        "4 services, 1 switched off, 1 cannot be checked yet: set SHOPIFY_ACCESS_TOKEN",
    ]


def test_what_is_set_is_said_so(tmp_path: Path) -> None:
    config = writing.written(tmp_path, "[collector]\ncanary = []\n" + SHOPIFY)
    lines = describe(config, {"SHOPIFY_ACCESS_TOKEN": "hunter2"}).splitlines()
    assert lines[1].startswith("canary: none")
    assert lines[5].endswith("SHOPIFY_ACCESS_TOKEN (set)")
    assert lines[-1] == "1 service; every variable of the services is set"


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    config = writing.written(tmp_path, SHOPIFY)
    assert "(not set)" in describe(config, {"SHOPIFY_ACCESS_TOKEN": ""})


def test_neither_print_nor_repr_shows_a_secret(tmp_path: Path) -> None:
    config = writing.written(tmp_path, SECRETIVE)
    filled = [fill_options(spec.options, ENVIRONMENT, Redactor()) for spec in config.services]
    for text in (
        describe(config, ENVIRONMENT),
        repr(config),
        str(config),
        repr([(spec, spec.options) for spec in config.services]),
        str([str(spec.options) for spec in config.services]),
        repr(filled) + "".join(str(options) for options in filled),
        repr([options.target() for options in filled]),
    ):
        assert "hunter2" not in text
    assert "cache.example.com" in describe(config, {}), "what is checked is still told"


def test_a_redactor_can_learn_what_is_written_out(tmp_path: Path) -> None:
    secrets = literal_secrets(writing.written(tmp_path, SECRETIVE))
    assert secrets == [
        "hunter2-redis",
        "hunter2%2Fpostgres",
        "hunter2/postgres",
        "hunter2-http",
        "Bearer hunter2-header",
        "hunter2-header",
        "hunter2-env",
        "hunter2-openai",
    ]


def test_the_shipped_file_masks_every_variable() -> None:
    config = load(ROOT / "services.toml")
    environment = dict.fromkeys(_names(describe(config, {})), "hunter2-value")
    assert len(environment) > 10
    printed = describe(config, environment)
    assert "hunter2" not in printed
    assert printed.endswith("16 services; every variable of the services is set")


def _names(printed: str) -> list[str]:
    return printed.rpartition("set ")[2].split(", ")


TAKEN = """
[[services]]
type = "webhook"
name = "shop"
source = "shopify"
probe = "webhook"
secret = "hunter2-secret"
upstream = "http://hunter2-user:hunter2-password@127.0.0.1:3000/hooks?key=hunter2-query"

[[services]]
type = "webhook"
name = "billing"
probe = "webhook"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""


def test_a_webhook_that_is_taken_here_says_where_it_comes_in_and_goes(tmp_path: Path) -> None:
    printed = describe(writing.written(tmp_path, TAKEN + WEBHOOK), {})
    assert "  /webhooks/shopify → http://127.0.0.1:3000/hooks  " in printed
    assert "  /webhooks/billing  " in printed
    assert "  deliveries to this installation  " in printed
    assert "hunter2" not in printed


def test_a_secret_without_a_receiver_is_noted(tmp_path: Path) -> None:
    off = "[receiver]\nenabled = false\n" + TAKEN + "enabled = false\n" + WEBHOOK
    assert describe(writing.written(tmp_path, off), {}).splitlines()[-3:] == [
        "note: webhook/shop has a secret, but receiver.enabled is false: nothing takes its deliveries",
        f"note: {NOBODY}",
        "3 services, 1 switched off; every variable of the services is set",
    ]


def test_a_host_of_an_api_that_no_service_has_is_noted(tmp_path: Path) -> None:
    hosts = '{ "*.myshopify.com" = "shopfiy", "crm.example" = "crm", "x.example" = "shopify" }'
    text = f"[traces]\nhosts = {hosts}\n" + SHOPIFY
    says = "is no api of this file;"
    ends = "its calls are recorded, and judge no service"
    assert describe(writing.written(tmp_path, text), {}).splitlines()[-4:-2] == [
        f'note: traces.hosts."*.myshopify.com": "shopfiy" {says} did you mean "shopify"? {ends}',
        f'note: traces.hosts."crm.example": "crm" {says} {ends}',
    ]
