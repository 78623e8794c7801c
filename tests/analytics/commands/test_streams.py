"""Standard output that is closed or full is one line and an exit code; standard error that is is nothing."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.__main__ import main
from tests.analytics.commands.saying import NOW

FULL = "standard output: there is no room on the disk: make room\n"
COMMANDS = [
    ["status"],
    ["status", "--json"],
    ["trends"],
    ["incidents"],
    ["slo", "--json"],
    ["export", "--list"],
    ["export", "services"],
    ["--help"],
    ["slo", "--help"],
]


def ended(words: list[str], demo: Path) -> int:
    """`--db` goes last, where help has been shown already."""
    try:
        return main([*words, "--db", str(demo)], {}, NOW)
    except SystemExit as error:
        return int(error.code or 0)


@pytest.mark.parametrize("words", COMMANDS)
def test_a_full_disk_behind_standard_output(
    demo: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        monkeypatch.setattr(sys, "stderr", said := io.StringIO())
        assert (ended(words, demo), said.getvalue()) == (2, FULL)


@pytest.mark.parametrize(
    ("words", "code"), [(["export", "services"], 0), (["slo", "--service", "api/none"], 2)]
)
def test_a_full_disk_behind_standard_error(
    demo: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full, open("/dev/null", "w", encoding="utf-8") as null:
        monkeypatch.setattr(sys, "stdout", null)
        monkeypatch.setattr(sys, "stderr", full)
        assert ended(words, demo) == code


@pytest.mark.parametrize(
    ("words", "closed", "code", "said"),
    [
        ("status", ">&-", 2, "standard output: it is closed: send it somewhere, such as > /dev/null\n"),
        ("export services", ">&-", 2, "standard output: it is closed: send it somewhere, or name a file\n"),
        ("export services --out a.csv", "<&- >&- 2>&-", 0, ""),
    ],
)
def test_a_stream_that_is_closed(
    demo: Path, tmp_path: Path, words: str, closed: str, code: int, said: str
) -> None:
    """As a program of its own, which has no such descriptor. The database must not get it."""
    command = f'cd "{tmp_path}" && "{sys.executable}" -m analytics {words} --db "{demo}" {closed}'
    environment = {"PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        ["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, "", said)
    assert len(list(tmp_path.iterdir())) == words.endswith("a.csv")
