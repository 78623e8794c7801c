"""A Node program that knows nothing of us, instrumented by environment variables alone, as the docs say."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from tests.collector.receiver.otlp_receiving import Receiving, receiving
from tests.need import program
from tests.plugins.ports import free_port
from tests.servers import npm
from tests.servers.http_loopback import hang, responding, serve

HERE = Path(__file__).parent.parent.parent / "servers" / "otel-node"
TOKEN = "token of this test"
NO_CONNECTION = "there was no connection, or it broke off before the answer"


async def answer(request: Request) -> Response:
    match request.path_params["path"].split("/")[0]:
        case "hang":
            return await hang(request)
        case "old":
            return RedirectResponse("/orders/7", 302)
        case number if number.isdigit():
            return PlainTextResponse("" if number == "304" else "said", int(number))
    return PlainTextResponse("fine")


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with serve(responding(answer)) as url:
        yield url


def environment(receiver: Receiving, protocol: str, **more: str) -> dict[str, str]:
    """What docs/opentelemetry.md says, and no more than that."""
    return {
        "PATH": os.environ["PATH"],
        "NODE_OPTIONS": "--require @opentelemetry/auto-instrumentations-node/register",
        "OTEL_SERVICE_NAME": "shop-frontend",
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
        "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer%20{TOKEN.replace(' ', '%20')}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_NODE_RESOURCE_DETECTORS": "env",
        **more,
    }


def run(calls: list[str], variables: dict[str, str]) -> None:
    folder = npm.installed(HERE).parent
    done = subprocess.run(
        [program("node"), HERE / "calls.cjs", *calls],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("protocol", "more"),
    [("http/protobuf", {}), ("http/json", {"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"})],
    ids=["protobuf", "json-gzip"],
)
def test_the_calls_of_a_node_program_are_rows(upstream: str, protocol: str, more: dict[str, str]) -> None:
    refused = f"http://127.0.0.1:{free_port()}"
    hosts = {upstream.removeprefix("http://"): "shop", refused.removeprefix("http://"): "closed"}
    hosts["nowhere.invalid"] = "nowhere"
    calls = [
        f"fetch {upstream}/orders/4242?token=sekrit#sekrit",
        f"fetch {upstream}/404/unknown?token=sekrit",
        f"fetch {upstream}/500/broken",
        f"fetch {upstream}/429/slowly",
        f"fetch {upstream}/304/same",
        f"fetch {upstream}/old?token=sekrit",
        f"fetch {refused}/x?token=sekrit",
        f"fetch {upstream.replace('127.0.0.1', 'localhost')}/elsewhere",
        f"timeout {upstream}/hang/1?token=sekrit",
        f"abort {upstream}/hang/2?token=sekrit",
        f"http {upstream}/customers/9?token=sekrit",
        f"http {refused}/y?token=sekrit",
        "http http://nowhere.invalid/z?token=sekrit",
    ]
    with receiving(hosts, token=TOKEN) as receiver:
        run(calls, environment(receiver, protocol, **more))
    found = [
        (row["api_name"], row["endpoint"], row["status_code"], row["reason"], row["error_message"])
        for row in receiver.rows
    ]
    assert found == [
        ("shop", "/orders/{id}", 200, None, None),
        ("shop", "/{id}/unknown", 404, "http_4xx", "answered 404 Not Found"),
        ("shop", "/{id}/broken", 500, "http_5xx", "answered 500 Internal Server Error"),
        ("shop", "/{id}/slowly", 429, "rate_limited", "answered 429 Too Many Requests"),
        ("shop", "/{id}/same", 304, None, None),
        ("shop", "/orders/{id}", 200, None, None),
        ("closed", "/x", None, "connect", f"{NO_CONNECTION} (ECONNREFUSED)"),
        ("shop", "/hang/{id}", None, "timeout", "there was no answer in time (TimeoutError)"),
        ("shop", "/customers/{id}", 200, None, None),
        ("closed", "/y", None, "connect", f"{NO_CONNECTION} (ECONNREFUSED)"),
        ("nowhere", "/z", None, "dns", "the name of the host could not be looked up (ENOTFOUND)"),
    ]
    assert {(row["origin"], row["method"], row["retries"]) for row in receiver.rows} == {
        ("shop-frontend", "GET", 0)
    }
    assert "sekrit" not in repr(receiver.rows)
    counters = receiver.counters
    assert (counters.intermediate_spans, counters.aborted_spans, counters.rejected_spans) == (1, 1, 0)
    assert counters.unmapped_spans == 1
