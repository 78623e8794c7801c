"""docs/command-line.md says which keys the JSON documents have."""

import re
from pathlib import Path

import pytest

from analytics.commands.arguments import parser
from tests.analytics.commands.saying import Say

PAGE = Path(__file__).parents[3] / "docs" / "command-line.md"


@pytest.fixture(scope="module")
def documented() -> dict[str, set[str]]:
    """The keys of each document, as the table has them."""
    rows = re.findall(r"^\| `([a-z]+(?: ID| --list)?)` \| (`.+) \|$", PAGE.read_text(), re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", keys))) for name, keys in rows}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("status", ["status"]),
        ("trends", ["trends"]),
        ("incidents", ["incidents"]),
        ("slo", ["slo"]),
        ("replay", ["replay", "--since", "1h"]),
        ("export --list", ["export", "--list"]),
        ("export", ["export", "services", "--out"]),
    ],
)
def test_the_keys_are_those_that_are_documented(
    demo: Path, say: Say, tmp_path: Path, documented: dict[str, set[str]], name: str, words: list[str]
) -> None:
    target = [str(tmp_path / "out.csv")] if words[-1] == "--out" else []
    document = say(*words, *target, "--json", db=demo).document
    assert set(document) == {"at"} | documented[name]


def test_a_service_has_the_keys_that_are_documented(demo: Path, say: Say) -> None:
    service = say("status", "--json", db=demo).document["services"][0]
    page = PAGE.read_text()
    assert [key for key in service if f"`{key}`" not in page] == []


def test_every_command_has_its_chapter() -> None:
    commands = parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    assert [name for name in commands or () if f"\n## {name}\n" not in PAGE.read_text()] == []
