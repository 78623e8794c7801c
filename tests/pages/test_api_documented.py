"""Every command of docs/api.md, tried on a dashboard that is served as users serve it."""

import json
import shlex
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from tests.need import program
from tests.pages import samples
from tests.pages.conftest import ROOT, serving

USUAL = "http://127.0.0.1:8501"
COMMANDS = [
    line.strip()
    for line in (ROOT / "docs" / "api.md").read_text().splitlines()
    if line.startswith("    curl ")
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("documented")
    samples.write(folder / "health.duckdb", datetime.now(UTC), minutes=5)
    with serving(folder / "health.duckdb", folder / "log") as found:
        yield found


def test_every_command_works_and_brings_what_it_says(address: str, tmp_path: Path) -> None:
    assert len(COMMANDS) == 8
    said = [_run(command.replace(USUAL, address), tmp_path) for command in COMMANDS]

    health, metrics = (json.loads(text) for text in said[:2])
    assert len(health["services"]) == 16
    assert len(metrics["series"]) == 4
    assert json.loads((tmp_path / "metrics.json").read_text()).keys() == metrics.keys()
    assert len((tmp_path / "slo.csv").read_text().splitlines()) == 17
    assert "api_name" in parquet.read_schema(tmp_path / "calls.parquet").names
    (named,) = tmp_path.glob("integration_health_checks_down_*.csv")
    assert named.read_text().splitlines()[0] == "timestamp,service_name,message"
    assert len(named.read_text().splitlines()) > 1


def _run(command: str, folder: Path) -> str:
    words = shlex.split(command)
    done = subprocess.run(
        [program(words[0]), *words[1:]], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout
