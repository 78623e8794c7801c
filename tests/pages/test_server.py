"""The read API beside the pages, and what starts with the server."""

import gc
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pages._ui import reading
from tests.pages import samples


@pytest.fixture(scope="module")
def server_of_the_dashboard() -> Iterator[TestClient]:
    """The whole server of `dashboard.py` with its lifespan; Streamlit starts once a process."""
    import dashboard

    with TestClient(dashboard.app) as running:
        yield running
    gc.unfreeze()


@pytest.fixture
def client(server_of_the_dashboard: TestClient, database: Path) -> TestClient:
    """The server, looking at this test's database."""
    return server_of_the_dashboard


def test_health_gives_score_and_every_service(client: TestClient, database: Path) -> None:
    samples.write(database, datetime.now(UTC))
    reading.clear()

    answer = client.get("/api/integrations/health")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-cache"
    document = answer.json()
    assert document.keys() == {"collector", "score", "as_of", "services"}
    assert document["score"] == 90.0
    assert datetime.now(UTC) - datetime.fromisoformat(document["as_of"]) < timedelta(seconds=10)
    assert document["as_of"].endswith("Z")
    assert len(document["services"]) == 16
    fly = next(
        one for one in document["services"] if one["service_name"] == "fly" and one["service_type"] == "mcp"
    )
    last_check = datetime.fromisoformat(fly.pop("last_check"))
    assert datetime.now(UTC) - last_check < timedelta(seconds=20)
    assert fly == {
        "service_type": "mcp",
        "service_name": "fly",
        "status": "down",
        "reason": "connect",
        "response_time_ms": 2,
        "success_rate": 0.0,
    }


def test_health_of_a_stopped_collector_is_unknown(client: TestClient, database: Path) -> None:
    samples.write(database, datetime.now(UTC) - timedelta(days=1), minutes=5)
    reading.clear()

    document = client.get("/api/integrations/health").json()

    assert document["score"] is None
    assert {one["status"] for one in document["services"]} == {"unknown"}
    assert {one["reason"] for one in document["services"]} == {"collector_offline"}


def test_health_of_a_service_that_was_never_checked(client: TestClient, database: Path) -> None:
    samples.write(database, datetime.now(UTC), samples.SERVICES[:1], minutes=-1)
    reading.clear()

    (service,) = client.get("/api/integrations/health").json()["services"]

    assert service["status"] == "unknown"
    assert service["reason"] == "no_data"
    assert service["response_time_ms"] is None
    assert service["last_check"] is None


def test_health_without_a_database_is_unavailable_and_says_why(client: TestClient, database: Path) -> None:
    answer = client.get("/api/integrations/health")

    assert answer.status_code == 503
    assert str(database) in answer.json()["error"]


def test_an_unknown_resource_of_the_api_is_404_in_json(client: TestClient) -> None:
    for path in ("/api", "/api/", "/api/typo", "/api/integrations/typo"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert answer.json() == {"error": f"no such resource: {path}"}


def test_health_is_read_only(client: TestClient) -> None:
    assert client.post("/api/integrations/health").status_code == 405


def test_metrics_and_exports_are_served_too(client: TestClient, database: Path) -> None:
    samples.write(database, datetime.now(UTC), minutes=2)
    reading.clear()

    assert client.get("/api/integrations/metrics?period=1h").json()["step_seconds"] == 300
    answer = client.get("/api/export/services.csv")
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.text.splitlines()) == 17
    assert "content-encoding" not in client.get("/api/export/services.parquet").headers


def test_streamlit_answers_beside_the_api(client: TestClient) -> None:
    assert client.get("/_stcore/health").text == "ok"
    assert "text/html" in client.get("/").headers["content-type"]


@pytest.mark.parametrize("path", ["/", "/service?service=api/shopify", "/trends"])
def test_every_page_comes_compressed_with_what_it_needs_named(client: TestClient, path: str) -> None:
    answer = client.get(
        path, headers={"Accept": "text/html", "If-None-Match": "*", "Accept-Encoding": "gzip"}
    )

    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert "etag" not in answer.headers
    assert "<title>Integration Health</title>" in answer.text
    assert "ArrowVegaLiteChart." in answer.text


def test_the_scripts_come_compressed_and_stay(client: TestClient) -> None:
    (script,) = re.findall(r'src="\./(static/js/index[^"]+)"', client.get("/").text)

    answer = client.get(f"/{script}")

    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert int(answer.headers["content-length"]) < len(answer.content) / 2


def test_the_font_comes_from_here(client: TestClient) -> None:
    answer = client.get("/app/static/inter.woff2")

    assert answer.status_code == 200
    assert answer.content[:4] == b"wOF2"
