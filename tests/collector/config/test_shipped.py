"""services.toml as it is shipped: all sixteen services, and a start without any credential."""

import re
from pathlib import Path

import pytest

from analytics.model import ServiceType
from collector.config import load
from collector.config.description import variables
from collector.probes.base import ServiceSpec

SHIPPED = Path(__file__).parents[3] / "services.toml"
SERVICES = {spec.key.service_type + "/" + spec.key.service_name: spec for spec in load(SHIPPED).services}


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


def test_no_line_is_too_long_to_read() -> None:
    assert [line for line in SHIPPED.read_text(encoding="utf-8").splitlines() if len(line) > 115] == []
