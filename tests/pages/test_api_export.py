"""Exports over HTTP: at once, by a process of their own, and those that were prepared."""

import csv
import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from analytics.export import DATASETS
from pages._ui import reading
from pages._ui.api import export as routes
from pages._ui.exporting import streams
from pages._ui.exporting.asked import Asked, chosen
from pages._ui.exporting.shelf import Export, Shelf, State
from pages._ui.server import ROUTES
from tests.pages import samples
from tests.plugins.ports import wait_until

NOW = datetime.now(UTC)
CHECKS = "integration_health_checks"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exports") / "health.duckdb"
    samples.write(path, NOW, minutes=5)
    return path


@pytest.fixture(scope="module")
def api() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=ROUTES), raise_server_exceptions=False) as running:
        yield running


@pytest.fixture
def client(api: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("HEALTH_DB", str(file))
    reading.clear()
    return api


@pytest.fixture
def shelf(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """A shelf of its own, which the routes look into."""
    found = Shelf()
    monkeypatch.setattr(routes, "SHELF", found)
    yield found
    found.close()


def prepared(shelf: Shelf, asked: Asked, total: int = 0) -> Export:
    """What was asked for, begun."""
    wanted = reading.ask(chosen_for, asked).value
    assert wanted is not None
    return shelf.prepare(wanted, total, NOW)


def chosen_for(connection: object, now: datetime, asked: Asked) -> object:
    return chosen(connection, now, asked)  # type: ignore[arg-type]


def ended(export: Export) -> None:
    wait_until(lambda: export.state is not State.PREPARING, "the export", 60)


def test_the_catalogue_lists_everything(client: TestClient) -> None:
    document = client.get("/api/export").json()

    assert document["formats"] == ["csv", "json", "ndjson", "parquet"]
    assert [one["name"] for one in document["datasets"]] == list(DATASETS)
    assert {one["kind"] for one in document["datasets"]} == {"table", "figure"}


@pytest.mark.parametrize("large", [False, True], ids=["here", "by a process"])
def test_the_same_rows_in_every_format(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    if large:
        monkeypatch.setattr(streams, "SMALL_ROWS", 0)
    query = "?service=api/shopify&columns=service_name,status,timestamp"
    answers = {form: client.get(f"/api/export/{CHECKS}.{form}{query}") for form in ("csv", "json", "ndjson")}

    rows = list(csv.DictReader(io.StringIO(answers["csv"].text)))
    assert len(rows) == 6
    assert {row["service_name"] for row in rows} == {"shopify"}
    assert all(row["timestamp"].endswith("Z") for row in rows)
    assert answers["json"].json() == rows
    assert [json.loads(line) for line in answers["ndjson"].text.splitlines()] == rows
    table = parquet.read_table(io.BytesIO(client.get(f"/api/export/{CHECKS}.parquet{query}").content))
    assert table.column("status").to_pylist() == [row["status"] for row in rows]
    for form, kind in (("csv", "text/csv; charset=utf-8"), ("json", "application/json")):
        assert answers[form].headers["content-type"] == kind
        assert answers[form].headers["cache-control"] == "no-store"
        assert ("content-length" in answers[form].headers) is not large
        assert ("content-encoding" in answers[form].headers) is large
        assert re.fullmatch(
            rf'attachment; filename="{CHECKS}_api-shopify_[0-9TZ-]+\.{form}"',
            answers[form].headers["content-disposition"],
        )


def test_filters_choose_rows(client: TestClient) -> None:
    def names(query: str) -> set[str]:
        text = client.get(f"/api/export/{CHECKS}.csv?{query}&columns=service_type,service_name,status").text
        return {f"{row['service_type']}/{row['service_name']}" for row in csv.DictReader(io.StringIO(text))}

    assert names("type=webhook") == {"webhook/shopify", "webhook/chatwoot"}
    assert names("service=mcp/fly&service=api/openai") == {"mcp/fly", "api/openai"}
    assert names("status=down") == {"mcp/fly"}
    assert names("period=24h&type=&service=&status=") == {one.key for one in samples.SERVICES}


def test_times_are_in_the_zone_that_is_asked_for(client: TestClient) -> None:
    text = client.get(f"/api/export/{CHECKS}.csv?timezone=Asia/Kolkata&columns=timestamp").text

    assert text.splitlines()[1].endswith("+05:30")


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("slow.csv", 404, 'there is no dataset "slow": did you mean "slo"?'),
        ("slo", 404, "slo: let its name end in .csv, .json, .ndjson or .parquet"),
        ("slo.xml", 404, "let its name end in .csv"),
        ("slo.csv?perid=7d", 400, 'there is no filter "perid": did you mean "period"?'),
        ("slo.csv?period=7d&period=8d", 400, "period: it is there twice"),
        ("slo.csv?period=soon", 400, "period 'soon' is not understood"),
        ("slo.csv?service=shopify", 400, 'service "shopify": it is written type/name'),
        ("slo.csv?service=api/shopfy", 400, 'did you mean "api/shopify"?'),
        ("slo.csv?type=apis", 400, 'type "apis": it is mcp, api, webhook or infrastructure'),
        ("slo.csv?type=mcp&service=api/openai", 400, "service api/openai is not of the type mcp"),
        ("slo.csv?status=down", 400, "its rows have no status"),
        (f"{CHECKS}.csv?status=dwn", 400, 'did you mean "down"?'),
        (f"{CHECKS}.csv?columns=statu", 400, 'did you mean "status"?'),
        (f"{CHECKS}.csv?timezone=Berlin", 400, 'there is no time zone "Berlin"'),
        ("vendor_feeds.csv?type=api", 400, "its rows belong to no service"),
    ],
)
@pytest.mark.parametrize("large", [False, True])
def test_what_cannot_be_exported_is_refused_in_one_line(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, status: int, says: str, large: bool
) -> None:
    if large:
        monkeypatch.setattr(streams, "SMALL_ROWS", 0)

    answer = client.get(f"/api/export/{path}")

    assert answer.status_code == status
    assert says in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert client.head(f"/api/export/{path}").status_code == status


def test_a_text_that_computes_comes_harmless(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = samples.Sample(samples.API, "=1+1", 10, "=HYPERLINK(0)")
    path = tmp_path / "evil.duckdb"
    samples.write(path, NOW, [evil], minutes=1)
    monkeypatch.setenv("HEALTH_DB", str(path))

    answer = client.get(f"/api/export/{CHECKS}.csv", params={"service": "api/=1+1"})

    assert '"\'=1+1"' in answer.text
    assert '"\'=HYPERLINK(0)"' in answer.text
    assert 'filename="integration_health_checks_api-1-1_' in answer.headers["content-disposition"]


def test_only_so_many_run_at_once_and_each_gives_its_place_back(client: TestClient) -> None:
    for _ in range(streams.MOST_AT_ONCE):
        assert streams._slots.acquire(blocking=False), "every export before gave its place back"
    try:
        answer = client.get("/api/export/slo.csv")
    finally:
        for _ in range(streams.MOST_AT_ONCE):
            streams._slots.release()

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "as many exports as may run at once do" in answer.json()["error"]
    assert client.get("/api/export/slo.csv").status_code == 200


def test_who_goes_away_gives_the_place_back(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SMALL_ROWS", 0)
    found = streams.stream(Asked(CHECKS))
    assert len(streams._running) == 1

    del found

    wait_until(lambda: not streams._running, "the process", 10)
    for _ in range(streams.MOST_AT_ONCE):
        assert streams._slots.acquire(blocking=False)
    for _ in range(streams.MOST_AT_ONCE):
        streams._slots.release()


def test_half_of_an_export_is_never_taken_for_the_whole() -> None:
    code = "import sys; print('half of it'); sys.exit(1)"
    pipe = subprocess.PIPE
    assert streams._slots.acquire(blocking=False)
    parts = streams._written_by(subprocess.Popen([sys.executable, "-c", code], stdout=pipe, stderr=pipe))

    assert next(parts) == b"half of it\n"
    with pytest.raises(RuntimeError, match="broke off"):
        next(parts)


def test_a_prepared_file_can_be_taken_whole_and_in_parts(client: TestClient, shelf: Shelf) -> None:
    export = prepared(shelf, Asked(CHECKS, "csv", services=(), statuses=("down",)), total=1)
    assert client.get(f"/api/exports/{export.id}").status_code in (200, 409)
    ended(export)

    answer = client.get(f"/api/exports/{export.id}")

    assert (export.state, export.says, export.percent) == (State.READY, "", 100)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{export.name}"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text == client.get(f"/api/export/{CHECKS}.csv?status=down").text
    assert int(answer.headers["content-length"]) == export.written
    assert export.rows == len(answer.text.splitlines()) - 1 > 0
    part = client.get(f"/api/exports/{export.id}", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, answer.content[:10])
    assert client.head(f"/api/exports/{export.id}").status_code == 200

    shelf.cancel(export.id)

    gone = client.get(f"/api/exports/{export.id}")
    assert gone.status_code == 404
    assert "files are kept for an hour" in gone.json()["error"]
    assert not export.folder.exists()


def test_a_file_is_deleted_in_time_and_when_the_server_stops(client: TestClient) -> None:
    short, long = Shelf(kept=timedelta(0)), Shelf()
    one, other = prepared(short, Asked("slo")), prepared(long, Asked("slo"))
    wait_until(lambda: short.find(one.id) is None, "the export to be gone", 60)
    assert not one.folder.exists()

    ended(other)
    assert other.path.is_file()
    long.close()
    assert not other.folder.exists()
    assert long.find(other.id) is None


def test_what_is_too_large_or_cannot_be_written_says_so(client: TestClient, shelf: Shelf) -> None:
    small = Shelf(most_bytes=10)
    too_large = prepared(small, Asked(CHECKS))
    ended(too_large)
    assert too_large.state is State.FAILED
    assert too_large.says == "the files kept here would be larger than 10 bytes: choose less"
    wait_until(lambda: not too_large.folder.exists(), "what was written of it to be gone")
    small.close()

    wrong = prepared(shelf, Asked(CHECKS, columns=("statu",)))
    ended(wrong)
    assert wrong.state is State.FAILED
    assert 'did you mean "status"?' in wrong.says
    assert client.get(f"/api/exports/{wrong.id}").status_code == 409


def test_where_a_file_would_be_is_not_told(
    client: TestClient, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    export = prepared(shelf, Asked(CHECKS))
    export.folder.rmdir()
    ended(export)

    assert export.state is State.FAILED
    assert export.says == "its folder does not exist: create it or name another"
    assert str(export.folder) in caplog.text


def test_only_two_are_made_at_once_and_one_can_be_cancelled(client: TestClient, shelf: Shelf) -> None:
    first, _second = prepared(shelf, Asked("slo")), prepared(shelf, Asked("slo"))
    with pytest.raises(routes.ExportError, match="2 exports are being prepared already: wait for one"):
        prepared(shelf, Asked("slo"))

    begun = time.monotonic()
    shelf.cancel(first.id)
    wait_until(lambda: shelf.find(first.id) is None, "the cancelled one to be gone", 10)
    assert time.monotonic() - begun < 10
    assert not first.folder.exists()
    ended(prepared(shelf, Asked("slo")))
