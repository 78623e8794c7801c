"""Who has a port, as the system tells it."""

import os
import socket
from pathlib import Path

import pytest

from analytics import listeners
from analytics.listeners import listener
from tests.plugins.ports import free_port


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_who_listens_is_named_without_its_arguments(family: int, host: str) -> None:
    with socket.socket(family) as taken:
        taken.bind((host, 0))
        port = taken.getsockname()[1]
        assert listener(port) == "", "bound is not listening yet"
        taken.listen()

        assert listener(port) == f"process {os.getpid()} ({Path('/proc/self/comm').read_text().strip()})"


def test_nobody_has_no_name() -> None:
    assert listener(free_port()) == ""


def test_where_the_system_tells_nothing_nobody_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "_PROC", tmp_path)

    assert listener(80) == ""
