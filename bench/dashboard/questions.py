"""How long each query behind a page takes, asked as the pages ask it.

A process of its own, since a page asks through one cache of its process: `python -m
bench.dashboard.questions` prints, as JSON, the slowest query of each page on HEALTH_DB and its milliseconds.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from analytics.db import Location
from analytics.named_sql import catalogue

_ROUNDS = 5

#: The pages in turn, and what their address asks for.
PAGES: Sequence[tuple[str, dict[str, str]]] = (
    ("overview", {}),
    ("service", {"service": "api/openai", "range": "30d"}),
    ("service", {"service": "webhook/shopify", "range": "30d"}),
    ("service", {"service": "mcp/context7", "range": "30d"}),
    ("trends", {"range": "30d"}),
    ("incidents", {"range": "30d"}),
    ("alerts", {}),
    ("export", {}),
    ("about", {}),
)


def slowest(path: Path) -> dict[str, tuple[str, float]]:
    """By page: its slowest query and how many ms it took, the median of some rounds."""
    command = [sys.executable, "-m", "bench.dashboard.questions"]
    environment = {**os.environ, "HEALTH_DB": str(path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return {page: (name, took) for page, (name, took) in json.loads(done.stdout.splitlines()[-1]).items()}


class _Timed:
    """A connection, or what it answers, that notes how long each statement takes until its rows are there."""

    def __init__(self, inner: Any, note: Callable[[str, float], None], statement: str = "") -> None:
        self._inner, self._note, self._statement = inner, note, statement

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def timed(*arguments: Any, **named: Any) -> Any:
            statement = str(arguments[0]) if name in ("execute", "sql") and arguments else self._statement
            begun = time.perf_counter()
            answer = found(*arguments, **named)
            self._note(statement, 1000 * (time.perf_counter() - begun))
            if name == "to_arrow_reader":
                return self._batches(answer)
            return _Timed(answer, self._note, statement) if name in ("execute", "sql") else answer

        return timed

    def _batches(self, reader: Iterable[Any]) -> Iterator[Any]:
        """The batches of `reader`, each of which takes its time when it is asked for."""
        batches = iter(reader)
        while True:
            begun = time.perf_counter()
            batch = next(batches, None)
            self._note(self._statement, 1000 * (time.perf_counter() - begun))
            if batch is None:
                return
            yield batch


def _measure() -> dict[str, tuple[str, float]]:
    from streamlit.testing.v1 import AppTest

    from pages._ui import answers, reading

    names = {query.sql: name for name, query in catalogue().items()}
    spent: dict[str, float] = defaultdict(float)

    def note(statement: str, milliseconds: float) -> None:
        spent[names.get(statement, statement[:60])] += milliseconds

    # The only place where a page opens the database.
    read: Any = answers.read

    def timed_read(
        location: Location, now: datetime, patience: float, work: Callable[[Any, datetime], Any]
    ) -> Any:
        return read(
            location, now, patience, lambda connection, moment: work(_Timed(connection, note), moment)
        )

    vars(answers)["read"] = timed_read
    found: dict[str, tuple[str, float]] = {}
    for page, asked in PAGES:
        rounds: dict[str, list[float]] = defaultdict(list)
        for _ in range(_ROUNDS):
            app = AppTest.from_file(str(Path("dashboard.py").resolve()), default_timeout=60).run()
            reading.clear()
            spent.clear()
            for name, value in asked.items():
                app.query_params[name] = value
            app.switch_page(f"pages/{page}.py").run()
            if app.exception:
                raise RuntimeError(f"{page}: {app.exception[0].value}")
            for name, milliseconds in spent.items():
                rounds[name].append(milliseconds)
        medians = {name: statistics.median(times) for name, times in rounds.items()}
        name = max(medians, key=lambda one: medians[one])
        if medians[name] > found.get(page, ("", 0.0))[1]:
            found[page] = (name, medians[name])
    return found


if __name__ == "__main__":
    print(json.dumps(_measure()))
