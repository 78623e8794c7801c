"""The read API: what it answers, when it answers with less, and what it refuses."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from analytics.db import FileLocation, locate, read_only, transact
from analytics.ids import uuid7
from analytics.model import ServiceKey, ServiceType
from collector.store import insert_rows
from pages._ui import reading
from pages._ui.api.answers import Resource
from pages._ui.api.etag import encoded, has_it
from pages._ui.api.health import health_document, iso
from pages._ui.api.metrics import metrics_document
from pages._ui.server import MIDDLEWARE, ROUTES
from pages._ui.snapshot import Heartbeat, Service, Snapshot
from tests.pages import samples

NOW = datetime.now(UTC)
METRICS = "/api/integrations/metrics"
HEALTH = "/api/integrations/health"


def broken(_request: object) -> Any:
    raise ZeroDivisionError("a secret")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a few calls of api/openai, an hour and a half and a minute ago."""
    path = tmp_path_factory.mktemp("api") / "health.duckdb"
    samples.write(path, NOW, minutes=-1)

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        insert_rows(connection, "api_metrics", list(calls()))

    transact(FileLocation(path), work)
    return path


def calls() -> Iterator[dict[str, Any]]:
    """90 minutes ago three calls that took 100, 200 and 300 ms, and a failed one; now one that failed."""
    for number, (ago, status, took) in enumerate(
        [(90, 200, 100), (90, 200, 200), (90, 200, 300), (90, 500, 50), (1, 500, 60)]
    ):
        at = NOW - timedelta(minutes=ago)
        yield {
            "id": uuid7(number + 1),
            "timestamp": at,
            "api_name": "openai",
            "endpoint": "/v1/models",
            "method": "GET",
            "status_code": status,
            "response_time_ms": took,
            "retries": 1 if number == 0 else 0,
        }


@pytest.fixture(scope="module")
def api() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE)) as running:
        yield running


