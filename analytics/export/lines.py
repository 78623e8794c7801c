"""The rows of a selection as they are written: text that DuckDB makes, or Parquet, batch by batch."""

from collections.abc import Generator
from contextlib import closing

import duckdb
import pyarrow as pa
import pyarrow.parquet as parquet

from analytics.export.cells import FORMULA, csv_cell, json_value, parquet_value
from analytics.export.formats import Format
from analytics.export.selection import Selection
from analytics.export.sink import Sink

#: Rows a batch. Measured: more take more memory and no less time; of Parquet it is the size of a row group.
_ROWS = 10_000
_ROWS_OF_PARQUET = 30_000


def write(
    connection: duckdb.DuckDBPyConnection, chosen: Selection, form: Format, sink: Sink, zone: str
) -> Generator[int]:
    """Write the rows to `sink`; yields after every batch how many are done. Times in text are in `zone`."""
    if form is Format.PARQUET:
        return _parquet(connection, chosen, sink)
    return _text(connection, chosen, form, sink, zone)


def _text(
    connection: duckdb.DuckDBPyConnection, chosen: Selection, form: Format, sink: Sink, zone: str
) -> Generator[int]:
    line = _csv_line(chosen, zone) if form is Format.CSV else _json_line(chosen, zone, form)
    beginning, end, skipped = _around(chosen, form)
    sink.write(beginning)
    done = 0
    for batch in _batches(
        connection, f"SELECT {line} AS line {chosen.rows}", _bound(chosen, line, zone), _ROWS
    ):
        sink.write(_bytes(batch.column(0))[skipped if not done else 0 :])
        done += len(batch)
        yield done
    sink.write(end)


def _parquet(connection: duckdb.DuckDBPyConnection, chosen: Selection, sink: Sink) -> Generator[int]:
    values = ", ".join(f"{parquet_value(column)} AS {column.sql}" for column in chosen.columns)
    reader = connection.execute(f"SELECT {values} {chosen.rows}", chosen.values).to_arrow_reader(
        _ROWS_OF_PARQUET
    )
    done = 0
    with closing(reader), parquet.ParquetWriter(sink, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            done += len(batch)
            yield done


def _batches(
    connection: duckdb.DuckDBPyConnection, statement: str, values: dict[str, object], rows: int
) -> Generator[pa.RecordBatch]:
    with closing(connection.execute(statement, values).to_arrow_reader(rows)) as reader:
        yield from reader


def _csv_line(chosen: Selection, zone: str) -> str:
    # `concat` leaves NULL out: an empty cell, where an empty text is a cell of two quotes.
    cells = ", ',', ".join(csv_cell(column, zone) for column in chosen.columns)
    if len(chosen.columns) == 1:
        # An empty line is no row to most readers.
        cells = f"coalesce({cells}, '\"\"')"
    return f"concat({cells}, chr(13), chr(10))"


def _json_line(chosen: Selection, zone: str, form: Format) -> str:
    members = ", ".join(f"{column.sql} := {json_value(column, zone)}" for column in chosen.columns)
    written = f"to_json(struct_pack({members}))::VARCHAR"
    return f"{written} || chr(10)" if form is Format.NDJSON else f"',' || chr(10) || {written}"


def _around(chosen: Selection, form: Format) -> tuple[bytes, bytes, int]:
    """What stands before all lines and after, and how much of the first line is too much."""
    if form is Format.CSV:
        header = ",".join(
            column.name if column.name.isidentifier() else column.sql for column in chosen.columns
        )
        return f"{header}\r\n".encode(), b"", 0
    return (b"[", b"\n]\n", 1) if form is Format.JSON else (b"", b"", 0)


def _bound(chosen: Selection, line: str, zone: str) -> dict[str, object]:
    own = {"formula": FORMULA, "zone": zone}
    return chosen.values | {name: value for name, value in own.items() if f"${name}" in line}


def _bytes(texts: pa.Array) -> memoryview:
    """What the texts of an array are one after the other, without copying."""
    _, offsets, data = texts.buffers()
    if data is None:
        return memoryview(b"")
    wide = pa.types.is_large_string(texts.type)
    places = memoryview(offsets).cast("B").cast("q" if wide else "i")
    return memoryview(data)[places[texts.offset] : places[texts.offset + len(texts)]]
