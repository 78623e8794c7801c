"""Reading SQL files: names, comments, and what is written wrongly."""

import re
from pathlib import Path

import duckdb
import pytest

from analytics.named_sql import FOLDER, catalogue, parse, query, read_folder

TWO = """\
-- What stands before the first name is for readers of the file.
-- name: first
-- What it returns,
-- in two lines.
SELECT 1
-- a comment of its own
FROM range(3);

-- name: second
-- Another.
SELECT 2
"""


def test_queries_with_their_words() -> None:
    first, second = parse(TWO, "some.sql")

    assert first.name == "first"
    assert first.doc == "What it returns, in two lines."
    assert first.sql == "SELECT 1\n-- a comment of its own\nFROM range(3)"
    assert (second.name, second.sql, second.file) == ("second", "SELECT 2", "some.sql")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("SELECT 1\n-- name: a\n-- b\nSELECT 2", "some.sql:1: SQL before the first '-- name:' line"),
        ("-- name: \n-- b\nSELECT 2", "some.sql:1: a query's name is lower_case, not ''"),
        ("-- name: aB\n-- b\nSELECT 2", "some.sql:1: a query's name is lower_case, not 'aB'"),
        (
            "-- name: a\nSELECT 2",
            "some.sql: 'a' needs a comment line under its name that says what it returns",
        ),
        ("-- name: a\n-- b\n", "some.sql: 'a' has no statement"),
    ],
)
def test_what_is_written_wrongly_is_named(text: str, fault: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse(text, "some.sql")

    assert str(raised.value) == fault


def test_a_name_may_stand_only_once(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("-- name: same\n-- x\nSELECT 1")
    (tmp_path / "b.sql").write_text("-- name: same\n-- y\nSELECT 2")

    with pytest.raises(ValueError, match=r"^b\.sql: 'same' is also in a\.sql$"):
        read_folder(tmp_path)


def test_migrations_are_not_queries() -> None:
    assert all((FOLDER / found.file).parent == FOLDER for found in catalogue().values())
    assert (FOLDER / "schema").is_dir()


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"no query is named .nope.*recent_checks"):
        query("nope")


def test_the_shipped_queries_are_there() -> None:
    assert {"newest_run", "services", "longest_reach", "recent_checks"} <= set(catalogue())


PARTS = """\
-- part: small
-- The small numbers.
SELECT i FROM range($top) AS numbers(i)

-- part: even
-- The even ones among them.
-- uses: small
SELECT i FROM small WHERE i % 2 = 0

-- name: total
-- The sum of both.
-- uses: even, small
WITH sums AS (SELECT sum(i) AS total FROM even UNION ALL SELECT sum(i) FROM small)

SELECT sum(total) AS total FROM sums

-- name: only_even
-- How many.
-- uses: even
SELECT count(*) FROM even
"""


def test_parts_stand_before_what_uses_them(tmp_path: Path) -> None:
    (tmp_path / "some.sql").write_text(PARTS)
    found = read_folder(tmp_path)

    assert set(found) == {"total", "only_even"}
    assert found["total"].doc == "The sum of both."
    assert duckdb.execute(found["total"].sql, {"top": 5}).fetchall() == [(16,)]
    assert duckdb.execute(found["only_even"].sql, {"top": 5}).fetchall() == [(3,)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-- name: a\n-- b\n-- uses: nothing\nSELECT 1", "x.sql: 'a' uses 'nothing', which is no part"),
        (
            "-- part: a\n-- b\n-- uses: c\nSELECT 1\n-- part: c\n-- d\n-- uses: a\nSELECT 1\n"
            "-- name: e\n-- f\n-- uses: a\nSELECT 1",
            "x.sql: 'a' uses itself",
        ),
    ],
)
def test_parts_that_cannot_be(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "x.sql").write_text(text)
    with pytest.raises(ValueError, match=f"^{re.escape(fault)}$"):
        read_folder(tmp_path)
