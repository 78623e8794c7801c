"""`python -m collector report`: the real command, in a process of its own as the collector runs it."""

from pathlib import Path

import pytest
import structlog

from analytics.db import DatabaseError, read_only
from collector.commands import ExitCode
from collector.commands.report import ReportImpossible, report
from collector.config import load
from collector.intake import Intake
from collector.secrets import Redactor
from collector.wiring import Setting
from tests.collector.reports.small_database import filled, migrated
from tests.collector.running import command

SERVICE = """
[[services]]
type = "infrastructure"
name = "redis"
probe = "redis"
url = "redis://127.0.0.1:6379/0"
"""
REPORTS = """
[reports]
daily = "08:00"
timezone = "Europe/Berlin"
"""
MAIL = """
[channels.mail]
kind = "email"
host = "${SMTP_HOST}"
from = "health@example.com"
to = ["team@example.com"]
"""


def setting(folder: Path, text: str = SERVICE + REPORTS + MAIL) -> Setting:
    path = folder / "services.toml"
    path.write_text(text)
    location = migrated(folder)
    log = structlog.get_logger()
    return Setting(load(path), location, {}, Redactor(), log, Intake(log))


def test_the_command_makes_the_files_prints_them_and_hands_them_to_the_outbox(tmp_path: Path) -> None:
    location = filled(tmp_path)
    (tmp_path / "services.toml").write_text(SERVICE + REPORTS + MAIL)
    out = tmp_path / "out"
    arguments = ["daily", "--at", "2026-11-24T08:00", "--out", str(out), "--send"]
    flags = ["--config", "services.toml", "--db", "health.duckdb"]
    done = command([*flags, "report", *arguments], tmp_path, SMTP_HOST="127.0.0.1")
    assert (done.code, done.err) == (ExitCode.DONE, "")
    headline, *lines = done.out.splitlines()
    assert headline.startswith("1 of 3 services were healthy")
    base = out / "daily-2026-11-24-0800"
    assert lines[:-1] == [f"{base}.md", f"{base}.html", f"{base}.png"]
    assert lines[-1] == "handed to mail: the running collector sends it"
    assert all(Path(path).stat().st_size > 1000 for path in lines[:-1])
    with read_only(location) as connection:
        sent = connection.execute("SELECT channel, action, state FROM notifications WHERE action = 'report'")
        assert sent.fetchall() == [("mail", "report", "pending")]
        assert connection.execute("SELECT kind, path FROM reports").fetchall() == [("daily", str(base))]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"at": "yesterday"}, '--at: "yesterday" is no time; write one like 2026-11-24T08:00'),
        (
            {"at": "2999-01-01T08:00"},
            "--at: 2999-01-01T08:00 lies in the future; write when the period ended",
        ),
        ({"send": True}, "--send: no channel that is on mails reports (kind email, severity info)"),
        ({"out": "services.toml/out"}, "services.toml/out: cannot be written: Not a directory"),
    ],
)
def test_what_cannot_be_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: dict, words: str
) -> None:
    here = setting(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReportImpossible) as raised:
        report(here, "daily", **arguments)
    assert str(raised.value) == words


def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    here = setting(tmp_path)
    (tmp_path / "health.duckdb").unlink()
    with pytest.raises(DatabaseError, match="there is no database yet"):
        report(here, "weekly", out=str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
