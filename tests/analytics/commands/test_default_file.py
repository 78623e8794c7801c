"""Which file is read when none is named, and that nobody takes the demo for their own."""

from pathlib import Path

import pytest

from analytics.db import Location
from tests.analytics.checks_by_hand import CHAT, SHOP
from tests.analytics.commands.saying import Say, stand
from tests.empty_database import empty_database

SAID = "data/health.duckdb is not there: reading the demo's data/demo.duckdb\n"
BUSY = {SHOP: "healthy", CHAT: "healthy"}


@pytest.fixture
def folder(location: Location, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose demo has one service; we are in it."""
    data = tmp_path / "project" / "data"
    data.mkdir(parents=True)
    stand(location, {SHOP: "healthy"}).rename(data / "demo.duckdb")
    monkeypatch.chdir(data.parent)
    return data


def services(say: Say, **where: object) -> tuple[list[str], str]:
    said = say("status", "--json", **where)  # type: ignore[arg-type]
    return [row["service"] for row in said.document["services"]], said.err


def test_without_a_file_of_ones_own_it_is_the_demos(folder: Path, say: Say) -> None:
    assert services(say) == (["api/shopify"], SAID)
    own = stand(empty_database(folder), BUSY)
    assert own == folder / "health.duckdb"
    assert services(say) == (["api/shopify", "webhook/chatwoot"], "")


def test_it_is_looked_for_in_the_folders_above(
    folder: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert services(say) == (["api/shopify"], SAID.replace("data/demo", "demo"))


def test_what_is_named_is_meant(folder: Path, say: Say) -> None:
    demo = str(folder / "demo.duckdb")
    assert services(say, db=demo)[1] == services(say, environment={"HEALTH_DB": demo})[1] == ""
    for said in (say("slo", db="data/health.duckdb"), say("slo", environment={"HEALTH_DB": "no.duckdb"})):
        assert said.code == 3
        assert "there is no database yet" in said.err


def test_nothing_is_imported_into_the_demo(folder: Path, say: Say) -> None:
    said = say("import", "kuma.db")
    assert said.code == 3
    assert said.err.startswith(f"{folder}/health.duckdb: there is no database yet")
    assert say("export", "--list").err == ""


def test_a_fault_of_the_demo_is_told_once(folder: Path, say: Say) -> None:
    (folder / "demo.duckdb").write_text("not at all\n" * 1000)
    said = say("slo")
    assert said.code == 3
    assert said.err.startswith(f"{SAID}{folder}/demo.duckdb: it is not a DuckDB database")
    assert said.err.count("\n") == 2
