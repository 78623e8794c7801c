"""A receiver that cannot be: only a collector that would listen ends because of it."""

from pathlib import Path

import pytest

from tests.collector.running import command, http_service, write_configuration
from tests.plugins.ports import free_port

WRONG = {"HEALTH_LISTEN": "0.0.0.0:8600", "HEALTH_TOKEN": ""}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_configuration(tmp_path, http_service("dead", f"http://127.0.0.1:{free_port()}/"))
    return tmp_path


@pytest.mark.parametrize("arguments", [[], ["--check-config"]])
def test_what_would_listen_exits_2_before_the_database_is_touched(folder: Path, arguments: list[str]) -> None:
    ended = command(arguments, folder, **WRONG)
    assert ended.code == 2
    assert ended.err.startswith("HEALTH_LISTEN: 0.0.0.0:8600 is reachable from other machines")
    assert ended.err.count("\n") == 1
    assert not (folder / "data").exists()


@pytest.mark.parametrize("arguments", [["--once"], ["explain", "infrastructure/dead"]])
def test_what_never_listens_goes_on(folder: Path, arguments: list[str]) -> None:
    ended = command(arguments, folder, **WRONG)
    assert "HEALTH_LISTEN" not in ended.err
    assert ended.code == 0


def test_a_token_that_is_too_short_is_a_secret_all_the_same(folder: Path) -> None:
    write_configuration(folder, http_service("dead", f"http://127.0.0.1:{free_port()}/hunter2"))
    ended = command(["--once"], folder, HEALTH_TOKEN="hunter2")
    assert ended.code == 0
    assert "hunter2" not in ended.err + ended.out
