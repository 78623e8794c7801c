"""What is written can be read again, by programs that know nothing of us."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as parquet
import pytest

from analytics.export import ExportError, export, format_for
from tests.analytics.export.rows import DETAILS, MESSAGES, NOW, ident

CHECKS = "integration_health_checks"
COUNT = len(MESSAGES)


def exported(connection: duckdb.DuckDBPyConnection, dataset: str, form: str, **more: object) -> bytes:
    stream = io.BytesIO()
    done = export(connection, dataset, form, stream, **{"since": None, "until": None, **more})
    assert done.bytes == len(stream.getvalue())
    assert done.complete
    return stream.getvalue()


def cells(written: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written.decode("utf-8"), newline=""), strict=True))


def moment(number: int) -> datetime:
    return NOW - timedelta(minutes=COUNT - number, microseconds=1)


def test_csv_can_be_read_again(connection: duckdb.DuckDBPyConnection) -> None:
    rows = cells(exported(connection, CHECKS, "csv"))
    assert [row["id"] for row in rows] == [str(ident(number)) for number in range(COUNT)]
    assert [datetime.fromisoformat(row["timestamp"]) for row in rows] == [moment(n) for n in range(COUNT)]
    assert rows[0]["timestamp"] == "2026-11-23T11:52:59.999999Z"
    expected = [text or "" for text in MESSAGES]
    expected[4], expected[5] = "'=HYPERLINK(A1)", "''=kept"
    assert [row["message"] for row in rows] == expected
    assert [row["error_count"] for row in rows] == [str(-number) for number in range(COUNT)]
    assert rows[0]["success_rate"] == "99.50"
    assert json.loads(rows[0]["details"]) == DETAILS[0]
    assert rows[5]["details"] == "'-5"


def test_csv_ends_its_lines_as_the_standard_says_and_tells_nothing_from_an_empty_text(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    written = exported(connection, CHECKS, "csv", columns=["message", "attempt"], since=moment(2))
    assert written.startswith(b'message,attempt\r\n"",1\r\n,1\r\n')


def test_a_single_empty_cell_is_no_empty_line(connection: duckdb.DuckDBPyConnection) -> None:
    written = exported(connection, CHECKS, "csv", columns=["response_time_ms"], since=moment(2))
    assert written.splitlines()[1:3] == [b"122", b'""']


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_json_can_be_read_again(connection: duckdb.DuckDBPyConnection, form: str) -> None:
    written = exported(connection, CHECKS, form).decode("utf-8")
    rows = json.loads(written) if form == "json" else [json.loads(line) for line in written.split("\n")[:-1]]
    assert [row["id"] for row in rows] == [str(ident(number)) for number in range(COUNT)]
    assert [row["message"] for row in rows] == list(MESSAGES)
    assert [row["details"] for row in rows] == list(DETAILS)
    assert [row["success_rate"] for row in rows] == [99.5] * COUNT
    assert [datetime.fromisoformat(row["timestamp"]) for row in rows] == [moment(n) for n in range(COUNT)]


def test_parquet_can_be_read_again(connection: duckdb.DuckDBPyConnection) -> None:
    table = parquet.read_table(io.BytesIO(exported(connection, CHECKS, "parquet")))
    rows = table.to_pylist()
    assert [row["id"] for row in rows] == [str(ident(number)) for number in range(COUNT)]
    assert [row["message"] for row in rows] == list(MESSAGES)
    assert [row["success_rate"] for row in rows] == [Decimal("99.50")] * COUNT
    assert [row["timestamp"] for row in rows] == [moment(number) for number in range(COUNT)]
    assert str(table.schema.field("timestamp").type) == "timestamp[us, tz=UTC]"
    assert [json.loads(row["details"] or "null") for row in rows] == list(DETAILS)


def test_parquet_is_compressed_with_zstd(connection: duckdb.DuckDBPyConnection) -> None:
    about = parquet.ParquetFile(io.BytesIO(exported(connection, CHECKS, "parquet"))).metadata
    assert about.row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize(
    ("form", "written"),
    [("csv", b"api_name,retries\r\n"), ("json", b"[\n]\n"), ("ndjson", b"")],
)
def test_nothing_has_its_header(connection: duckdb.DuckDBPyConnection, form: str, written: bytes) -> None:
    columns = ["api_name", "retries"]
    assert exported(connection, "api_metrics", form, columns=columns, since=NOW) == written


def test_nothing_in_parquet_has_its_columns(connection: duckdb.DuckDBPyConnection) -> None:
    written = exported(connection, "api_metrics", "parquet", columns=["retries", "api_name"], since=NOW)
    table = parquet.read_table(io.BytesIO(written))
    assert (table.num_rows, table.column_names) == (0, ["retries", "api_name"])


def test_what_is_no_number_is_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    wish = {"columns": ["api_name", "quota_used"]}
    assert [row["quota_used"] for row in cells(exported(connection, "api_metrics", "csv", **wish))] == [
        "0.1",
        "",
        "",
        "",
    ]
    rows = json.loads(exported(connection, "api_metrics", "json", **wish))
    assert [row["quota_used"] for row in rows] == [0.1, None, None, None]


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Berlin", "2026-11-23T12:52:59.999999+01:00"),
        ("America/St_Johns", "2026-11-23T08:22:59.999999-03:30"),
        ("UTC", "2026-11-23T11:52:59.999999Z"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_times_are_in_the_zone_asked_for(
    connection: duckdb.DuckDBPyConnection, form: str, zone: str, first: str
) -> None:
    written = exported(connection, CHECKS, form, columns=["timestamp"], timezone=zone).decode()
    assert first in written
    assert datetime.fromisoformat(first) == moment(0).astimezone(UTC)


def test_a_figure_is_written_as_a_table_is(connection: duckdb.DuckDBPyConnection) -> None:
    wish = {"since": NOW - timedelta(days=1), "until": NOW, "columns": ["began_at", "title", "resolved_at"]}
    (row,) = cells(exported(connection, "incidents", "csv", **wish))
    assert row == {"began_at": "2026-11-23T11:00:00.000000Z", "title": "'+shop is down", "resolved_at": ""}
    (row,) = json.loads(exported(connection, "incidents", "json", **wish))
    assert row == {"began_at": "2026-11-23T11:00:00.000000Z", "title": "+shop is down", "resolved_at": None}


@pytest.mark.parametrize(("status", "rows"), [("open", 1), ("resolved", 0)])
def test_an_empty_column_of_a_figure_keeps_its_type(
    connection: duckdb.DuckDBPyConnection, status: str, rows: int
) -> None:
    wish = {
        "columns": ["acknowledged_by", "began_at"],
        "statuses": [status],
        "since": NOW - timedelta(days=1),
        "until": NOW,
    }
    table = parquet.read_table(io.BytesIO(exported(connection, "incidents", "parquet", **wish)))
    assert [str(one.type) for one in table.schema] == ["string", "timestamp[us, tz=UTC]"]
    assert table.num_rows == rows


@pytest.mark.parametrize(
    ("name", "target", "found"),
    [
        (None, "a.csv", "csv"),
        (None, Path("a.b.JSONL"), "ndjson"),
        (None, "a.parquet", "parquet"),
        ("CSV", "a.txt", "csv"),
        ("json", "-", "json"),
    ],
)
def test_the_ending_says_the_format(name: str | None, target: str | Path, found: str) -> None:
    assert format_for(name, target) == found


@pytest.mark.parametrize(
    ("name", "target", "words"),
    [
        (None, "a.txt", "a.txt: nothing says its format"),
        (None, "-", "-: nothing says its format"),
        ("cvs", "a.txt", 'no format "cvs": did you mean "csv"?'),
        ("csv", "a.json", "a.json: it ends in .json, but the format is to be csv"),
    ],
)
def test_an_unclear_format_is_refused(name: str | None, target: str, words: str) -> None:
    with pytest.raises(ExportError, match=words.replace("?", r"\?")):
        format_for(name, target)
