"""A file is whole or not there, and a stream may break off."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from analytics.export import ExportError, export
from analytics.export import lines as export_lines
from tests.analytics.export.rows import MESSAGES

CHECKS = "integration_health_checks"
FORMS = ["csv", "json", "ndjson", "parquet"]
WHOLE: dict[str, None] = {"since": None, "until": None}


class Failing(io.BytesIO):
    """Takes the first writes and then has the error of the system."""

    def __init__(self, error: OSError, after: int = 1) -> None:
        super().__init__()
        self.error, self.left = error, after

    def write(self, data: object, /) -> int:  # type: ignore[override]
        self.left -= 1
        if self.left < 0:
            raise self.error
        return super().write(data)  # type: ignore[arg-type]


def path_of(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("SELECT path FROM duckdb_databases() WHERE path IS NOT NULL").fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def one_row_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_lines, "_ROWS", 1)
    monkeypatch.setattr(export_lines, "_ROWS_OF_PARQUET", 1)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_appears_when_it_is_complete(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, form: str, one_row_a_batch: None
) -> None:
    target = tmp_path / f"checks.{form}"
    told: list[int] = []

    def progress(rows: int) -> None:
        assert not target.exists()
        told.append(rows)

    done = export(connection, CHECKS, None, target, **WHOLE, progress=progress)
    assert told == list(range(len(MESSAGES) + 1))
    assert (done.rows, done.path, done.complete) == (len(MESSAGES), target, True)
    assert done.bytes == target.stat().st_size
    assert os.listdir(tmp_path) == [target.name]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_is_interrupted_leaves_what_was_there(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    form: str,
    error: type[BaseException],
    one_row_a_batch: None,
) -> None:
    target = tmp_path / f"checks.{form}"
    target.write_text("before")

    def stop(rows: int) -> None:
        if rows == 3:
            assert len(os.listdir(tmp_path)) == 2
            raise error

    with pytest.raises(error):
        export(connection, CHECKS, form, target, **WHOLE, progress=stop)
    assert os.listdir(tmp_path) == [target.name]
    assert target.read_text() == "before"
    assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_takes_the_place_of_another(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, form: str
) -> None:
    target = tmp_path / f"checks.{form}"
    target.write_text("before")
    (tmp_path / "link").symlink_to(target)
    export(connection, CHECKS, form, tmp_path / "link", **WHOLE)
    assert (tmp_path / "link").is_symlink()
    assert target.stat().st_size > 100


@pytest.mark.parametrize("form", FORMS)
def test_who_has_enough_of_a_stream_is_no_error(
    connection: duckdb.DuckDBPyConnection, form: str, one_row_a_batch: None
) -> None:
    done = export(connection, CHECKS, form, Failing(BrokenPipeError(errno.EPIPE, "Broken pipe")), **WHOLE)
    assert (done.complete, done.path) == (False, None)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("number", "after", "words"),
    [
        (errno.ENOSPC, 0, "there is no room on the disk: make room"),
        (errno.ENOSPC, 2, "there is no room on the disk: make room"),
        (errno.EACCES, 1, "no permission: this user must be able to write there"),
        (errno.EIO, 1, "Input/output error"),
    ],
)
def test_what_the_system_refuses_is_said_in_a_line(
    connection: duckdb.DuckDBPyConnection,
    form: str,
    number: int,
    after: int,
    words: str,
    one_row_a_batch: None,
) -> None:
    with pytest.raises(ExportError, match=rf"^the stream: {words}$"):
        export(connection, CHECKS, form, Failing(OSError(number, os.strerror(number)), after), **WHOLE)


def test_a_lean_export_leaves_the_limit_of_memory_as_it_was(
    connection: duckdb.DuckDBPyConnection, one_row_a_batch: None
) -> None:
    def limit() -> object:
        return connection.cursor().execute("SELECT current_setting('memory_limit')").fetchone()

    def stop(rows: int) -> None:
        seen.append(limit())
        if rows == 2:
            raise KeyboardInterrupt

    seen: list[object] = []
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            export(connection, CHECKS, "csv", io.BytesIO(), **WHOLE, progress=stop, lean=True)
        assert limit() == ("954.0 MiB",)
    assert seen == [("61.0 MiB",)] * 6


def test_a_device_is_written_directly(connection: duckdb.DuckDBPyConnection) -> None:
    assert export(connection, CHECKS, "csv", "/dev/null", **WHOLE).rows == len(MESSAGES)
    with pytest.raises(ExportError, match=r"^/dev/full: there is no room on the disk: make room$"):
        export(connection, CHECKS, "csv", "/dev/full", **WHOLE)


def test_a_stream_that_takes_pieces_gets_all(connection: duckdb.DuckDBPyConnection) -> None:
    class Slow(io.BytesIO):
        def write(self, data: object, /) -> int:  # type: ignore[override]
            return super().write(bytes(data)[:7])  # type: ignore[call-overload]

    slow, fast = Slow(), io.BytesIO()
    for stream in (slow, fast):
        export(connection, CHECKS, "csv", stream, **WHOLE)
    assert slow.getvalue() == fast.getvalue()


def test_a_folder_is_named_wrongly(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for target, words in {
        tmp_path: "it is a folder: name a file in it",
        tmp_path / "none" / "a.csv": "its folder does not exist: create it or name another",
        tmp_path / "file" / "a.csv": "its folder does not exist: create it or name another",
        tmp_path / ("a" * 300 + ".csv"): "its name is too long: name it shorter",
    }.items():
        with pytest.raises(ExportError, match=f"^{target}: {words}$"):
            export(connection, CHECKS, "csv", target, **WHOLE)
    assert os.listdir(tmp_path) == ["file"]


def test_a_database_is_not_replaced(connection: duckdb.DuckDBPyConnection) -> None:
    (path,) = (
        connection.execute("SELECT path FROM duckdb_databases() WHERE path IS NOT NULL").fetchone() or ()
    )
    with pytest.raises(ExportError, match="it is a DuckDB database, which an export does not replace"):
        export(connection, CHECKS, "csv", path, **WHOLE)
    assert connection.execute("SELECT count(*) FROM services").fetchone() == (1,)


def test_standard_output_gets_the_rows_alone(
    connection: duckdb.DuckDBPyConnection, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    expected = io.BytesIO()
    export(connection, CHECKS, "csv", expected, **WHOLE)
    assert export(connection, CHECKS, "csv", "-", **WHOLE).path is None
    assert capfdbinary.readouterr() == (expected.getvalue(), b"")


_CHILD = """
import sys
from analytics.db import locate, read_only
from analytics.export import export
with read_only(locate(sys.argv[1])) as connection:
    done = export(connection, "integration_health_checks", "csv", "-", since=None, until=None)
print(done.complete, file=sys.stderr)
"""


def test_standard_output_may_be_closed(connection: duckdb.DuckDBPyConnection) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", _CHILD, path_of(connection)]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"False\n")
