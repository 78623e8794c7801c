"""The command line as a whole: help, exit codes, faults, colour, and names that mean ill."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from analytics.__main__ import main
from analytics.commands import running
from analytics.db import Location, transact
from analytics.model import ServiceKey
from collector.store import insert_rows
from tests.analytics.checks_by_hand import SHOP
from tests.analytics.commands.saying import MINUTE, NOW, Say, stand
from tests.analytics.test_incident_queries import incident

COMMANDS = ["status", "trends", "incidents", "slo", "replay", "export", "import"]
READING = [["status"], ["trends"], ["incidents"], ["slo"], ["replay"], ["export", "services"]]
EVIL = "ev\x1b[31mil\x1b]0;owned\x07 [red]x[/red] :boom: \x9b2J"


def test_alone_it_prints_its_help(say: Say) -> None:
    said = say()
    assert said.code == 0
    assert all(f"\n    {name}" in said.out for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_examples(say: Say, command: str) -> None:
    said = say(command, "--help")
    assert said.code == 0
    assert f"examples:\n  python -m analytics {command}" in said.out


@pytest.mark.parametrize("words", READING)
def test_no_database_is_3(say: Say, tmp_path: Path, words: list[str]) -> None:
    said = say(*words, db=tmp_path / "none.duckdb")
    assert (said.code, said.out) == (3, "")
    assert said.err == (
        f"{tmp_path}/none.duckdb: there is no database yet: start the collector (python -m collector)\n"
    )


def test_a_file_that_is_no_database_is_3(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not at all\n" * 1000)
    said = say("slo", db=path)
    assert said.code == 3
    assert "it is not a DuckDB database" in said.err


def test_the_database_of_something_else_is_3(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t (a INTEGER)")
    said = say("status", db=path)
    assert said.code == 3
    assert said.err == f"{path}: it holds the tables of something else: name a database of its own\n"


@pytest.mark.parametrize("words", [*READING, ["import", "nowhere"]])
@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("a INTEGER", "it holds the tables of something else: name a database of its own"),
        ("version TEXT, name TEXT, applied_at TIMESTAMPTZ", "it holds the tables of something else"),
    ],
)
def test_a_schema_version_of_something_else_is_3(
    say: Say, tmp_path: Path, words: list[str], columns: str, said: str
) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE schema_version ({columns})")
    told = say(*words, db=path)
    assert (told.code, told.out, told.err.count("\n")) == (3, "", 1)
    assert told.err.startswith(f"{path}: {said}")


def test_a_database_that_lost_a_table_is_3(say: Say, location: Location) -> None:
    transact(location, lambda connection: connection.execute("DROP TABLE services"))
    said = say("export", "services", db=location)
    assert (said.code, said.err.count("\n")) == (3, 1)
    assert "it is not as this program made it" in said.err
    assert "restore it from a backup" in said.err


def test_an_older_schema_is_3(say: Say, location: Location) -> None:
    def age(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("DELETE FROM schema_version WHERE version > 3")
        connection.execute("DROP TABLE rollup_state")

    transact(location, age)
    said = say("slo", db=location)
    assert said.code == 3
    assert "it was written by an older version of this program: start the collector once" in said.err


def test_the_environment_names_the_database(say: Say, location: Location) -> None:
    stand(location, {SHOP: "healthy"})
    assert say("status", environment={"HEALTH_DB": str(location)}).code == 0
    assert say("status", environment={"HEALTH_DB": "ducklake:postgres:host=a password=secret"}).code == 3


@pytest.mark.parametrize(("words", "code"), [(["slo"], 1), (["status"], 4)])
def test_the_unexpected_is_one_line(
    say: Say, location: Location, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int
) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("one\ntwo host=a password=hunter2")

    monkeypatch.setattr(running, "_run", broken)
    said = say(*words, db=location)
    assert (said.code, said.err) == (code, "unexpected RuntimeError: one two host=a password=***\n")
    with pytest.raises(RuntimeError):
        main([*words, "--db", str(location)], {"HEALTH_DEBUG": "1"}, NOW)


def test_an_interruption_is_quiet(say: Say, location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "_run", interrupted)
    assert tuple(vars(say("slo", db=location)).values()) == (130, "", "")


@pytest.fixture
def hostile(location: Location) -> Path:
    """Every text that comes from outside means ill."""
    key = ServiceKey(SHOP.service_type, EVIL)
    path = stand(location, {key: "down"}, message=EVIL)
    row = incident(NOW - MINUTE, service_name=EVIL, title=EVIL, description=EVIL, acknowledged_by=EVIL)
    row |= {"acknowledged_at": NOW, "status": "investigating"}
    transact(location, lambda connection: insert_rows(connection, "integration_incidents", [row]))
    return path


@pytest.mark.parametrize("words", [["status"], ["trends"], ["incidents"], ["incidents", "0"], ["slo"]])
def test_what_comes_from_outside_is_shown_and_not_obeyed(say: Say, hostile: Path, words: list[str]) -> None:
    for said in (say(*words, db=hostile, width=160), say(*words, "--json", db=hostile)):
        assert said.code in (0, 1)
        assert said.err == ""
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(said.out)
        assert "[red]x[/red] :boom:" in said.out


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({"FORCE_COLOR": "1", "TERM": "xterm"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    say: Say, location: Location, environment: dict[str, str], coloured: bool
) -> None:
    path = stand(location, {SHOP: "healthy"})
    assert ("\x1b[" in say("status", db=path, environment=environment).out) is coloured


def test_a_reader_that_has_enough_changes_nothing(location: Location) -> None:
    """As a program of its own: `status | true`, whose reader is gone before the first line."""
    path = stand(location, {SHOP: "down"})
    words = f'{sys.executable} -m analytics status --db "{path}" | true; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_help_needs_nothing_but_arguments() -> None:
    """Loaded modules make help slow."""
    code = (
        "import sys; from analytics.__main__ import main\ntry: main(['status', '--help'], {})\nfinally: "
        + ("print([m for m in ('duckdb', 'pandas', 'rich', 'numpy') if m in sys.modules], file=sys.stderr)")
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr == "[]\n"
