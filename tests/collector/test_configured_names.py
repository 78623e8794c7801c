"""The running collector knows the names of its file: it tells of others, and of sources without a secret."""

from pathlib import Path

import httpx

from tests.collector.running import http_service, running, write_configuration
from tests.plugins.ports import free_port, wait_until

SERVICES = """
[[services]]
type = "api"
name = "openai"
probe = "openai"
api_key = "${NO_SUCH_KEY}"

[[services]]
type = "webhook"
name = "shopify"
probe = "webhook"
"""


def test_names_that_the_file_has_not_are_told_of(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/"
    write_configuration(tmp_path, http_service("fine", nobody) + SERVICES)
    port, log = free_port(), tmp_path / "collector.log"
    url = f"http://127.0.0.1:{port}"
    rows = [{"api_name": "openai", "status_code": 200}, {"api_name": "opnai", "status_code": 200}]
    with running([], tmp_path, HEALTH_LISTEN=f"127.0.0.1:{port}"):
        wait_until(lambda: "event=listening" in log.read_text(), "the receiver")
        with httpx.Client(verify=False, base_url=url, trust_env=False, timeout=20) as client:
            assert client.post("/ingest/api-metrics", json=rows).json()["stored"] == 2
            assert client.post("/ingest/webhook-metrics", json={"source": "shopify"}).json()["stored"] == 1
            assert client.post("/webhooks/shopify").json()["error"] == "no_secret"
            assert client.post("/webhooks/stripe").json()["error"] == "unknown_source"
    told = [line for line in log.read_text().splitlines() if "event=unknown_name" in line]
    assert len(told) == 1, told
    assert told[0].endswith("event=unknown_name table=api_metrics name=opnai did_you_mean=openai")