@pytest.fixture
def client(api: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("HEALTH_DB", str(file))
    reading.clear()
    return api


def test_a_series_for_every_api_with_its_points(client: TestClient) -> None:
    answer = client.get(METRICS, params={"period": "3h"})

    assert answer.status_code == 200
    document = answer.json()
    assert document.keys() == {"period", "step_seconds", "series"}
    assert (document["period"], document["step_seconds"]) == ("3h", 300)
    assert [one["api_name"] for one in document["series"]] == [
        "chatwoot",
        "google_analytics",
        "openai",
        "shopify",
    ]
    series = {one["api_name"]: one["points"] for one in document["series"]}
    assert series["chatwoot"] == [], "an API that was not called is there, without points"
    first, last = series["openai"]
    at = datetime.fromisoformat(first.pop("timestamp"))
    assert at <= NOW - timedelta(minutes=90) < at + timedelta(minutes=5)
    assert first == {
        "p50_ms": 200.0,
        "p95_ms": 290.0,
        "p99_ms": 298.0,
        "requests": 4,
        "errors": 1,
        "success_rate": 75.0,
        "retry_rate": 25.0,
    }
    assert (last["p50_ms"], last["requests"], last["errors"]) == (None, 1, 1), "nothing that worked, no times"
    assert last["timestamp"].endswith("Z")


def test_health_tells_all_healthy_from_nobody_looked() -> None:
    service = Service(ServiceKey(ServiceType.API, "shopify"), timedelta(minutes=1))
    known = Snapshot(NOW, Heartbeat(NOW - timedelta(seconds=42), timedelta(minutes=1)), (service,))
    later = NOW + timedelta(minutes=3)

    assert health_document(known, NOW)["collector"] == {
        "state": "live",
        "last_heartbeat": iso(NOW - timedelta(seconds=42)),
        "age_seconds": 42.0,
        "interval_seconds": 60.0,
        "clock_ahead_seconds": 0,
    }
    assert health_document(known, later)["collector"]["state"] == "stopped"
    assert health_document(known, later, is_read=False)["collector"]["state"] == "unknown"
    ahead = replace(known, latest_heartbeat=NOW + timedelta(minutes=5))
    assert health_document(ahead, NOW)["collector"]["clock_ahead_seconds"] == 300


def test_health_of_a_collector_that_never_looked(client: TestClient) -> None:
    never = health_document(Snapshot(NOW, None, ()), NOW)["collector"]

    assert never["state"] == "waiting"
    assert never["last_heartbeat"] is never["age_seconds"] is never["interval_seconds"] is None
    assert client.get(HEALTH).json()["collector"] == never


def test_without_a_period_it_is_a_day(client: TestClient) -> None:
    assert client.get(METRICS).json() == client.get(METRICS, params={"period": "24h"}).json()


@pytest.mark.parametrize(
    ("period", "step"), [("1h", 300), ("2d", 300), ("7d", 7200), ("720h", 43200), ("30d", 43200)]
)
def test_every_period_up_to_30_days(client: TestClient, period: str, step: int) -> None:
    document = client.get(METRICS, params={"period": period}).json()

    assert (document["period"], document["step_seconds"]) == (period, step)
    assert sum(one["requests"] for series in document["series"] for one in series["points"]) in (1, 5)


@pytest.mark.parametrize(
    "period", ["", "24", "h", "0h", "-1h", "1.5h", "90m", "31d", "721h", "24H", " 24h", "9" * 30 + "h", "<b>"]
)
def test_any_other_period_is_refused_with_what_would_be_right(client: TestClient, period: str) -> None:
    answer = client.get(METRICS, params={"period": period})

    assert answer.status_code == 400
    assert answer.json().keys() == {"error"}
    assert "write hours or days up to 30d, such as 24h or 7d" in answer.json()["error"]
    assert answer.headers["cache-control"] == "no-store"


def test_metrics_without_an_api_to_watch(tmp_path: Path) -> None:
    path = tmp_path / "health.duckdb"
    samples.write(path, NOW, samples.SERVICES[:1], minutes=1)

    with read_only(locate(str(path))) as connection:
        assert metrics_document(connection, NOW, "24h")["series"] == []


@pytest.mark.parametrize("path", [HEALTH, METRICS])
def test_who_has_it_already_gets_304(client: TestClient, path: str) -> None:
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    packed = client.get(path)

    assert plain.headers["cache-control"] == packed.headers["cache-control"] == "no-cache"
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] == f"W/{plain.headers['etag']}"
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()
    for tag in (plain.headers["etag"], packed.headers["etag"], f'"other", {plain.headers["etag"]}', "*"):
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b""), tag
        assert again.headers["etag"] == plain.headers["etag"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_change_has_another_tag() -> None:
    one, other = encoded({"a": 1}), encoded({"a": 2})

    assert one == encoded({"a": 1})
    assert not has_it(one.etag, other.etag)
    assert gzip.decompress(one.packed) == one.body
    assert json.loads(one.body) == {"a": 1}
    with pytest.raises(ValueError):
        encoded({"a": float("nan")})


def test_the_same_answer_is_made_once(client: TestClient) -> None:
    bodies = {id(reading.ask(_question(), "24h").value) for _ in range(2)}
    assert len(bodies) == 1
    assert client.get(METRICS).json() == json.loads(reading.ask(_question(), "24h").value.body)  # type: ignore[union-attr]


def _question() -> Any:
    from pages._ui.api.metrics import series

    return series


@pytest.mark.parametrize(
    "path", [HEALTH, METRICS, "/api/export", "/api/export/slo.csv", "/api/exports/x", "/api/typo"]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_but_reading(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert f"{method} is not possible here" in answer.json()["error"]
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", [HEALTH, METRICS, "/api/export", "/api/export/slo.csv"])
def test_head_has_the_headers_and_no_body(client: TestClient, path: str) -> None:
    answer = client.head(path)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["x-content-type-options"] == "nosniff"
    for name in ("content-type", "cache-control"):
        assert answer.headers[name] == client.get(path).headers[name]


@pytest.mark.parametrize("path", [HEALTH, METRICS, "/api/export/slo.csv"])
def test_without_a_database_it_says_so_and_when_to_come_again(
    api: TestClient, database: Path, path: str
) -> None:
    answer = api.get(path)

    assert answer.status_code == 503
    assert "there is no database yet" in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert answer.headers["retry-after"] == "5"


def test_what_goes_wrong_here_is_told_in_json_without_details(caplog: pytest.LogCaptureFixture) -> None:
    answer = TestClient(Starlette(routes=[Route("/api/x", Resource(broken))])).get("/api/x")

    assert answer.status_code == 500
    assert answer.json() == {"error": "something went wrong here; the log of the dashboard says what"}
    assert "a secret" in caplog.text
