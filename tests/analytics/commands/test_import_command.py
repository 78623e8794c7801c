"""`import`: the plan, what was brought, and that nothing comes twice."""

from pathlib import Path

import pytest

from analytics.commands.arguments import HISTORIES, TYPES
from analytics.db import Location
from analytics.imports import KINDS
from analytics.model import ServiceType
from tests.analytics.commands.saying import NOW, Say
from tests.analytics.imports.bringing import minutely
from tests.analytics.imports.other_monitors import KUMA, KUMA_SUMS, fill, sqlite_file


@pytest.fixture
def kuma(tmp_path: Path) -> Path:
    """Sixty checks of the monitor `Shop`, which was there all the time, on the day before."""
    path = sqlite_file(tmp_path / "kuma.db", KUMA, KUMA_SUMS)
    fill(path, "monitor", [{"id": 1, "name": "Shop", "interval": 60}])
    fill(path, "heartbeat", minutely(NOW.replace(day=23), 60))
    return path


def test_the_help_knows_what_there_is() -> None:
    assert HISTORIES == KINDS
    assert tuple(ServiceType) == TYPES


def test_a_dry_run_brings_nothing(location: Location, kuma: Path, say: Say) -> None:
    said = say("import", str(kuma), "--dry-run", db=location)
    assert said.code == 0
    assert "infrastructure/shop" in said.out
    assert say("export", "check_hours", db=location).err.startswith("check_hours: 0 rows")


def test_once_and_never_twice(location: Location, kuma: Path, say: Say) -> None:
    words = ["import", "uptime-kuma", str(kuma), "--map", "Shop=api/shopify", "--json"]
    first = say(*words, db=location)
    assert (first.code, first.err) == (0, "")
    assert (first.document["added"], first.document["skipped"]) == (60, 0)
    assert first.document["services"][0]["service"] == "api/shopify"
    second = say(*words, db=location).document
    assert (second["added"], second["skipped"]) == (0, 60)


def test_what_came_is_said(location: Location, kuma: Path, say: Say) -> None:
    said = say("import", str(kuma), "--as", "api", db=location)
    assert "api/shop" in said.out
    assert "60 checks added, 0 skipped" in said.out


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["nowhere"], "there is no such file or folder"),
        (["nowhere", "--map", "Shop"], '--map "Shop": write MONITOR=TYPE/NAME'),
        (["nowhere", "--map", "Shop=shopify"], '--map "Shop=shopify": "shopify" names no service'),
    ],
)
def test_faults_are_one_clear_line(location: Location, say: Say, words: list[str], fault: str) -> None:
    said = say("import", *words, db=location)
    assert (said.code, said.out) == (2, "")
    assert fault in said.err
    assert said.err.count("\n") == 1
