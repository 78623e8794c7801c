import socket
from collections.abc import Iterator

import pytest

from tests.collector.client.faces import Making


@pytest.fixture(params=["async", "sync"])
def making(request: pytest.FixtureRequest) -> Making:
    """Makes clients of one face; every test that uses it runs for both."""
    return Making(synchronous=request.param == "sync")


@pytest.fixture
def refused_port() -> Iterator[int]:
    """A port that nobody listens on."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield closed.getsockname()[1]
