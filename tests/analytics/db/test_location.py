"""What `HEALTH_DB` and `HEALTH_DATA_PATH` name."""

import os
from pathlib import Path

import pytest

from analytics.db import DatabaseUnusable, FileLocation, LakeLocation, locate


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_names_the_default_file(
    nothing: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate(nothing) == FileLocation(tmp_path / "data" / "health.duckdb")


def test_a_relative_path_is_made_absolute_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    location = locate("some/../health.duckdb")
    monkeypatch.chdir("/")
    assert str(location) == str(tmp_path / "health.duckdb")


def test_a_home_folder_is_found() -> None:
    assert locate("~/health.duckdb") == FileLocation(Path(os.path.expanduser("~/health.duckdb")))


def test_a_symbolic_link_names_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "link.duckdb").symlink_to(tmp_path / "disk" / "health.duckdb")
    assert locate(tmp_path / "link.duckdb") == FileLocation(tmp_path / "disk" / "health.duckdb")


def test_a_lake_keeps_its_connection_and_hides_its_password(tmp_path: Path) -> None:
    location = locate("ducklake:postgres:host=db dbname=health password=hush", str(tmp_path))
    assert location == LakeLocation("host=db dbname=health password=hush", str(tmp_path))
    assert str(location) == "ducklake:postgres:host=db dbname=health password=***"
    assert "hush" not in repr(location)


@pytest.mark.parametrize(
    ("connection", "shown"),
    [
        ("host=db password = 'a b\\'c' dbname=x", "host=db password = *** dbname=x"),
        ("dbname=x PASSWORD=hush", "dbname=x PASSWORD=***"),
        ("postgresql://me:hush@db:5432/health", "postgresql://me:***@db:5432/health"),
        ("postgresql://db/health?user=me&password=hush&sslmode=require",
         "postgresql://db/health?user=me&password=***&sslmode=require"),
        ("host=db dbname=health", "host=db dbname=health"),
    ],
)  # fmt: skip
def test_no_form_of_a_password_is_shown(connection: str, shown: str) -> None:
    assert str(LakeLocation(connection, "/lake")) == f"ducklake:postgres:{shown}"


def test_a_bucket_is_kept_as_it_is() -> None:
    location = locate("ducklake:postgres:dbname=health", "s3://bucket/health")
    assert location == LakeLocation("dbname=health", "s3://bucket/health")


@pytest.mark.parametrize(
    ("text", "data_path", "message"),
    [
        (
            "ducklake:postgres:dbname=health password=hush",
            None,
            "ducklake:postgres:dbname=health password=***: HEALTH_DATA_PATH is not set: "
            "name the folder or bucket of its files",
        ),
        (
            "ducklake:metadata.ducklake",
            "/lake",
            "ducklake:metadata.ducklake: the catalog of a DuckLake is PostgreSQL: "
            "ducklake:postgres:host=… dbname=…",
        ),
        (
            "ducklake:postgres:",
            "/lake",
            "ducklake:postgres:: the catalog of a DuckLake is PostgreSQL: ducklake:postgres:host=… dbname=…",
        ),
    ],
)
def test_what_names_no_database_is_refused(text: str, data_path: str | None, message: str) -> None:
    with pytest.raises(DatabaseUnusable) as caught:
        locate(text, data_path)
    assert str(caught.value) == message
