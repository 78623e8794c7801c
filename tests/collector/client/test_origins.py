"""Who a row says it is from."""

import pytest

from collector.client import HttpReporter, SyncApiClient
from collector.client.arguments import default_origin, program_name
from tests.collector.client.faces import Rows
from tests.collector.client.receiving import receiving
from tests.collector.client.reporting import row


@pytest.mark.parametrize(
    ("environment", "origin"),
    [
        ({"HEALTH_ORIGIN": "shop-sync", "OTEL_SERVICE_NAME": "shop"}, "shop-sync"),
        ({"HEALTH_ORIGIN": " ", "OTEL_SERVICE_NAME": "shop"}, "shop"),
        ({"OTEL_SERVICE_NAME": " shop\n worker\x00 "}, "shop worker"),
        ({"HEALTH_ORIGIN": "a" * 300}, "a" * 100),
        ({"HEALTH_ORIGIN": "probe"}, "probe (program)"),
        ({}, program_name()),
    ],
)
def test_the_environment_names_the_program(environment: dict[str, str], origin: str) -> None:
    assert default_origin(environment) == origin
    assert HttpReporter.from_environment({**environment, "HEALTH_COLLECTOR_URL": "off"}).origin == origin


def test_a_client_without_a_name_takes_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALTH_ORIGIN", "shop-sync")
    assert HttpReporter("off").origin == "shop-sync"
    with SyncApiClient("shop", recorder=Rows()) as client:
        assert client._caller.origin == "shop-sync"
    with SyncApiClient("shop", recorder=Rows(), origin="mine") as client:
        assert client._caller.origin == "mine"


def test_no_program_reports_as_the_collectors_probes() -> None:
    with receiving() as receiver:
        reporter = HttpReporter(receiver.url, origin="probe")
        reporter.record_call(row(1))
        reporter.record_call({**row(2), "origin": "probe"})
        reporter.record_call({**row(3), "origin": "probe-of-mine"})
        assert reporter.close(5)
        (request,) = receiver.arrived
    assert [each["origin"] for each in request.rows] == [
        "probe (program)",
        "probe (program)",
        "probe-of-mine",
    ]
    assert request.headers["x-health-origin"] == "probe (program)"
