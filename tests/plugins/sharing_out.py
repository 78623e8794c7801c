"""How the tests are shared out among workers, and what the workers share."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

#: What takes longest to run begins, so that no worker is left with it at the end; the file that makes what
#: others wait for comes long before them. Measured; anything from fifteen seconds on belongs here.
_FIRST = (
    "pages/walk/test_looks.py",
    "pages/walk/test_living.py",
    "analytics/commands/test_ending.py",
    "collector/demo/history/test_history.py",
    "pages/walk/test_keyboard.py",
    "pages/walk/test_walking.py",
    "pages/walk/test_hostile.py",
    "collector/test_alerting_stories.py",
    "collector/test_receiver_killed.py",
    "collector/receiver/test_fuzz_receiver.py",
    "notebooks/test_notebooks.py",
    "collector/test_command_line.py",
    "collector/test_running_collector.py",
    "analytics/db/test_crash.py",
    "analytics/db/test_notebook.py",
    "pages/walk/test_narrow.py",
    "collector/probes/mcp/test_processes.py",
    "analytics/replay/test_engine_live.py",
    "collector/notify/test_chaos.py",
    "collector/demo/test_upstreams.py",
    "collector/demo/test_traffic_parts.py",
    "collector/demo/test_traffic.py",
    "pages/test_alerts_acting.py",
    "pages/test_incident_acting.py",
    "analytics/db/test_lake.py",
    "pages/test_reading.py",
    "pages/test_access_served.py",
    "pages/walk/test_collector.py",
    "collector/demo/test_demo_command.py",
    "collector/vendors/test_vendor_properties.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A worker is given the files in this order, together with `--no-loadscope-reorder`."""
    if hasattr(config, "workerinput"):
        turns = {Path(__file__).parent.parent / path: turn for turn, path in enumerate(_FIRST)}
        for path in turns:
            assert path.is_file(), f"{path} is gone: put its new place into {__file__}"
        items.sort(key=lambda item: turns.get(item.path, len(turns)))


def made_once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` as `make` filled it, once a test run: the worker that asks first makes it.

    Nobody may change anything in it.
    """
    base = temporary.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made, half = run / name, run / f"{name}.half"
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            make(half)
            half.rename(made)
    return made
