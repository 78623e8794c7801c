"""No text of a CSV is computed by a spreadsheet, and every one can be had back."""

import re
import unicodedata

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.export.cells import FORMULA, Column, csv_cell

SIGNS = "=+-@\t\r\n＝＋－＠"
BEFORE = " '\u00a0\u200b\ufeff\u3000\x00\x0b"
texts = st.one_of(
    st.text(max_size=8),
    st.builds("".join, st.lists(st.sampled_from(SIGNS + BEFORE + 'a1",'), max_size=6)),
)


def written(connection: duckdb.DuckDBPyConnection, values: list[str], type_: str = "VARCHAR") -> list[str]:
    """The cells of these texts, without their quotes."""
    cell = csv_cell(Column("text", type_), "UTC")
    statement = f"SELECT {cell} FROM (SELECT unnest($texts::{type_}[]) AS text)"
    rows = connection.execute(statement, {"texts": values, "formula": FORMULA}).fetchall()
    assert all(cell.startswith('"') and cell.endswith('"') for (cell,) in rows)
    return [cell[1:-1].replace('""', '"') for (cell,) in rows]


def read_back(cell: str) -> str:
    return cell[1:] if re.match(rf"'+[\s{BEFORE}]*[{re.escape(SIGNS)}]", cell) else cell


def shows(sign: str) -> bool:
    """Whether a spreadsheet shows anything for it; what Unicode has not assigned yet it shows as a box."""
    return sign.isprintable() or unicodedata.category(sign) == "Cn"


@given(st.lists(texts, max_size=40))
@settings(max_examples=60, deadline=None)
@example(["\U00018cd6="])
def test_no_text_begins_like_a_formula(connection: duckdb.DuckDBPyConnection, values: list[str]) -> None:
    for cell in written(connection, values):
        shown = "".join(filter(shows, cell)).strip() or cell
        assert cell[:1] not in tuple(SIGNS)
        assert shown[:1] not in tuple(SIGNS)


@given(st.lists(st.builds("".join, st.lists(st.sampled_from(SIGNS + "' a"), max_size=6)), max_size=40))
@settings(max_examples=60, deadline=None)
def test_every_text_can_be_had_back(connection: duckdb.DuckDBPyConnection, values: list[str]) -> None:
    assert [read_back(cell) for cell in written(connection, values)] == values


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("\ufeff@SUM(A1)", "'\ufeff@SUM(A1)"),
        ("−1", "'−1"),
        ("a=1", "a=1"),
        ("GET /v1?a=b", "GET /v1?a=b"),
        ("it's", "it's"),
        ("'tis", "'tis"),
        ("", ""),
    ],
)
def test_only_what_looks_like_a_formula_is_changed(
    connection: duckdb.DuckDBPyConnection, text: str, cell: str
) -> None:
    assert written(connection, [text]) == [cell]


@pytest.mark.parametrize(
    ("type_", "cell"),
    [
        ("INTEGER", "-5"),
        ("DOUBLE", "-5.0"),
        ("DECIMAL(5,2)", "-5.00"),
        ("JSON", '"\'-5"'),
        ("VARCHAR", '"\'-5"'),
    ],
)
def test_a_negative_number_is_a_number(connection: duckdb.DuckDBPyConnection, type_: str, cell: str) -> None:
    sql = csv_cell(Column("value", type_), "UTC")
    values = {"formula": FORMULA} if "$formula" in sql else {}
    statement = f"SELECT {sql} FROM (SELECT (-5)::VARCHAR::{type_} AS value)"
    assert connection.execute(statement, values).fetchone() == (cell,)


@pytest.mark.parametrize(
    ("type_", "value", "cell"),
    [
        ("VARCHAR[]", "['=1', NULL]", '"[""=1"",null]"'),
        ("STRUCT(a INTEGER)", "{'a': 1}", '"{""a"":1}"'),
        ("DATE", "'2026-11-23'", '"2026-11-23"'),
        ("BOOLEAN", "true", "true"),
        ("UUID", "'019ab000-0000-7000-8000-000000000000'", "019ab000-0000-7000-8000-000000000000"),
    ],
)
def test_every_type_has_a_cell(
    connection: duckdb.DuckDBPyConnection, type_: str, value: str, cell: str
) -> None:
    sql = csv_cell(Column("value", type_), "UTC")
    bound = {"formula": FORMULA} if "$formula" in sql else {}
    assert connection.execute(f"SELECT {sql} FROM (SELECT {value}::{type_} AS value)", bound).fetchone() == (
        cell,
    )
