"""The notebooks as they are kept, and as they run: on days of the demo, and on a file without a row."""

import asyncio
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from analytics.db import locate
from collector.demo import write_history
from tests.empty_database import empty_database

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAYS = 15
#: How many charts each draws of a file with something in it.
CHARTS = {
    "01_first_look": 4,
    "02_anatomy_of_an_outage": 6,
    "03_latency_and_slo_of_a_month": 7,
    "04_tuning_alerts_by_replay": 4,
}
#: Every kernel is a process; on two processors more of them at once win nothing.
_AT_ONCE = 2
_SVG = "image/svg+xml"


@dataclass(frozen=True)
class Run:
    """What the cells of a notebook gave."""

    outputs: list[Any]

    @property
    def charts(self) -> int:
        return sum(_SVG in output.get("data", {}) for output in self.outputs)

    @property
    def faults(self) -> list[str]:
        errors = [f"{one.ename}: {one.evalue}" for one in self.outputs if one.output_type == "error"]
        return errors + [one.text for one in self.outputs if one.get("name") == "stderr"]

    @property
    def text(self) -> str:
        said = (one.get("data", {}).get("text/plain", "") for one in self.outputs)
        return "\n".join(said)


async def run(cells: list[Any], database: Path) -> None:
    """Run `cells` one after another in a fresh kernel, started in the folder of the notebooks."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = cells
    client = NotebookClient(
        notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(FOLDER)}}
    )
    search = str(Path(sys.executable).parent)
    await client.async_execute(env={"PYTHONPATH": str(ROOT), "HEALTH_DB": str(database), "PATH": search})


def read_cells() -> dict[str, list[Any]]:
    """The cells of each notebook."""
    return {path.stem: nbformat.read(path, as_version=4).cells for path in NOTEBOOKS}


def runs(cells: Mapping[str, list[Any]]) -> Mapping[str, Run]:
    """What cells that were run gave."""
    return {
        name: Run([output for cell in own for output in cell.get("outputs", [])])
        for name, own in cells.items()
    }


@pytest.fixture(scope="module")
def demo_runs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Run]:
    """Each notebook in a kernel of its own, on days of the demo."""
    database = tmp_path_factory.mktemp("notebooks") / "demo.duckdb"
    write_history(locate(database), NOW, DAYS, 1, lambda share, label: None)
    cells = read_cells()

    async def run_each() -> None:
        turn = asyncio.Semaphore(_AT_ONCE)

        async def run_in_turn(own: list[Any]) -> None:
            async with turn:
                await run(own, database)

        await asyncio.gather(*map(run_in_turn, cells.values()))

    asyncio.run(run_each())
    return runs(cells)


@pytest.fixture(scope="module")
def empty_runs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Run]:
    """All of them in one kernel, which is quicker, on a file without a row."""
    database = Path(str(empty_database(tmp_path_factory.mktemp("nothing"))))
    cells = read_cells()
    asyncio.run(run([cell for own in cells.values() for cell in own], database))
    return runs(cells)


def test_every_notebook_is_known() -> None:
    assert [path.stem for path in NOTEBOOKS] == list(CHARTS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_output_is_kept(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert all(len(cell.id) < 30 and not cell.id.isdigit() for cell in notebook.cells)
    assert [cell.id for cell in code if "health = connect()" in cell.source] == ["connect"]


@pytest.mark.parametrize("name", CHARTS)
def test_it_draws_all_its_charts(demo_runs: Mapping[str, Run], name: str) -> None:
    assert demo_runs[name].faults == []
    assert demo_runs[name].charts == CHARTS[name]


def test_the_anatomy_is_of_an_incident_somebody_took_on(demo_runs: Mapping[str, Run]) -> None:
    said = demo_runs["02_anatomy_of_an_outage"].text
    assert "critical incident of " in said
    assert "acknowledged" in said


def test_a_replay_of_the_rules_in_force_tells_what_was_told(demo_runs: Mapping[str, Run]) -> None:
    """Pages of the collector, which belong to no incident, are on both sides."""
    said = demo_runs["04_tuning_alerts_by_replay"].text
    for what in ("incidents", "pages"):
        found = re.search(rf"^{what} +(\d+) +(\d+)$", said, re.MULTILINE)
        assert found is not None
        assert found[1] == found[2] != "0"


def test_charts_of_a_week_have_a_tick_at_each_midnight() -> None:
    cells = {cell.id: cell.source for cell in read_cells()["01_first_look"]}
    for name in ("hours", "latency", "errors"):
        assert "axis=days" in cells[name] or 'tickCount="day"' in cells[name]
        assert "{health.timezone}" in cells[name]


@pytest.mark.parametrize("name", CHARTS)
def test_a_file_without_rows_is_too_little_data(empty_runs: Mapping[str, Run], name: str) -> None:
    assert empty_runs[name].faults == []
    assert empty_runs[name].charts == 0
    assert empty_runs[name].text.count("Too little data yet for ") == CHARTS[name]
