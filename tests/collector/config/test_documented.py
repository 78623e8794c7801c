"""Every key and every option is explained in the documentation, and no option hides behind a shared key."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from analytics.alerting import AlertRule
from collector.config import default_settings, rule_table
from collector.config.alerting import AlertsTable, FlappingTable
from collector.config.channels import ChannelTable
from collector.config.entries import CollectorTable, ServiceTable
from collector.config.maintenance import MaintenanceTable
from collector.config.reporting import ReportsTable
from collector.config.watching import HeartbeatTable, VendorTable
from collector.notify.options import CHANNEL_KINDS, DEFAULT_SEVERITIES
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
    cells = re.findall(r"^\| ((?:`[\w.]+`(?:, )?)+) \|", text, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([\w.]+)`", cell)}


def keys(model: type[BaseModel]) -> set[str]:
    """The keys of a table, as people write them."""
    return {field.alias or name for name, field in model.model_fields.items()}


def test_every_key_of_the_collector() -> None:
    assert explained(section("## `[collector]`")) == set(CollectorTable.model_fields)


def test_every_key_of_a_service() -> None:
    assert explained(section("## `[[services]]`")) == set(ServiceTable.model_fields)


def test_every_default_of_the_collector() -> None:
    table = section("## `[collector]`")
    for value in ('"60s"', '"10s"', '"5s"', "30", '["1.1.1.1:53", "8.8.8.8:53"]'):
        assert f"`{value}`" in table


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("### `[alerts.flapping]`", FlappingTable),
        ("## `[channels.NAME]`", ChannelTable),
        ("## `[[maintenance]]`", MaintenanceTable),
        ("## `[heartbeat]`", HeartbeatTable),
        ("## `[reports]`", ReportsTable),
        ("## `[[vendors]]`", VendorTable),
    ],
)
def test_every_key_of_the_tables_about_telling_people(heading: str, model: type[BaseModel]) -> None:
    assert explained(section(heading)) == keys(model)


def test_every_key_of_the_alerts_and_every_rule() -> None:
    text = section("## `[alerts]`").partition("\n### ")[0]
    assert explained(text) == set(AlertsTable.model_fields)


@pytest.mark.parametrize("rule", AlertRule)
def test_every_default_of_a_rule(rule: AlertRule) -> None:
    row = next(line for line in section("## `[alerts]`").splitlines() if line.startswith(f"| `{rule}` |"))
    table = rule_table(rule, default_settings()[rule])
    assert table.pop("enabled") is True
    assert row.split("|")[2].strip() == table.pop("severity")
    written = {key: f'"{value}"' if isinstance(value, str) else value for key, value in table.items()}
    assert re.findall(r"`([^`]+)`", row)[1:] == [
        *(f"{key} = {value}" for key, value in written.items()),
        *re.findall(r"`([^`]+)`", row.split("|")[4]),
    ]


@pytest.mark.parametrize("kind", CHANNEL_KINDS)
def test_every_option_of_a_channel_and_what_it_is_told_of(kind: str) -> None:
    text = section("## `[channels.NAME]`")
    rows = re.split(r"\n\| (?=\w)", text.partition("| kind | option |")[2])
    own = next(row for row in rows if row.startswith(f"{kind} |"))
    for name in keys(CHANNEL_KINDS[kind]) - {"timeout"}:
        assert f"`{name}`" in own, f"{name} is not explained for {kind}"
    severities = "all three" if len(DEFAULT_SEVERITIES[kind]) == 3 else f'`["{DEFAULT_SEVERITIES[kind][0]}"]`'
    assert f"{kind} {severities}" in text


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
