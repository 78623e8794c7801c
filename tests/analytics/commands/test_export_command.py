"""`export`: which rows go where, and what is said of it."""

import csv
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analytics.export import DATASETS
from tests.analytics.commands.saying import Say


def test_every_dataset_is_listed(demo: Path, say: Say) -> None:
    assert [row["name"] for row in say("export", "--list", "--json", db=demo).document["datasets"]] == list(
        DATASETS
    )
    shown = say("export", "--list", db=demo, width=120).out
    assert all(f"{one.name} " in shown and one.about in shown for one in DATASETS.values())


def test_a_table_goes_to_standard_output_as_csv(demo: Path, say: Say) -> None:
    said = say("export", "services", "--columns", "service_name,service_type", db=demo)
    rows = list(csv.reader(io.StringIO(said.out)))
    assert said.code == 0
    assert rows[0] == ["service_name", "service_type"]
    assert len(rows) == 17
    assert said.err.startswith("services: 16 rows")


def test_a_file_and_what_was_written(demo: Path, say: Say, tmp_path: Path) -> None:
    target = tmp_path / "checks.parquet"
    words = ["export", "integration_health_checks", "--period", "2h", "--out", str(target)]
    document = say(*words, "--service", "api/shopify", "--json", db=demo).document
    table = pq.read_table(target)
    assert document["rows"] == table.num_rows > 100
    assert document["bytes"] == target.stat().st_size
    assert document["path"] == str(target)
    assert set(table["service_name"].to_pylist()) == {"shopify"}
    assert document["since"] == "2026-11-24T10:00:00.000000Z"


def test_a_figure_is_of_the_last_day_unless_said(demo: Path, say: Say, tmp_path: Path) -> None:
    target = tmp_path / "a.ndjson"
    document = say("export", "availability", "--out", str(target), "--json", db=demo).document
    assert (document["since"], document["rows"]) == ("2026-11-23T12:00:00.000000Z", 16)
    until = ["--until", "2026-11-24T00:00"]
    document = say("export", "availability", "--out", str(target), *until, "--json", db=demo).document
    assert (document["since"], document["until"]) == (
        "2026-11-23T00:00:00.000000Z",
        "2026-11-24T00:00:00.000000Z",
    )


def test_a_table_has_no_limit_unless_said(demo: Path, say: Say, tmp_path: Path) -> None:
    words = ["export", "integration_incidents", "--out", str(tmp_path / "i.csv"), "--json"]
    every = say(*words, db=demo).document
    assert (every["since"], every["until"]) == (None, None)
    before = say(*words, "--until", "2020-01-01", db=demo).document
    assert (before["since"], before["until"], before["rows"]) == (None, "2020-01-01T00:00:00.000000Z", 0)
    assert every["rows"] > 0


def test_a_table_may_be_older_than_any_figure(demo: Path, say: Say, tmp_path: Path) -> None:
    words = ["--out", str(tmp_path / "i.csv"), "--json"]
    document = say("export", "integration_incidents", "--since", "1975-01-01", *words, db=demo).document
    assert document["since"] == "1975-01-01T00:00:00.000000Z"
    assert document["rows"] > 0
    assert say("export", "incidents", "--since", "1975-01-01", *words, db=demo).code == 2


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ([], "export: name a dataset"),
        (["api_metric"], 'did you mean "api_metrics"? `python -m analytics export --list` shows all'),
        (["nope"], 'there is no dataset "nope": `python -m analytics export --list` shows all'),
        (["slo", "--period", "2026-11-20/2026-11-10"], "ends before it begins; write the earlier moment"),
        (["slo", "--out", "x.foo"], "nothing says its format"),
        (["slo", "--json"], "--json says what was written to a file"),
        (["slo", "--period", "7d", "--since", "1d"], "--period says since and until when"),
        (["slo", "--columns", "nothing"], 'there is no column of slo "nothing"'),
        (["slo", "--timezone", "Mars"], "time zone"),
        (["slo", "--since", "0001-01-01T00:00+05:00"], "is no moment"),
        (["slo", "--until", "9999-12-31T23:59-05:00"], "--until 9999-12-31T23:59-05:00: is no moment"),
        (["services", "--until", "0001-01-01"], "--until 0001-01-01: is before 1970"),
        (["services", "--out", "/dev/stdout", "--json"], "--json says what was written to a file"),
    ],
)
def test_faults_are_one_clear_line(demo: Path, say: Say, words: list[str], fault: str) -> None:
    said = say("export", *words, db=demo)
    assert (said.code, said.out) == (2, "")
    assert fault in said.err
    assert said.err.count("\n") == 1
