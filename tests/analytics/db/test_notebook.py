"""A notebook keeps the file open for hours, a collector writes, a dashboard looks every moment."""

import json

from analytics.db import FileLocation, read_only
from tests.analytics.db.programs import Program
from tests.analytics.db.runs import run_counts, run_ids
from tests.plugins.ports import wait_until

COMMITS = 200


def test_nothing_fails_nothing_is_late_and_nothing_is_missing(file: FileLocation) -> None:
    with Program("camper", file) as notebook, Program("poller", file) as dashboard:
        assert notebook.line() == "camping"
        assert dashboard.line() == "polling"
        view = notebook.ask()
        inodes = {file.path.stat().st_ino}
        committed: dict[str, float] = {}
        # With no pause at all a busy machine never lets the dashboard in between two of them.
        with Program("commits", file, COMMITS, 0.2, 0.02) as collector:
            while line := collector.line():
                run, moment = json.loads(line)
                committed[run] = moment
                inodes.add(file.path.stat().st_ino)
                if len(committed) % 20 == 0:
                    assert notebook.ask() == view
            assert collector.process.wait() == 0
        assert len(committed) == COMMITS

        wait_until(lambda: _all_seen(file, committed), "the last commit to be readable")
        dashboard.say("enough")
        seen: dict[str, float] = dict(map(json.loads, dashboard.rest()))
        assert dashboard.process.wait() == 0
        assert notebook.ask() == view

    assert seen.keys() == committed.keys()
    late = max(seen[run] - committed[run] for run in committed)
    assert late < 5, f"a row was seen {late:.1f} s after its commit"
    # On a busy machine a dashboard may read for longer than a writer waits, and is stepped around as well.
    assert 2 <= len(inodes) <= COMMITS / 20, "the file was copied again and again for one camper"
    with read_only(file) as connection:
        assert run_ids(connection) == committed.keys()
        assert set(run_counts(connection)) == {(16, 16)}


def test_the_dashboard_never_sees_the_past_again(file: FileLocation) -> None:
    """Copies with a log that a crash left, again and again: no moment in which committed rows are away."""
    with Program("poller", file) as dashboard:
        assert dashboard.line() == "polling"
        committed: dict[str, float] = {}
        for _ in range(10):
            with Program("crash", file, 3) as crash:
                crash.process.wait()
            with Program("camper", file) as notebook:
                assert notebook.line() == "camping"
                with Program("commits", file, 3, 0.02) as collector:
                    committed.update(map(json.loads, collector.rest()))
        dashboard.say("enough")
        seen: dict[str, float] = dict(map(json.loads, dashboard.rest()))
        assert dashboard.process.wait() == 0
    assert len(committed) == 30
    assert committed.keys() <= seen.keys()
    assert len(seen) == 60


def _all_seen(file: FileLocation, committed: dict[str, float]) -> bool:
    with read_only(file) as connection:
        return run_ids(connection) == committed.keys()
