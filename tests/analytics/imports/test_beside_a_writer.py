"""An import into a database that a collector writes to at the same time, from another process."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from analytics.db import FileLocation, Location
from tests.analytics.imports.bringing import MINUTE, NOW, answer, bring, counted, minutely
from tests.analytics.imports.other_monitors import fill

_ROOT = Path(__file__).parents[3]
_ROWS = 40


def test_the_counts_of_both_are_exact(location: Location, kuma: Path) -> None:
    assert isinstance(location, FileLocation)
    days = (40, 35, 3, 2)
    fill(
        kuma, "heartbeat", [row for age in days for row in minutely(NOW - timedelta(days=age), 50, down=[5])]
    )
    first = NOW - timedelta(days=2)
    command = [
        sys.executable,
        "-m",
        "tests.analytics.imports.writer",
        str(location.path),
        first.isoformat(),
        str(_ROWS),
    ]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as writer:
        said = writer.stdout
        assert said is not None
        turns: list[str] = []

        def wait_for_the_other(sentence: str, share: float) -> None:
            turns.append(said.readline())

        done = bring(location, kuma, progress=wait_for_the_other, rows_at_once=1)
        rest = said.readlines()

    assert writer.returncode == 0
    assert turns[:8] == ["written\n"] * 8
    assert len([turn for turn in [*turns, *rest] if turn]) == _ROWS
    assert done.checks == 200
    assert bring(location, kuma, NOW + MINUTE).checks == 0
    assert counted(location) == {"healthy": 196 + _ROWS, "down": 4}
    own = answer(location, "SELECT sum(checks) FROM check_hours WHERE service_name = 'redis'")
    assert own == [(_ROWS,)]
    assert answer(location, "SELECT count(*) FROM late_hours") == [(0,)]
