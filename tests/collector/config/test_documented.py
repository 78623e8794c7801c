"""Every key and every option is explained in the documentation, and no option hides behind a shared key."""

import re
from pathlib import Path

import pytest

from collector.config.entries import CollectorTable, ServiceTable
from collector.probes.base import ProbeKind
from collector.probes.registry import KINDS

DOCS = Path(__file__).parents[3] / "docs"
CONFIGURATION = (DOCS / "configuration.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """The text of configuration.md from `heading` to the next one of its level or above."""
    level = heading.split()[0]
    after = CONFIGURATION.partition(f"\n{heading}\n")[2]
    return re.split(rf"\n#{{1,{len(level)}}} ", after)[0]


def explained(text: str) -> set[str]:
    """The names in the first column of the tables of `text`."""
    return set(re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE))


def test_every_key_of_the_collector() -> None:
    assert explained(section("## `[collector]`")) == set(CollectorTable.model_fields)


def test_every_key_of_a_service() -> None:
    assert explained(section("## `[[services]]`")) == set(ServiceTable.model_fields)


def test_every_default_of_the_collector() -> None:
    table = section("## `[collector]`")
    for value in ('"60s"', '"10s"', '"5s"', "30", '["1.1.1.1:53", "8.8.8.8:53"]'):
        assert f"`{value}`" in table


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_option_of_a_probe(kind: ProbeKind) -> None:
    page = DOCS / "probes" / f"{kind.name}.md"
    text = page.read_text(encoding="utf-8") if kind.run else section(f"### `{kind.name}`")
    missing = [name for name in kind.options.model_fields if not re.search(rf"`{name}\b", text)]
    assert missing == [], f"not explained for {kind.name}"
    assert f"`{kind.name}`" in section("## Probes"), "every kind is in the list of probes"


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_no_option_has_the_name_of_a_shared_key(kind: ProbeKind) -> None:
    assert set(kind.options.model_fields) & set(ServiceTable.model_fields) == set()


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if not kind.run], ids=lambda kind: kind.name
)
def test_limits_in_the_list_are_those_of_the_probe(kind: ProbeKind) -> None:
    row = next(line for line in section("## Probes").splitlines() if line.startswith(f"| `{kind.name}`"))
    if kind.name != "webhook":
        assert f"{kind.healthy_ms:g} / {kind.down_ms:g}" in row
