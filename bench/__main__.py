"""`make bench`: run the benches, print a table, write it as JSON, and on request into the README."""

import argparse
import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import duckdb

from bench.figure import Figure, table

MODULES = (
    "store_write",
    "many_services",
    "memory",
    "client_overhead",
    "ingest",
    "judging",
    "alerting",
    "alert_rules",
    "dashboard",
    "history",
    "retention",
    "export",
    "queries",
    "replay",
)
README = Path("README.md")
RESULTS = Path("bench/results")
_BEGIN, _END = "<!-- bench -->", "<!-- /bench -->"


def main(arguments: Sequence[str]) -> int:
    """Run the named modules (default: all); 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "modules", nargs="*", metavar="MODULE", help=f"of {', '.join(MODULES)} (default: all)"
    )
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.modules) - set(MODULES))
    if unknown:
        parser.error(f"no such module: {', '.join(unknown)}; there are {', '.join(MODULES)}")
    figures: list[Figure] = []
    for name in options.modules or MODULES:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        figures += importlib.import_module(f"bench.{name}").measure()
    print(f"{machine()}\n\n{table(figures)}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    rows = [{**asdict(figure), "met": figure.met} for figure in figures]
    path.write_text(json.dumps({"machine": machine(), "figures": rows}, indent=2) + "\n")
    print(f"\nwritten to {path}", file=sys.stderr)
    if options.readme:
        _into_readme(f"{machine()}\n\n{table(figures)}")
    return 1 if any(figure.met is False for figure in figures) else 0


def machine() -> str:
    """The machine in one line."""
    return (
        f"Measured on {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}."
    )


def _into_readme(text: str) -> None:
    readme = README.read_text()
    before, rest = readme.split(_BEGIN, 1)
    after = rest.split(_END, 1)[1]
    README.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
