"""services.toml as it is shipped: all sixteen services, and a start without any credential."""

import re
from pathlib import Path

import pytest

from analytics.alerting import AlertRule, FlappingSettings
from analytics.model import ServiceType, Severity
from collector.config import default_settings, describe, load
from collector.config.description import variables
from collector.probes.base import ServiceSpec

SHIPPED = Path(__file__).parents[3] / "services.toml"
CONFIG = load(SHIPPED)
SERVICES = {spec.key.service_type + "/" + spec.key.service_name: spec for spec in CONFIG.services}


def test_all_sixteen_are_there_in_their_groups() -> None:
    assert list(SERVICES) == [
        "mcp/shopify",
        "mcp/context7",
        "mcp/github-official",
        "mcp/supabase",
        "mcp/fly",
        "mcp/google-analytics",
        "mcp/llamaindex-rag",
        "api/shopify",
        "api/chatwoot",
        "api/openai",
        "api/google_analytics",
        "webhook/shopify",
        "webhook/chatwoot",
        "infrastructure/supabase",
        "infrastructure/fly",
        "infrastructure/redis",
    ]
    assert all(spec.enabled for spec in SERVICES.values())


@pytest.mark.parametrize(
    ("service", "healthy_ms", "down_ms"),
    [
        ("api/shopify", 1000, 3000),
        ("api/chatwoot", 800, 2000),
        ("api/openai", 3000, 5000),
        ("api/google_analytics", 1000, 3000),
    ],
)
def test_limits_are_those_of_the_design(service: str, healthy_ms: float, down_ms: float) -> None:
    policy = SERVICES[service].policy
    assert (policy.healthy_ms, policy.down_ms, policy.sure_after) == (healthy_ms, down_ms, 6)


def test_what_needs_no_credential() -> None:
    free = [name for name, spec in SERVICES.items() if not variables(spec)]
    assert free == ["mcp/shopify"]


@pytest.mark.parametrize("spec", SERVICES.values(), ids=list(SERVICES))
def test_every_variable_is_explained_above_its_service(spec: ServiceSpec) -> None:
    blocks = re.split(r"\n(?=\n)", SHIPPED.read_text(encoding="utf-8"))
    header = f'type = "{spec.key.service_type}"\nname = "{spec.key.service_name}"\n'
    (block,) = [block for block in blocks if header in block]
    comment = "\n".join(line for line in block.splitlines() if line.startswith("#"))
    shared = {"GOOGLE_APPLICATION_CREDENTIALS"} if spec.key.service_type is ServiceType.API else set()
    for name in variables(spec):
        assert name in comment or name in shared, f"{name} is not explained at {spec.key}"


def test_programs_that_are_started_are_pinned() -> None:
    for spec in SERVICES.values():
        words = [getattr(spec.options, "command", None), *getattr(spec.options, "args", [])]
        if words[0] in ("npx", "pipx"):
            assert any(re.search(r"(@|==)\d+\.\d+\.\d+$", word) for word in words), words


def test_alerts_say_what_holds_without_them() -> None:
    assert CONFIG.alerts.rules == default_settings()
    assert (CONFIG.alerts.recovery_checks, CONFIG.alerts.flapping) == (2, FlappingSettings())
    assert CONFIG.alerts.overrides == {}
    text = SHIPPED.read_text(encoding="utf-8")
    for rule in AlertRule:
        assert re.search(rf"^{rule} = {{", text, re.MULTILINE), f"{rule} is not shown"


def test_channels_take_the_severities_of_the_design() -> None:
    assert [(spec.kind, spec.severities) for spec in CONFIG.channels] == [
        ("pagerduty", (Severity.CRITICAL,)),
        ("slack", (Severity.WARNING,)),
        ("email", (Severity.INFO,)),
    ]


def test_every_variable_of_a_channel_is_explained_above_it() -> None:
    blocks = SHIPPED.read_text(encoding="utf-8").split("\n\n")
    for spec in CONFIG.channels:
        (block,) = [block for block in blocks if f"\n[channels.{spec.name}]\n" in block]
        for name in spec.variables():
            assert name in block.partition("[channels")[0], f"{name} is not explained"


def test_vendors_are_asked_of_the_services_they_are_behind() -> None:
    assert {feed.name: sorted(map(str, feed.services)) for feed in CONFIG.vendors} == {
        "openai": ["api/openai"],
        "shopify": ["api/shopify", "webhook/shopify"],
        "github": ["mcp/github-official"],
        "supabase": ["infrastructure/supabase", "mcp/supabase"],
        "fly": ["infrastructure/fly", "mcp/fly"],
    }
    assert all(feed.url.endswith("/api/v2/summary.json") for feed in CONFIG.vendors)


def test_what_hangs_on_what() -> None:
    found = {
        name: [str(key) for key in spec.depends_on] for name, spec in SERVICES.items() if spec.depends_on
    }
    assert found == {
        "mcp/supabase": ["infrastructure/supabase"],
        "mcp/fly": ["infrastructure/fly"],
        "mcp/llamaindex-rag": ["infrastructure/fly"],
        "webhook/chatwoot": ["api/chatwoot"],
    }


def test_what_stands_in_comments_works_too(tmp_path: Path) -> None:
    """Maintenance, the webhook channel and the runbooks are there to be uncommented."""
    text = SHIPPED.read_text(encoding="utf-8")
    tables = r"\[\[maintenance\]\]|\[channels\.program\]"
    block = re.compile(rf"^# (?:{tables})\n(?:# .*\n)+", re.MULTILINE)
    assert len(block.findall(text)) == 3
    text = block.sub(lambda found: re.sub(r"^# ", "", found[0], flags=re.MULTILINE), text)
    path = tmp_path / "services.toml"
    path.write_text(text.replace("# runbooks = ", "runbooks = "), encoding="utf-8")
    config = load(path)
    assert (len(config.maintenance), len(config.channels)) == (2, 4)
    assert config.runbooks == "https://wiki.example.com/runbooks"


def test_without_any_variable_it_says_what_is_off() -> None:
    printed = describe(CONFIG, {})
    for name in ("oncall", "team", "mail"):
        assert f"note: channel {name} is off: " in printed
    assert "heartbeat: off, HEARTBEAT_URL (not set)" in printed
    assert "vendors: 5 feeds" in printed


def test_no_line_is_too_long_to_read() -> None:
    assert [line for line in SHIPPED.read_text(encoding="utf-8").splitlines() if len(line) > 115] == []
