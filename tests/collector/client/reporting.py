"""A reporter that sends to a receiver of the test, and rows for it."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from collector.client import HttpReporter
from tests.collector.client.receiving import Receiver

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TOKEN = "a-token-of-the-test"


@contextlib.contextmanager
def reporting(receiver: Receiver, **settings: Any) -> Iterator[HttpReporter]:
    reporter = HttpReporter(receiver.url, TOKEN, "shop-sync", **settings)
    try:
        yield reporter
    finally:
        reporter.close(2)


def row(number: int = 0) -> dict[str, Any]:
    return {
        "timestamp": NOW,
        "api_name": "shop",
        "endpoint": f"/e{number}",
        "method": "GET",
        "status_code": 200,
    }
