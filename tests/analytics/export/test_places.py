"""Where a path leads: what is open already and devices are written directly, a file keeps who may read it."""

import os
import stat
from pathlib import Path

import duckdb
import pytest

from analytics.export import ExportError, export, is_file, is_standard_output

SERVICES = "services"
WHOLE: dict[str, None] = {"since": None, "until": None}


def lines(text: bytes) -> int:
    return text.count(b"\r\n")


@pytest.mark.parametrize("form", ["/dev/fd/{}", "/proc/self/fd/{}", "{link}"])
def test_a_pipe_by_its_number(connection: duckdb.DuckDBPyConnection, tmp_path: Path, form: str) -> None:
    reading, writing = os.pipe()
    link = tmp_path / "link"
    link.symlink_to(f"/dev/fd/{writing}")
    target = form.format(writing, link=link)
    assert not is_file(target)
    done = export(connection, SERVICES, "csv", target, **WHOLE)
    os.close(writing)
    with open(reading, "rb") as stream:
        assert lines(stream.read()) == 2
    assert (done.rows, done.path) == (1, None)
    assert link.is_symlink()


def test_a_file_that_is_open_goes_on_where_it_is(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """As `--out /dev/stdout >> file`."""
    path = tmp_path / "all.csv"
    path.write_bytes(b"before\r\n")
    with path.open("ab") as stream:
        for _ in range(2):
            export(connection, SERVICES, "csv", f"/dev/fd/{stream.fileno()}", **WHOLE)
    assert lines(path.read_bytes()) == 5
    assert path.read_bytes().startswith(b"before\r\n")
    assert os.listdir(tmp_path) == ["all.csv"]


def test_what_standard_output_is_called() -> None:
    assert all(map(is_standard_output, ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")))
    assert not any(map(is_standard_output, ("/dev/stderr", "/dev/fd/12", "1", "stdout.csv")))
    assert [is_file(name) for name in ("-", "/dev/null", "/dev/stdout", "new.csv", "/tmp")] == [
        False,
        False,
        False,
        True,
        True,
    ]


def test_a_pipe_with_a_name_is_written_and_stays(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    export(connection, SERVICES, None, path, **WHOLE)
    with open(reading, "rb") as stream:
        assert lines(stream.read()) == 2
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_no_file_is_made_among_devices(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ExportError, match=r"^/dev/stdot: there is no such device: name another, or a file$"):
        export(connection, SERVICES, "csv", "/dev/stdot", **WHOLE)
    assert not Path("/dev/stdot").exists()


def test_links_that_go_round_in_circles(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to("b.csv")
    (tmp_path / "b.csv").symlink_to("a.csv")
    with pytest.raises(ExportError, match=r"a\.csv: its links go round in circles: name a file$"):
        export(connection, SERVICES, "csv", tmp_path / "a.csv", **WHOLE)
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "b.csv"]


def test_a_link_to_a_file_that_is_not_there_yet(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "link.csv").symlink_to("new.csv")
    export(connection, SERVICES, None, tmp_path / "link.csv", **WHOLE)
    assert lines((tmp_path / "new.csv").read_bytes()) == 2
    assert (tmp_path / "link.csv").is_symlink()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_who_may_read_a_file_stays_so(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "a.csv"
    path.touch()
    path.chmod(mode)
    before = path.stat()

    def look(_rows: int) -> None:
        seen.extend(
            stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir() if one.name.endswith(".part")
        )

    seen: list[int] = []
    export(connection, SERVICES, None, path, **WHOLE, progress=look)
    after = path.stat()
    assert after.st_ino != before.st_ino
    assert (stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid) == (mode, before.st_uid, before.st_gid)
    assert set(seen) == {mode}


def test_a_new_file_is_as_the_user_makes_files(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        export(connection, SERVICES, None, tmp_path / "new.csv", **WHOLE)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.csv").stat().st_mode) == 0o640
